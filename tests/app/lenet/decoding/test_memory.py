"""What decoding takes is known before, and is not exceeded."""

import io
import re
import struct
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from app.lenet.decoding.decoder import decode, open_picture
from app.lenet.decoding.image_errors import PixelLimitError
from app.lenet.decoding.image_limits import ImageLimits
from app.lenet.decoding.reduction import PAGE
from tests.image_files import encoded

SIDE = 3000
LIMITS = ImageLimits(decoded_bytes=10**10)
# What the interpreter, the libraries' first calls and the measuring itself may add.
SLACK = 12_000_000
# Not getrusage, whose peak includes that of the parent process before it started this one.
PROGRAM = """
import re, sys
from app.lenet.decoding.decoder import decode
from app.lenet.decoding.image_limits import ImageLimits
from app.lenet.decoding.reduction import PAGE
peak = lambda: int(re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1]) * 1024
data, before = sys.stdin.buffer.read(), peak()
decode(data, ImageLimits(decoded_bytes=10**10), PAGE)
print(peak() - before)
"""


def page(mode: str) -> Image.Image:
    image = Image.new("RGB", (SIDE, SIDE), (250, 250, 240))
    image.paste((20, 20, 120), (1000, 500, 1300, 2500))
    return image.convert(mode)


def form() -> Image.Image:
    """Return a page ruled in red."""
    image = page("RGB")
    for y in range(100, SIDE, 200):
        image.paste((225, 80, 75), (0, y, SIDE, y + 12))
    return image


def grey_as(kind: type[np.generic]) -> Image.Image:
    return Image.fromarray(np.asarray(page("L")).astype(kind))


KINDS: dict[str, Callable[[], bytes]] = {
    "grey PNG": lambda: encoded(page("L")),
    "RGBA PNG": lambda: encoded(page("RGBA")),
    "16-bit PNG": lambda: encoded(grey_as(np.uint16)),
    "PNG with a palette and transparency": lambda: encoded(page("P"), transparency=3),
    "GIF": lambda: encoded(page("P"), "GIF"),
    "BMP": lambda: encoded(page("RGB"), "BMP"),
    "JPEG": lambda: encoded(page("RGB"), "JPEG"),
    "progressive JPEG": lambda: encoded(page("RGB"), "JPEG", progressive=True, subsampling=0),
    "faint JPEG": lambda: encoded(Image.new("RGB", (SIDE, SIDE), (200, 210, 200)), "JPEG"),
    "JPEG of a form": lambda: encoded(form(), "JPEG"),
    "lossless WebP": lambda: encoded(page("RGBA"), "WEBP", lossless=True, method=0),
    "WebP": lambda: encoded(page("RGB"), "WEBP", method=0),
    "AVIF": lambda: encoded(page("RGBA"), "AVIF", speed=10, subsampling="4:4:4"),
    "float TIFF": lambda: encoded(grey_as(np.float32), "TIFF", compression="tiff_deflate"),
    "TIFF in one strip": lambda: encoded(
        page("CMYK"), "TIFF", compression="tiff_deflate", strip_size=SIDE * SIDE * 4, tiffinfo={278: SIDE}
    ),
    "TIFF on its side": lambda: encoded(page("RGB"), "TIFF", compression="tiff_deflate", tiffinfo={274: 6}),
}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("kind", KINDS)
def test_no_more_is_taken_than_was_told(kind: str) -> None:
    data = KINDS[kind]()
    told = open_picture(data, LIMITS, PAGE).needed_bytes
    taken = int(subprocess.run([sys.executable, "-c", PROGRAM], input=data, check=True, capture_output=True).stdout)
    assert taken < told + SLACK


@pytest.mark.parametrize("kind", ["float TIFF", "lossless WebP", "RGBA PNG", "AVIF", "progressive JPEG"])
def test_a_picture_that_takes_too_much_is_refused_by_its_kind(kind: str) -> None:
    data = KINDS[kind]()
    needed = open_picture(data, LIMITS).needed_bytes
    _, _, name = kind.rpartition(" ")
    message = f"{name} picture of 3000 x 3000 pixels takes {needed:,} bytes to decode; at most {needed - 1:,} are"
    with pytest.raises(PixelLimitError, match=message):
        decode(data, ImageLimits(decoded_bytes=needed - 1))
    assert decode(data, ImageLimits(decoded_bytes=needed)).source.width == SIDE


def test_a_jpeg_takes_what_is_left_of_it_unless_it_has_several_scans() -> None:
    small = open_picture(KINDS["JPEG"](), LIMITS)
    assert small.pixels == (SIDE // 4) ** 2
    assert small.needed_bytes < 10 * SIDE * SIDE
    several = open_picture(KINDS["progressive JPEG"](), LIMITS)
    assert several.needed_bytes - small.needed_bytes == 6 * SIDE * SIDE


def test_a_jpeg_whose_only_scan_lacks_a_component_counts_as_several() -> None:
    data = KINDS["JPEG"]()
    at = data.index(b"\xff\xda")
    alone = data[:at] + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + data[at + 14 :]
    assert open_picture(alone, LIMITS).needed_bytes - open_picture(data, LIMITS).needed_bytes == 3 * SIDE * SIDE


def test_a_tile_larger_than_its_picture_counts() -> None:
    tags = {256: 64, 257: 64, 258: 8, 259: 8, 262: 1, 277: 1, 322: 16_000, 323: 16_000, 324: 8, 325: 4}
    directory = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    data = b"II*\x00\x0c\x00\x00\x00\x00\x00\x00\x00" + struct.pack("<H", len(tags)) + directory + bytes(4)
    with pytest.raises(PixelLimitError, match="TIFF picture of 64 x 64 pixels takes 256,"):
        decode(data, ImageLimits(decoded_bytes=100_000_000))


def in_runs(rows: int, row: bytes) -> bytes:
    """Return a run-length encoded BMP of 7000 pixels a row."""
    palette = b"".join(bytes([grey, grey, grey, 0]) for grey in range(256))
    offset = 54 + len(palette)
    header = struct.pack("<IiiHHIIiiII", 40, 7000, rows, 1, 8, 1, len(row) * rows, 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", offset + len(row) * rows, 0, 0, offset) + header + palette + row * rows


def test_a_large_bmp_in_runs_is_refused_because_python_decodes_it() -> None:
    with pytest.raises(PixelLimitError, match="run-length encoded BMP may have at most 4,000,000 pixels"):
        decode(in_runs(572, b"\x01\x05\x00\x00"), ImageLimits())
    assert decode(in_runs(200, b"\x01\x05\x00\x00"), ImageLimits()).source.height == 200


def test_the_scans_of_a_large_jpeg_are_limited_by_its_pixels() -> None:
    data = encoded(Image.new("L", (7000, 7000), 200), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    scans = data[:-2] + data[last:-2] * 8 + data[-2:]
    assert len(re.findall(b"\xff\xda", scans)) * 49_000_000 > 500_000_000
    with pytest.raises(PixelLimitError, match="at most 500,000,000 pixels in all its scans"):
        decode(scans, ImageLimits())
    assert Image.open(io.BytesIO(data)).size == (7000, 7000)
    assert decode(data, ImageLimits()).grey.shape == (875, 875)
