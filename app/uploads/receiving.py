"""Receive one picture or many: a multipart form or, for one picture, the whole body.

Not by Starlette's form parser: that one counts a file's bytes only after it has written them all to disk, and cannot
refuse a single file of a batch. python-multipart parses the multipart format.
"""

import re
from collections.abc import Callable

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
)
from app.runtime.memory_budget import Charge
from app.uploads.body import Body, header
from app.uploads.fast_multipart import parse_fast
from app.uploads.multipart import FIELD, FileForm
from app.uploads.upload_limits import UploadLimits

# What boundaries, part headers and other small fields may add to the bytes of a single picture.
FORM_ALLOWANCE = 65_536

_FORM = b"multipart/form-data"
# As most clients write it; the characters of a boundary are those of RFC 2046, 5.1.1, without the space.
_USUAL_TYPE = re.compile(rb"multipart/form-data; boundary=([\w'()+,./:=?-]{1,70})")


async def receive_one(scope: Scope, receive: Receive, limits: UploadLimits, charge: Charge) -> bytes:
    """Return the bytes of one picture: the form's field `file`, or the whole body when its type is an image's.

    `charge` is called with every number of bytes that arrives. Raises a kind of `RequestError`.
    """
    content_type, boundary = _content_type(scope)

    def too_large() -> RequestError:
        return FileTooLargeError(f"a picture may have at most {limits.file_bytes:,} bytes")

    if content_type.startswith(b"image/") or content_type == b"application/octet-stream":
        return await Body(scope, receive, charge, limits.file_bytes, too_large, limits.seconds).whole()
    _check_form(content_type, boundary)
    form = FileForm(most_files=1, most_file_bytes=limits.file_bytes)
    body = Body(scope, receive, charge, limits.file_bytes + FORM_ALLOWANCE, too_large, limits.seconds)
    [upload] = await _receive_form(body, boundary, form)
    if isinstance(upload, RequestError):
        raise upload
    return upload


async def receive_body(scope: Scope, receive: Receive, limits: UploadLimits, charge: Charge) -> bytearray:
    """Return the whole body, of at most the bytes of a batch; raises a kind of `RequestError`."""
    coding = header(scope, b"content-encoding") or b"identity"
    if coding.lower() != b"identity":
        raise ContentTypeError(f"the content encoding {coding.decode('latin-1')} is not accepted")
    body = bytearray()
    too_large = _batch_too_large(limits)
    await Body(scope, receive, charge, limits.batch_bytes, too_large, limits.seconds).feed(body.extend)
    return body


async def receive_many(
    scope: Scope, receive: Receive, limits: UploadLimits, charge: Charge
) -> list[bytes | RequestError]:
    """Return the bytes of each of the form's files, in order, or its own error for one that is too large.

    Raises a kind of `RequestError` when the request as a whole cannot be parsed.
    """
    content_type, boundary = _content_type(scope)
    _check_form(content_type, boundary)
    form = FileForm(most_files=limits.batch_files, most_file_bytes=limits.file_bytes)
    body = Body(scope, receive, charge, limits.batch_bytes, _batch_too_large(limits), limits.seconds)
    return await _receive_form(body, boundary, form)


def _batch_too_large(limits: UploadLimits) -> Callable[[], RequestError]:
    return lambda: RequestTooLargeError(f"the body may have at most {limits.batch_bytes:,} bytes")


def _content_type(scope: Scope) -> tuple[bytes, bytes]:
    """Return the content type in lower case, and a form's boundary; each empty where there is none."""
    value = header(scope, b"content-type")
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


async def _receive_form(body: Body, boundary: bytes, form: FileForm) -> list[bytes | RequestError]:
    """Return the form's files: of a body of known length once it is whole, of others as they arrive."""
    if header(body.scope, b"content-length"):
        whole = await body.whole()
        files = parse_fast(whole, boundary)
        if files is not None:
            form.take(files)
        else:
            _parser(boundary, form)(whole)
    else:
        await body.feed(_parser(boundary, form))
    return form.finish()


def _parser(boundary: bytes, form: FileForm) -> Callable[[bytes], None]:
    """Return what passes bytes to python-multipart; it raises `MalformedRequestError`."""
    parser = MultipartParser(boundary, form.callbacks())

    def write(chunk: bytes) -> None:
        try:
            parser.write(chunk)
        except FormParserError as error:
            raise MalformedRequestError("the body is not the multipart form that its content type announces") from error

    return write
