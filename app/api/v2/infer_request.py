"""A request for inference, parsed and checked: what it asks for, and its pictures."""

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import ValidationError

from app.api.v2.json_data import JsonData, cut_data, parse_files, parse_pixels
from app.api.v2.schemas import InferenceRequest, RequestInput
from app.errors import (
    FileTooLargeError,
    InvalidParameterError,
    InvalidTensorError,
    MalformedRequestError,
    RequestError,
    TooManyFilesError,
)
from app.lenet.image_types import GreyImage
from app.uploads.upload_limits import UploadLimits

_LENGTH = struct.Struct("<I")  # stands before each element of BYTES


@dataclass(frozen=True, slots=True)
class Inference:
    """A request and its pictures: files, or grey levels [height, width]."""

    request: InferenceRequest
    pictures: Sequence[bytes | GreyImage]


def parse(body: bytearray, json_length: int | None, limits: UploadLimits) -> Inference:
    """Return the request in `body`: JSON, of `json_length` bytes where binary data follows it.

    Raises a kind of `RequestError`.
    """
    length = len(body) if json_length is None else json_length
    if length > len(body):
        raise MalformedRequestError(f"the JSON has {length:,} bytes by its header, and the body has {len(body):,}")
    text, data = cut_data(body if length == len(body) else body[:length])
    request = _validated(text)
    [tensor] = request.inputs
    binary, size = memoryview(body)[length:], tensor.parameters.binary_data_size
    if (size or 0) != len(binary):
        raise MalformedRequestError(f"binary_data_size is {size or 0:,}, and {len(binary):,} bytes follow the JSON")
    if (size is None) is (data is None) or (data is None) is bool(tensor.data):
        raise InvalidTensorError(f"{tensor.name}: send either an array data or binary_data_size")
    try:
        return Inference(request, _pictures(tensor, data, binary, limits))
    except RequestError as error:
        raise type(error)(f"{tensor.name}: {error}") from error


def _validated(text: bytearray) -> InferenceRequest:
    try:
        return InferenceRequest.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        kind = InvalidParameterError if "parameters" in first["loc"] else MalformedRequestError
        if "data" in first["loc"]:  # what stands in place of an array is the first one's
            raise kind("one input is taken, with its data in one array") from error
        place = re.sub(r"\.(\d+)", r"[\1]", ".".join(str(part) for part in first["loc"]))
        raise kind(f"{place}: {first['msg']}" if place else "the body is no JSON") from error


def _pictures(
    tensor: RequestInput, data: JsonData | None, binary: memoryview, limits: UploadLimits
) -> Sequence[bytes | GreyImage]:
    wanted = {"image": "UINT8", "file": "BYTES"}.get(tensor.name)
    if wanted is None:
        raise InvalidTensorError("there is no such input; there are image and file")
    if tensor.datatype != wanted:
        raise InvalidTensorError(f"the datatype is {tensor.datatype}; {wanted} is accepted")
    if min(tensor.shape) < 1:
        raise InvalidTensorError("every size of the shape must be at least 1")
    count = tensor.shape[0]
    if count > limits.batch_files:
        raise TooManyFilesError(f"a batch may have at most {limits.batch_files:,} pictures")
    if tensor.name == "image":
        return list(_levels(tensor.shape, data, binary, limits))
    if len(tensor.shape) != 1:
        raise InvalidTensorError(f"the shape is {list(tensor.shape)}; [N] is accepted")
    return parse_files(data, count, limits.file_bytes) if data else _elements(binary, count, limits.file_bytes)


def _levels(shape: tuple[int, ...], data: JsonData | None, binary: memoryview, limits: UploadLimits) -> GreyImage:
    """Return grey levels [N, height, width]."""
    if len(shape) not in (3, 4) or (len(shape) == 4 and shape[1] != 1):
        raise InvalidTensorError(f"the shape is {list(shape)}; [N, H, W] and [N, 1, H, W] are accepted")
    count, (height, width) = shape[0], shape[-2:]
    if height * width > limits.file_bytes:
        raise FileTooLargeError(f"a picture may have at most {limits.file_bytes:,} bytes")
    if data:
        pixels = parse_pixels(data, shape)
    elif len(binary) == count * height * width:
        pixels = np.frombuffer(binary, np.uint8)
    else:
        raise InvalidTensorError(f"the shape has {count * height * width:,} bytes, and {len(binary):,} were sent")
    return pixels.reshape(count, height, width)


def _elements(binary: memoryview, count: int, most_bytes: int) -> list[bytes]:
    """Return the elements of BYTES, each after its length."""
    files: list[bytes] = []
    at = 0
    while at < len(binary) and len(files) < count:
        start = at + _LENGTH.size
        size = int.from_bytes(binary[at:start], "little")
        at = start + size
        if at > len(binary):
            raise InvalidTensorError(f"element {len(files)} ends after the binary data does")
        if size > most_bytes:
            raise FileTooLargeError(f"element {len(files)}: a picture may have at most {most_bytes:,} bytes")
        files.append(bytes(binary[start:at]))
    if at != len(binary) or len(files) != count:
        raise InvalidTensorError(f"the shape has {count} elements, and the binary data has another number")
    return files
