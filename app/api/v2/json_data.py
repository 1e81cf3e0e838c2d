"""The data of a JSON tensor: cut out of its request, and parsed in steps.

A JSON parser makes objects of many times the bytes of a hostile text, and holds Python's lock until it is done. Here
the data never becomes more than bytes, and the steps are small.
"""

import json
import re
from binascii import a2b_base64
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from app.errors import FileTooLargeError, InvalidTensorError, MalformedRequestError, RequestTooLargeError

MOST_HEADER_BYTES = 65_536
"""The most bytes of a request's JSON besides the data."""

_KEY = re.compile(rb'"data"[ \t\r\n]{0,99}:[ \t\r\n]{0,99}(?=\[)')
_STEP = 65_536  # bytes of text; a multiple of 4, in which base64 is decoded
_SPACE = b" \t\r\n"
_DIGITS_AS_0 = bytes.maketrans(b"123456789", b"0" * 9)
_BRACKETS_AS_SPACE = bytes.maketrans(b"[]", b"  ")


@dataclass(frozen=True, slots=True)
class JsonData:
    """The array of a tensor's data, from the first bracket to the last: `text[start:end]`."""

    text: bytearray
    start: int
    end: int


def cut_data(text: bytearray) -> tuple[bytearray, JsonData | None]:
    """Return a request's JSON with `true` in place of its tensor's data, and the data; None where there is no array.

    The data is numbers or base64, so that it ends before the next colon or brace. If that is not so, one of the two
    parts is no JSON, and parsing it fails. Raises a kind of `RequestError` when the JSON besides the data is too long.
    """
    key = _KEY.search(text, 0, MOST_HEADER_BYTES)
    if key is None:
        _check_header(len(text))
        return text, None
    start = key.end()
    stops = [at for at in (text.find(b":", start), text.find(b"}", start)) if at >= 0]
    end = text.rfind(b"]", start, min(stops, default=len(text))) + 1
    if not end:
        raise MalformedRequestError("data: the array does not end")
    _check_header(len(text) - (end - start))
    return text[:start] + b"true" + text[end:], JsonData(text, start, end)


def parse_pixels(data: JsonData, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Return the whole numbers from 0 to 255 of an array, flat or nested as `shape`, as an array of that shape.

    Raises `InvalidTensorError` when they are not, or do not fit the shape.
    """
    count = prod(shape)
    if data.end - data.start < 2 * count + 1:
        raise InvalidTensorError(f"data: the shape has {count:,} numbers, and there are fewer")
    pixels, marks = bytearray(), bytearray()
    for step in _steps(data):
        found = step.translate(_DIGITS_AS_0, _SPACE)
        if b"0[" in found or b"]0" in found or found.translate(None, b"0,[]"):
            raise InvalidTensorError("data: whole numbers from 0 to 255 are accepted")
        try:
            pixels += bytes(json.loads(b"[" + step.translate(_BRACKETS_AS_SPACE) + b"]"))
        except ValueError as error:  # no JSON, or a number above 255
            raise InvalidTensorError("data: whole numbers from 0 to 255 are accepted") from error
        marks += found.translate(None, b"0") + b","
    nested = marks.startswith(b"[[")
    if len(pixels) != count or marks[:-1] != _brackets(shape if nested else (count,)):
        raise InvalidTensorError(f"data: the numbers are neither flat nor nested as the shape {list(shape)} is")
    return np.frombuffer(pixels, np.uint8).reshape(shape)


def parse_files(data: JsonData, count: int, most_bytes: int) -> list[bytes]:
    """Return the files of an array of `count` base64 strings.

    Raises `InvalidTensorError` when it is not, and `FileTooLargeError` for a file of more than `most_bytes`.
    """
    inner, end = data.start + 1, data.end - 1
    if data.text.count(b",", inner, end) != count - 1:
        raise InvalidTensorError(f"data: the shape has {count} strings, and data has another number")
    files = []
    for index in range(count):
        comma = data.text.find(b",", inner, end)
        string = data.text[inner : end if comma < 0 else comma].strip(_SPACE)
        inner = comma + 1
        if len(string) < 2 or not string.startswith(b'"') or not string.endswith(b'"'):
            raise InvalidTensorError(f"data[{index}]: strings in base64 are accepted")
        if b"\\" in string:
            string = string.replace(rb"\/", b"/")  # some encoders escape it
        if len(string) // 4 * 3 - string[-3:].count(b"=") > most_bytes:
            raise FileTooLargeError(f"data[{index}]: a picture may have at most {most_bytes:,} bytes")
        try:
            files.append(_from_base64(string[1:-1]))
        except ValueError as error:
            raise InvalidTensorError(f"data[{index}]: strings in base64 are accepted") from error
    return files


def _check_header(size: int) -> None:
    if size > MOST_HEADER_BYTES:
        raise RequestTooLargeError(f"the JSON besides the data may have at most {MOST_HEADER_BYTES:,} bytes")


def _steps(data: JsonData) -> Iterator[bytearray]:
    """Yield the text in pieces that end before a comma."""
    at = data.start
    while at <= data.end:
        comma = data.text.find(b",", at + _STEP, data.end)
        stop = data.end if comma < 0 else comma
        if stop - at > 3 * _STEP:
            raise InvalidTensorError("data: there is too much white space between two numbers")
        yield data.text[at:stop]
        at = stop + 1


def _brackets(shape: tuple[int, ...]) -> bytes:
    """Return a nested array of this shape without its numbers, such as `[[,,],[,,]]`."""
    nested = b""
    for size in reversed(shape):
        nested = b"[" + b",".join([nested] * size) + b"]"
    return nested


def _from_base64(text: bytearray) -> bytes:
    if 0 <= text.find(b"=") < len(text) - 2:
        raise ValueError("padding stands at the end")
    return b"".join(a2b_base64(text[at : at + _STEP], strict_mode=True) for at in range(0, len(text), _STEP))
