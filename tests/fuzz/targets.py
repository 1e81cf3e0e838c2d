"""What is fuzzed: functions of untrusted bytes that may refuse with their own errors, and do nothing else."""

import asyncio
import io
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL.PngImagePlugin import PngImageFile
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser

from app.errors import RequestError
from app.lenet.decoding.decoder import decode, decode_plain_png
from app.lenet.decoding.image_errors import ImageError
from app.lenet.decoding.image_limits import ImageLimits
from app.uploads.fast_multipart import parse_fast
from app.uploads.multipart import FileForm
from app.uploads.receiving import receive_many, receive_one
from app.uploads.upload_limits import UploadLimits
from tests.image_files import png_file

HEADER_BYTES = 13
"""Of a PNG's IHDR chunk."""

# Small, so that what is found is about code and not about size.
IMAGE_LIMITS = ImageLimits(pixels=1_000_000, aspect=50)
UPLOAD_LIMITS = UploadLimits(file_bytes=100_000, batch_bytes=200_000, batch_files=8, seconds=10)

CONTENT_TYPES = (
    b"multipart/form-data; boundary=b",
    b"image/png",
    b'multipart/form-data; boundary="a b"; charset=utf-8',
    b"application/octet-stream",
    b"multipart/form-data",
    b"",
)


def intake(data: bytes) -> None:
    """A request as it arrives: the first byte chooses its type, the second its route, the third its chunks."""
    kind, route, step = (*data[:3], 0, 0, 0)[:3]
    body, step = data[3:], 1 + step
    messages: list[Any] = [
        {"type": "http.request", "body": body[at : at + step], "more_body": True} for at in range(0, len(body), step)
    ]
    messages.append({"type": "http.request", "body": b"", "more_body": False})
    if route & 4:
        messages[-1] = {"type": "http.disconnect"}
    feed = iter(messages)

    async def receive() -> Any:
        return next(feed)

    scope = {"headers": [(b"content-type", CONTENT_TYPES[kind % len(CONTENT_TYPES)])]}
    if route & 2:
        scope["headers"].append((b"content-length", body[:20] if route & 8 else b"%d" % len(body)))
    try:
        if route & 1:
            uploads = asyncio.run(receive_many(scope, receive, UPLOAD_LIMITS, lambda _: None))
        else:
            uploads = [asyncio.run(receive_one(scope, receive, UPLOAD_LIMITS, lambda _: None))]
    except RequestError:
        return
    for upload in uploads:
        if not isinstance(upload, RequestError):
            picture(upload)


def picture(data: bytes) -> None:
    """Decoding: a grey picture of the size that was announced, or smaller, or a kind of `ImageError`."""
    try:
        decoded = decode(data, IMAGE_LIMITS)
    except ImageError:
        return
    height, width = decoded.grey.shape
    assert decoded.grey.dtype == np.uint8
    assert 0 < height <= decoded.source.height
    assert 0 < width <= decoded.source.width
    assert decoded.source.width * decoded.source.height <= IMAGE_LIMITS.pixels


def fast_png(data: bytes) -> None:
    """The fast PNG reader: the pixels that Pillow reads, or none.

    The first byte says what follows: a file, or a header and pixels, compressed or not, in chunks whose checksums are
    right. Without these, changes would never come past the checksums.
    """
    kind, file = data[:1], data[1:]
    if kind != b"\0":
        pixels = file[HEADER_BYTES:]
        chunks = (b"IHDR", file[:HEADER_BYTES]), (b"IDAT", zlib.compress(pixels) if kind == b"\1" else pixels)
        file = png_file(*chunks)
    try:
        decoded = decode_plain_png(file, IMAGE_LIMITS)
    except ImageError:
        return
    if decoded is not None:
        assert np.array_equal(decoded.grey, np.asarray(PngImageFile(io.BytesIO(file)).convert("L")))


def multipart(data: bytes) -> None:
    """Both form parsers: what the fast one accepts the full one parses alike, however the body is cut up.

    python-multipart refuses what stands before the first boundary, but passes over it when it begins with a carriage
    return and arrives whole.
    """
    step, body = 1 + (data[0] if data else 0), data[1:]
    whole = _files([body])
    cut_up = _files([body[at : at + step] for at in range(0, len(body), step)])
    assert cut_up == whole or (cut_up is None and body[:1] == b"\r")
    fast = parse_fast(body, b"b")
    assert fast is None or _files([], fast) == whole


def _files(chunks: list[bytes], parsed: list[bytes] | None = None) -> list[bytes] | None:
    """Return a form's files, with a marker for one that is too large; None where the form is refused."""
    form = FileForm(most_files=8, most_file_bytes=100_000)
    parser = MultipartParser(b"b", form.callbacks())
    try:
        if parsed is not None:
            form.take(parsed)
        for chunk in chunks:
            parser.write(chunk)
        return [b"too large" if isinstance(file, RequestError) else file for file in form.finish()]
    except (FormParserError, RequestError):
        return None


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target for target in (intake, picture, fast_png, multipart)
}
