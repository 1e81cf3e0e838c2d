"""Reading an upload's body as it arrives: within its limits, in memory, and never half.

Not Starlette's form parser, because that one has counted a file's bytes only once it has written them all to disk, and
cannot set aside a single file that is too large. The multipart format itself is python-multipart's.
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MAX_BOUNDARY_LENGTH, MultipartParser, parse_options_header
from starlette.types import Receive, Scope

from app.errors import (
    ContentTypeError,
    FileTooLargeError,
    MalformedRequestError,
    MissingFileError,
    RequestError,
    RequestTooLargeError,
    UploadTimeoutError,
)
from app.runtime.memory_budget import Charge
from app.uploads.fast_multipart import plain_files
from app.uploads.multipart import FIELD, FileForm

# What boundaries, part headers and other small fields may add to a single picture's bytes.
FORM_ALLOWANCE = 65_536

_LONGEST_NUMBER = 18

_FORM = b"multipart/form-data"
# As clients write it; the characters of a boundary are those of RFC 2046, 5.1.1, without the space.
_USUAL_TYPE = re.compile(rb"multipart/form-data; boundary=([\w'()+,./:=?-]{1,70})")


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadLimits:
    """Most bytes of a picture, most bytes of a batch's body, most pictures in it, and seconds for a body to arrive."""

    file_bytes: int
    batch_bytes: int
    batch_files: int
    seconds: float


async def read_one(scope: Scope, receive: Receive, limits: UploadLimits, charge: Charge) -> bytes:
    """Return the bytes of the one picture sent: the form's `file`, or the whole body when its type is an image's.

    `charge` is told of every byte taken in. Raises a kind of `RequestError`.
    """
    headers = _headers(scope)
    content_type, boundary = _content_type(headers)

    def too_large() -> RequestError:
        return FileTooLargeError(f"a picture may have at most {limits.file_bytes:,} bytes")

    if content_type.startswith(b"image/") or content_type == b"application/octet-stream":
        chunks: list[bytes] = []
        body = _Body(headers, receive, charge, limits.file_bytes, too_large, limits.seconds)
        await body.hand_to(chunks.append)
        return b"".join(chunks)
    _check_form(content_type, boundary)
    form = FileForm(most_files=1, most_file_bytes=limits.file_bytes)
    body = _Body(headers, receive, charge, limits.file_bytes + FORM_ALLOWANCE, too_large, limits.seconds)
    [upload] = await _read_form(body, boundary, form)
    if isinstance(upload, RequestError):
        raise upload
    return upload


async def read_many(scope: Scope, receive: Receive, limits: UploadLimits, charge: Charge) -> list[bytes | RequestError]:
    """Return each of the form's files in order, as bytes, or as the error it stands for when it alone is too large.

    Raises a kind of `RequestError` when the request as a whole cannot be read.
    """
    headers = _headers(scope)
    content_type, boundary = _content_type(headers)
    _check_form(content_type, boundary)

    def too_large() -> RequestError:
        return RequestTooLargeError(f"the body may have at most {limits.batch_bytes:,} bytes")

    form = FileForm(most_files=limits.batch_files, most_file_bytes=limits.file_bytes)
    body = _Body(headers, receive, charge, limits.batch_bytes, too_large, limits.seconds)
    return await _read_form(body, boundary, form)


def _headers(scope: Scope) -> dict[bytes, bytes]:
    """Return the request's headers by their names in small letters; of several with one name the first."""
    return dict(reversed(scope["headers"]))


def _content_type(headers: dict[bytes, bytes]) -> tuple[bytes, bytes]:
    """Return the content type in small letters, and a form's boundary; each empty where there is none."""
    value = headers.get(b"content-type", b"")
    if usual := _USUAL_TYPE.fullmatch(value):
        return _FORM, usual[1]
    content_type, options = parse_options_header(value)
    return content_type, options.get(b"boundary", b"")


def _check_form(content_type: bytes, boundary: bytes) -> None:
    if not content_type:
        raise MissingFileError(f"send a multipart form with the picture in its field {FIELD}")
    if content_type != _FORM:
        # curl's --data-binary says application/x-www-form-urlencoded unless told otherwise.
        raise ContentTypeError(
            f"{content_type.decode('latin-1')} is not accepted; send multipart/form-data with a field {FIELD}, or to "
            "/predict the picture itself as image/png, another image type or application/octet-stream"
        )
    if not boundary:
        raise MalformedRequestError("the content type names no boundary")
    if len(boundary) > MAX_BOUNDARY_LENGTH:
        raise MalformedRequestError("the content type's boundary is too long")


@dataclass(frozen=True, slots=True)
class _Body:
    """A body on its way in: at most `most_bytes`, for more of which `too_large` gives the error, in `seconds`."""

    headers: dict[bytes, bytes]
    receive: Receive
    charge: Charge
    most_bytes: int
    too_large: Callable[[], RequestError]
    seconds: float

    @property
    def announced(self) -> bytes:
        """The number of bytes that its header announces, as it stands there; empty when there is none."""
        return self.headers.get(b"content-length", b"")

    async def hand_to(self, consume: Callable[[bytes], None]) -> None:
        """Give each piece as it arrives; raises a kind of `RequestError` as soon as there is a reason to."""
        announced = self.announced.lstrip(b"0")
        # Python refuses to read numbers of thousands of digits.
        if announced.isdigit() and (len(announced) > _LONGEST_NUMBER or int(announced) > self.most_bytes):
            raise self.too_large()
        arrived, more = 0, True
        try:
            async with asyncio.timeout(self.seconds):
                while more:
                    message = await self.receive()
                    if message["type"] == "http.disconnect":
                        raise MalformedRequestError("the connection was closed before the body was complete")
                    chunk, more = message.get("body", b""), message.get("more_body", False)
                    arrived += len(chunk)
                    if arrived > self.most_bytes:
                        raise self.too_large()
                    self.charge(len(chunk))
                    consume(chunk)
        except TimeoutError:
            raise UploadTimeoutError(f"the body did not arrive within {self.seconds:g} seconds") from None


async def _read_form(body: _Body, boundary: bytes, form: FileForm) -> list[bytes | RequestError]:
    """Return the form's files; a small body mostly comes in one piece, which is then taken apart without the parser."""
    parser: MultipartParser | None = None
    announced = body.announced

    def consume(chunk: bytes) -> None:
        nonlocal parser
        files = plain_files(chunk, boundary) if announced == b"%d" % len(chunk) else None
        if files is not None:
            form.take(files)
            return
        parser = parser or MultipartParser(boundary, form.callbacks())
        try:
            parser.write(chunk)
        except FormParserError as error:
            raise MalformedRequestError("the body is not the multipart form that its content type announces") from error

    await body.hand_to(consume)
    return form.finish()
