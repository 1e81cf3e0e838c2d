"""Reading an upload's body as it arrives: within its limits, in memory, and never half.

Not Starlette's form parser, because that one has counted a file's bytes only once it has written them all to disk, and
cannot set aside a single file that is too large. The multipart format itself is python-multipart's.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from app.budget import Charge
from app.errors import (
    ContentTypeError,
    FileTooLargeError,
    MalformedRequestError,
    MissingFileError,
    RequestError,
    RequestTooLargeError,
    UploadTimeoutError,
)
from app.form import FIELD, FileForm
from app.plain_form import only_file

# What boundaries, part headers and other small fields may add to a single picture's bytes.
FORM_ALLOWANCE = 65_536

Consumer = Callable[[bytes], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadLimits:
    """Most bytes of a picture, most bytes of a batch's body, most pictures in it, and seconds for a body to arrive."""

    file_bytes: int
    batch_bytes: int
    batch_files: int
    seconds: float


async def read_one(request: Request, limits: UploadLimits, charge: Charge) -> bytes:
    """Return the bytes of the one picture sent: the form's `file`, or the whole body when its type is an image's.

    `charge` is told of every byte taken in. Raises a kind of `RequestError`.
    """
    content_type, options = parse_options_header(request.headers.get("content-type"))
    if content_type.startswith(b"image/") or content_type == b"application/octet-stream":
        body = bytearray()
        too_large = FileTooLargeError(f"a picture may have at most {limits.file_bytes:,} bytes")
        await _receive(request, _charged(body.extend, charge), limits.file_bytes, too_large, limits.seconds)
        return bytes(body)
    form = FileForm(most_files=1, most_file_bytes=limits.file_bytes)
    most_bytes = limits.file_bytes + FORM_ALLOWANCE
    too_large = FileTooLargeError(f"a picture may have at most {limits.file_bytes:,} bytes")
    parser = _parser(form, content_type, options)
    plain: bytes | None = None
    announced = request.headers.get("content-length")

    def consume(chunk: bytes) -> None:
        nonlocal plain
        if announced == str(len(chunk)):  # the whole body, as it is when it is small
            plain = only_file(chunk, options[b"boundary"])
        if plain is None:
            parser.write(chunk)

    await _receive(request, _charged(consume, charge), most_bytes, too_large, limits.seconds)
    if plain is not None:
        if len(plain) > limits.file_bytes:
            raise too_large
        return plain
    [upload] = form.finish()
    if isinstance(upload, RequestError):
        raise upload
    return upload


async def read_many(request: Request, limits: UploadLimits, charge: Charge) -> list[bytes | RequestError]:
    """Return each of the form's files in order, as bytes, or as the error it stands for when it alone is too large.

    Raises a kind of `RequestError` when the request as a whole cannot be read.
    """
    content_type, options = parse_options_header(request.headers.get("content-type"))
    form = FileForm(most_files=limits.batch_files, most_file_bytes=limits.file_bytes)
    too_large = RequestTooLargeError(f"the body may have at most {limits.batch_bytes:,} bytes")
    parser = _parser(form, content_type, options)
    await _receive(request, _charged(parser.write, charge), limits.batch_bytes, too_large, limits.seconds)
    return form.finish()


def _parser(form: FileForm, content_type: bytes, options: dict[bytes, bytes]) -> MultipartParser:
    if not content_type:
        raise MissingFileError(f"send a multipart form with the picture in its field {FIELD}")
    if content_type != b"multipart/form-data":
        # curl's --data-binary says application/x-www-form-urlencoded unless told otherwise.
        raise ContentTypeError(
            f"{content_type.decode('latin-1')} is not accepted; send multipart/form-data with a field {FIELD}, or to "
            "/predict the picture itself as image/png, another image type or application/octet-stream"
        )
    boundary = options.get(b"boundary")
    if not boundary:
        raise MalformedRequestError("the content type names no boundary")
    try:
        return MultipartParser(boundary, form.callbacks())
    except FormParserError as error:
        raise MalformedRequestError("the content type's boundary is too long") from error


def _charged(consume: Consumer, charge: Charge) -> Consumer:
    def consume_charged(chunk: bytes) -> None:
        charge(len(chunk))
        consume(chunk)

    return consume_charged


async def _receive(
    request: Request, consume: Consumer, most_bytes: int, too_large: RequestError, seconds: float
) -> None:
    """Hand the body to `consume` as it arrives; raises `too_large` as soon as that is known, and when it is late."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > most_bytes:
        raise too_large
    arrived = 0
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                arrived += len(chunk)
                if arrived > most_bytes:
                    raise too_large
                consume(chunk)
    except FormParserError as error:
        raise MalformedRequestError("the body is not the multipart form that its content type announces") from error
    except TimeoutError:
        raise UploadTimeoutError(f"the body did not arrive within {seconds:g} seconds") from None
    except ClientDisconnect:
        raise MalformedRequestError("the connection was closed before the body was complete") from None
