import io
import zlib

import numpy as np
import pytest
from PIL import Image

from app.lenet.decoding.decoder import decode
from app.lenet.decoding.fast_png import plain_png_pixels, plain_png_size
from app.lenet.decoding.image_errors import PixelLimitError
from app.lenet.decoding.image_limits import ImageLimits
from tests.image_files import encoded, gradient


def by_pillow(data: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]] | None:
    """Return what Pillow reads; None where it refuses."""
    try:
        return np.asarray(Image.open(io.BytesIO(data)))
    except (OSError, SyntaxError, ValueError):
        return None


def chunk(kind: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")


def png(pixels: bytes, header: bytes = b"\x08\x00\x00\x00\x00", *more: bytes) -> bytes:
    """Return a PNG of 3 by 2 pixels."""
    size = (3).to_bytes(4, "big") + (2).to_bytes(4, "big")
    chunks = chunk(b"IHDR", size + header) + b"".join(more) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


@pytest.mark.parametrize("filter_type", range(5))
def test_every_filter_is_undone_as_pillow_does(filter_type: int) -> None:
    random = np.random.default_rng(filter_type)
    rows = b"".join(bytes([filter_type]) + random.bytes(3) for _ in range(2))
    data = png(zlib.compress(rows))
    small = plain_png_pixels(data, 3, 2)
    expected = by_pillow(data)
    assert small is not None
    assert expected is not None
    assert np.array_equal(small, expected)


@pytest.mark.parametrize(
    "data",
    [
        encoded(gradient(), "JPEG"),
        encoded(Image.fromarray(gradient()).convert("RGB")),
        encoded(Image.fromarray(gradient()).convert("1")),
        encoded(np.zeros((300, 300), np.uint8)),
        png(zlib.compress(bytes(8)), b"\x08\x00\x00\x00\x00", chunk(b"tRNS", b"\x00\x00")),
        png(zlib.compress(bytes(8)), b"\x08\x00\x00\x00\x01"),
        encoded(gradient())[:-12],
        encoded(gradient()) + b"more",
        b"",
    ],
)
def test_other_files_are_left_to_pillow(data: bytes) -> None:
    assert plain_png_size(data) is None


@pytest.mark.parametrize("rows", [bytes(7), bytes(9), b"\x05" + bytes(7), bytes(80_000)])
def test_pixels_that_do_not_fit_the_header_are_not_guessed(rows: bytes) -> None:
    assert plain_png_pixels(png(zlib.compress(rows)), 3, 2) is None
    assert plain_png_pixels(png(zlib.compress(bytes(8))[:-5]), 3, 2) is None
    assert plain_png_pixels(png(b"nonsense"), 3, 2) is None


def test_what_is_changed_anywhere_is_read_as_pillow_reads_it_or_not_at_all() -> None:
    data = encoded(gradient())
    random = np.random.default_rng(0)
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= int(random.integers(1, 256))
        size = plain_png_size(bytes(changed))
        small = plain_png_pixels(bytes(changed), *size) if size else None
        if small is not None:
            expected = by_pillow(bytes(changed))
            assert expected is not None
            assert np.array_equal(small, expected)


def test_the_limits_are_checked_first() -> None:
    with pytest.raises(PixelLimitError, match="28 x 28 = 784"):
        decode(encoded(gradient()), ImageLimits(pixels=783))
