"""Untrusted bytes to an upright 8-bit grey picture, or a refusal that says why."""

import io
import logging
from dataclasses import dataclass

import numpy as np
from PIL.ImageFile import ImageFile

from app.lenet.formats import READERS, sniff
from app.lenet.preprocessing import Grey

logger = logging.getLogger(__name__)

_ACCEPTED = ", ".join(READERS)


class ImageError(Exception):
    """A picture that is refused; the message is fit for whoever sent it."""


class EmptyImageError(ImageError):
    """There are no bytes."""


class NotAnImageError(ImageError):
    """The bytes begin like no picture format that is known."""


class FormatError(ImageError):
    """The bytes begin like a picture of a format, or a kind of one, that is not accepted."""


class PixelLimitError(ImageError):
    """The picture has more pixels than are allowed."""


class AspectLimitError(ImageError):
    """The picture is too long and narrow to hold a digit."""


class DamagedImageError(ImageError):
    """The picture is cut off or its contents make no sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a picture may measure: pixels in all, and its longer side over its shorter one."""

    pixels: int = 50_000_000
    aspect: float = 50.0


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture: `grey` (H, W) uint8, and the format that it came in."""

    grey: Grey
    format: str


def read_image(data: bytes, limits: Limits) -> Picture:
    """Decode one picture; size limits are checked on its header, before any pixel is decoded.

    Raises a kind of `ImageError`, and nothing else, for bytes that are not an acceptable picture.
    """
    image, name = _open(data)
    _check_size(image, limits)
    try:
        grey = np.asarray(image.convert("L"))
    except Exception as error:  # as in _open: Pillow has no base class for what decoding may raise
        logger.info("a %s picture was refused: %r", name, error)
        raise DamagedImageError(f"the {name} picture is cut off or damaged") from error
    return Picture(grey, name)


def _open(data: bytes) -> tuple[ImageFile, str]:
    if not data:
        raise EmptyImageError("the file is empty")
    name = sniff(data)
    if name is None:
        raise NotAnImageError(f"the file is not a picture; accepted are {_ACCEPTED}")
    if name not in READERS:
        raise FormatError(f"{name} pictures are not accepted; send {_ACCEPTED}")
    try:
        return READERS[name](io.BytesIO(data)), name
    except Exception as error:
        logger.info("a %s picture was refused: %r", name, error)
        raise DamagedImageError(f"the {name} picture's header is cut off or damaged") from error


def _check_size(image: ImageFile, limits: Limits) -> None:
    width, height = image.size
    if min(width, height) < 1:
        raise DamagedImageError("the picture's header says that it has no pixels")
    if width * height > limits.pixels:
        raise PixelLimitError(
            f"the picture has {width} x {height} = {width * height:,} pixels; at most {limits.pixels:,} are accepted"
        )
    if max(width, height) > limits.aspect * min(width, height):
        raise AspectLimitError(
            f"the picture measures {width} x {height}; at most {limits.aspect:g} times as long as wide is accepted"
        )
