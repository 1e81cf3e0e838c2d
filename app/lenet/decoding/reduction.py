"""Large pictures made small in their own mode, strip by strip, so that nothing else is done at full size."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PIL import Image

from app.lenet.decoding.depth import bits_used, is_deep, scaled_by_depth, scaled_to_range, value_range

STRIP_PIXELS = 500_000
"""Pixels that are converted at once, about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """How many pixels of a side are enough: it is reduced as long as the longer one keeps `longer` pixels.

    libjpeg reduces as long as the shorter one keeps `shorter` pixels, or the longer one `longer`.
    """

    shorter: int
    longer: int

    def draft_size(self, size: tuple[int, int]) -> tuple[int, int]:
        """Return the least (width, height) to which libjpeg may reduce a picture of this size."""
        scale = max(min(size) // self.shorter, max(size) // self.longer, 1)
        return size[0] // scale, size[1] // scale

    def factor(self, size: tuple[int, int]) -> int:
        """Return by how much the sides of a decoded picture of this size are reduced."""
        return max(max(size) // self.longer, 1)


# The canonical form works at 384 pixels of the longer side, the reader at 1024.
DIGIT = Detail(shorter=500, longer=1000)
PAGE = Detail(shorter=1000, longer=1500)


def reduced(image: Image.Image, factor: int) -> Image.Image:
    """Return a loaded picture with sides `factor` times smaller, its pixels of 8 bits a channel, averaged over squares.

    A picture that is neither reduced nor of more bits is returned as it is, in its own mode.
    """
    if factor == 1 and not is_deep(image):
        return image
    convert = _conversion(image, factor)
    small, top = None, 0
    for strip in _strips(image, factor):
        part = convert(strip).reduce(factor)
        if small is None:
            small = Image.new(part.mode, (part.width, math.ceil(image.height / factor)))
        small.paste(part, (0, top))
        top += part.height
    assert small is not None  # noqa: S101 - a picture has a row at least; for the type checker
    return small


def strip_height(image: Image.Image, factor: int) -> int:
    """Return how many rows of a picture are converted at once."""
    return max(1, STRIP_PIXELS // (image.width * factor)) * factor


def _strips(image: Image.Image, factor: int) -> Iterator[Image.Image]:
    """Cut the picture into strips of whole squares, from top to bottom."""
    height = strip_height(image, factor)
    for top in range(0, image.height, height):
        yield image.crop((0, top, image.width, min(top + height, image.height)))


def _conversion(image: Image.Image, factor: int) -> Callable[[Image.Image], Image.Image]:
    """Return what converts a strip to a mode in which means of pixels make sense: L, LA, RGB or RGBA."""
    if image.mode in ("I", "F"):
        low, high = value_range(_strips(image, factor))
        return lambda strip: scaled_to_range(strip, low, high)
    if is_deep(image):
        bits = bits_used(image)
        return lambda strip: scaled_by_depth(strip, bits)
    if image.has_transparency_data:
        return lambda strip: strip.convert("RGBA")
    if image.mode == "LAB":
        return lambda strip: strip.getchannel("L")
    mode = "L" if image.mode in ("1", "L") else "RGB"
    return lambda strip: strip.convert(mode)
