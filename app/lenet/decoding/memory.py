"""How much memory decoding a picture takes, told from its header.

The figures are those of Pillow 13's decoders. `python -m benchmarks.limits` measures what they take in the service.
"""

import math

from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.TiffImagePlugin import TiffImageFile

from app.lenet.decoding.avif_frames import frame_pixels
from app.lenet.decoding.depth import is_deep
from app.lenet.decoding.jpeg_scans import count_scans
from app.lenet.decoding.reduction import strip_height
from app.lenet.decoding.straight_lines import LONGER

# Bytes of a pixel in Pillow's own picture; modes that are not here take four.
_MODE_BYTES = {"1": 1, "L": 1, "P": 1}
_MODE_BYTES_OF_16_BITS = 2

# Bytes of a pixel in the decoders' own buffers, beside that picture.
_OWN_BYTES = {
    "WEBP": 12,  # libwebp's two canvases, and Pillow's copy of one
    "AVIF": 16,  # up to four planes of 12 bits, twice for a grid, and Pillow's copy; the header does not tell which
    "GIF": 1,  # what replaces the frame when its time is over, which Pillow makes too early
}
_HEIC = 4  # Pillow's copy; the planes, which may be converted once, are counted by their depth
_HEIC_PLANES = {"420": 1.5, "422": 2.0, "444": 3.0, "monochrome": 1.0}
_BMP_RUNS = 2  # the decoded bytes as they are collected, and a copy
_COEFFICIENT = 2  # of a JPEG with several scans, for every sample, however small the picture is decoded

# Bytes of a pixel in the arrays made of a strip, of one of floats or integers, and of the reduced picture.
_STRIP, _DEEP_STRIP, _SMALL = 12, 40, 20

# Bytes of a pixel in the arrays with which the print of forms is looked for, at a size of its own.
_LINES = 40

# TIFF 6.0's tags.
_BITS_PER_SAMPLE, _ORIENTATION, _SAMPLES_PER_PIXEL = 258, 274, 277
_ROWS_PER_STRIP, _TILE_WIDTH, _TILE_LENGTH = 278, 322, 323


def bytes_to_decode(image: ImageFile, data: bytes, full_size: tuple[int, int], factor: int) -> int:
    """Return the most bytes that decoding takes, with the sides reduced by `factor`, and the conversion to grey.

    `image` is opened from `data` and not loaded; libjpeg may reduce it already from its `full_size`.
    """
    pixels = image.width * image.height
    decoder = pixels * _mode_bytes(image) + _own_bytes(image, data, full_size)
    small_pixels = math.ceil(image.width / factor) * math.ceil(image.height / factor)
    small = small_pixels * _SMALL + min(small_pixels, LONGER * LONGER) * _LINES
    if factor == 1 and not is_deep(image):
        return decoder + small
    strip = image.width * min(strip_height(image, factor), image.height)
    return decoder + small + strip * (_DEEP_STRIP if is_deep(image) else _STRIP)


def in_runs(image: ImageFile) -> bool:
    """Return whether this is a run-length encoded BMP, which Pillow decodes in Python, pixel by pixel at worst."""
    return any(tile.codec_name == "bmp_rle" for tile in image.tile)


def _mode_bytes(image: Image.Image) -> int:
    return _MODE_BYTES_OF_16_BITS if image.mode.startswith("I;16") else _MODE_BYTES.get(image.mode, 4)


def _own_bytes(image: ImageFile, data: bytes, full_size: tuple[int, int]) -> int:
    pixels = image.width * image.height
    if isinstance(image, JpegImageFile):
        return _coefficients(image, full_size) + 3 * pixels  # some are decoded again, in colour
    if isinstance(image, TiffImageFile):
        return _tiff_buffers(image)
    if image.format == "HEIF":
        return _heic_buffers(image)
    if in_runs(image):
        return pixels * _BMP_RUNS
    if image.format == "AVIF":
        pixels = max(pixels, frame_pixels(data) // 2)  # of colour and alpha
    return pixels * _OWN_BYTES.get(image.format or "", 0)


def _coefficients(image: JpegImageFile, full_size: tuple[int, int]) -> int:
    """Return the bytes of a JPEG's coefficients: those of all scans are kept, unless there is one alone."""
    if count_scans(image) == 1:
        return 0
    samples = [vertical * horizontal for _, vertical, horizontal, _ in image.layer]
    most = max(layer[1] for layer in image.layer) * max(layer[2] for layer in image.layer)
    return round(full_size[0] * full_size[1] * sum(samples) / max(most, 1)) * _COEFFICIENT


def _tiff_buffers(image: TiffImageFile) -> int:
    """Return the bytes of a strip or tile, which may be as large as the picture, and of Pillow's turned copy."""
    tags = image.tag_v2
    bits = tags.get(_BITS_PER_SAMPLE, (1,))
    pixel_bits = int(max(bits)) * max(len(bits), int(tags.get(_SAMPLES_PER_PIXEL, 1)))
    if _TILE_WIDTH in tags:
        pixels = int(tags[_TILE_WIDTH]) * int(tags.get(_TILE_LENGTH, 1))
    else:
        longest = max(image.size)  # of either side: the picture may be stored on its side
        pixels = min(int(tags.get(_ROWS_PER_STRIP, longest)) * longest, image.width * image.height)
    turned = image.width * image.height * _mode_bytes(image) if tags.get(_ORIENTATION, 1) != 1 else 0
    return pixels * max(math.ceil(pixel_bits / 8), _mode_bytes(image)) + turned


def _heic_buffers(image: ImageFile) -> int:
    planes = _HEIC_PLANES.get(str(image.info.get("chroma")), 3.0) + ("A" in image.mode)
    sample = 1 if image.info.get("bit_depth") == 8 else 2
    return round(image.width * image.height * (2 * planes * sample + _HEIC))
