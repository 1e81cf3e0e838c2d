"""Pictures made for tests."""

import io
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def encoded(picture: NDArray[Any] | Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """Return the picture as the bytes of a file of the format `kind`."""
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def gradient(height: int = 28, width: int = 28) -> NDArray[np.uint8]:
    """Return a picture in which every row differs from every other, so that turning or cutting it shows."""
    rows, columns = np.mgrid[:height, :width]
    return np.asarray((rows * 7 + columns * 3) % 256, np.uint8)


def png_header(width: int, height: int, *, bits: int = 8, colour: int = 0, interlaced: bool = False) -> bytes:
    """Return the content of an IHDR chunk; `colour` is PNG's colour type, 0 for grey."""
    return struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, interlaced)


def png_file(*chunks: tuple[bytes, bytes]) -> bytes:
    """Return a PNG file of these chunks (name, content) and an IEND, whether they fit each other or not."""
    file = io.BytesIO()
    file.write(b"\x89PNG\r\n\x1a\n")
    for name, content in [*chunks, (b"IEND", b"")]:
        file.write(struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content)))
    return file.getvalue()
