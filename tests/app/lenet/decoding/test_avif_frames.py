"""Frames of AVIF files, whose size an honest header repeats and a hostile one does not."""

import struct

import numpy as np
import pytest
from PIL import Image

from app.lenet.decoding.avif_frames import frame_pixels
from app.lenet.decoding.decoder import decode, open_picture
from app.lenet.decoding.formats import READERS
from app.lenet.decoding.image_errors import DamagedImageError, ImageError, PixelLimitError
from app.lenet.decoding.image_limits import ImageLimits
from tests.image_files import encoded

pytestmark = pytest.mark.skipif("AVIF" not in READERS, reason="Pillow was built without AVIF")


def lying(width: int, height: int) -> bytes:
    """Return an AVIF of 64 x 48 pixels by its header, with a frame of another size."""
    data = encoded(Image.new("RGB", (width, height), "white"), "AVIF", speed=10)
    at = data.index(b"ispe") + 8
    return data[:at] + struct.pack(">II", 64, 48) + data[at + 8 :]


def with_places(count: int, length: int, offset: int = 0) -> bytes:
    """Return boxes that place so many items of a length at an offset of the file."""
    items = b"".join(struct.pack(">HHHII", number, 0, 1, offset, length) for number in range(count))
    iloc = b"\x00\x00\x00\x00\x44\x00" + struct.pack(">H", count) + items
    place = struct.pack(">I", len(iloc) + 8) + b"iloc" + iloc
    return struct.pack(">I", len(place) + 12) + b"meta\x00\x00\x00\x00" + place


@pytest.mark.parametrize("size", [(1, 1), (123, 77), (2048, 33)])
def test_frames_are_as_large_as_their_picture(size: tuple[int, int]) -> None:
    assert frame_pixels(encoded(Image.new("RGB", size), "AVIF")) == size[0] * size[1]
    exif = Image.Exif()
    exif[0x0112] = 6
    with_alpha = encoded(Image.new("RGBA", size), "AVIF", exif=exif)
    assert frame_pixels(with_alpha) == 2 * size[0] * size[1]


def test_the_first_frame_of_an_animation_counts() -> None:
    frames = [Image.new("RGB", (300, 200), (grey, grey, grey)) for grey in range(0, 250, 10)]
    data = encoded(frames[0], "AVIF", save_all=True, append_images=frames[1:])
    assert frame_pixels(data) in (300 * 200, 2 * 300 * 200)  # of the track, and of an item if there is one
    assert decode(data, ImageLimits()).source.frames == 25


def test_a_frame_that_is_larger_than_its_header_says_is_charged() -> None:
    data = lying(3000, 2000)
    assert open_picture(data, ImageLimits()).needed_bytes > 16 * 3000 * 2000 / 2
    with pytest.raises(PixelLimitError, match="AVIF picture of 64 x 48 pixels takes"):
        decode(data, ImageLimits(decoded_bytes=40_000_000))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (with_places(1200, 10), "too many parts"),
        (with_places(30, 0) + bytes(1000), "overlap"),
        (b"\x00\x00\x00\x08free" * 1000, "too many parts"),
        (b"\x00\x00\x00\x04meta", "shorter than its head"),
        (with_places(1, 0, len(with_places(1, 0))) + b"\x12\x00" * 5000, "too many parts"),
    ],
)
def test_what_would_take_long_to_look_at_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        frame_pixels(data)


def test_damage_anywhere_is_a_refusal_or_none() -> None:
    data = np.frombuffer(encoded(Image.new("RGBA", (40, 30), "white"), "AVIF"), np.uint8)
    random = np.random.default_rng(0)
    refused = 0
    for _ in range(300):
        damaged = data.copy()
        damaged[random.integers(0, len(data), 4)] = random.integers(0, 256, 4)
        try:
            decode(damaged.tobytes(), ImageLimits())
        except ImageError as error:
            refused += isinstance(error, DamagedImageError)
    assert refused > 30
