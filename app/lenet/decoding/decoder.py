"""Untrusted bytes to an upright 8-bit grey picture, or a refusal that says why."""

import io
import logging
from dataclasses import dataclass

import numpy as np
from PIL.ImageFile import ImageFile

from app.lenet.decoding.colour import clearest_grey, is_faint
from app.lenet.decoding.fast_png import MOST_PIXELS, plain_png_pixels, plain_png_size
from app.lenet.decoding.formats import READERS, detect_format
from app.lenet.decoding.greyscale import to_grey
from app.lenet.decoding.image_errors import DamagedImageError, EmptyImageError, FormatError, NotAnImageError
from app.lenet.decoding.image_limits import ImageLimits
from app.lenet.decoding.orientation import orientation_of, upright, upright_size
from app.lenet.image_types import GreyImage

logger = logging.getLogger(__name__)

# libjpeg decodes at 1/2, 1/4 or 1/8 for a fraction of the cost. This many pixels of the shorter side are enough for one
# digit, which the canonical form reduces further anyway, and that many for a page of digits.
DETAIL_OF_A_DIGIT = 500
DETAIL_OF_A_PAGE = 1000
# Cameras write a dozen scans at most. Each scan costs a pass over all pixels, and a hostile one takes only 75 bytes.
_MOST_SCANS = 100
_START_OF_SCAN = b"\xff\xda"
# Pillow counts GIF and TIFF frames by walking from one to the next, and a hostile file can make that walk long.
_COUNTABLE_BYTES = 250_000

# Modes of opaque pictures whose ink may differ from the background in hue alone.
_COLOURED = ("RGB", "P", "YCbCr", "CMYK")

_ACCEPTED = ", ".join(READERS)


@dataclass(frozen=True, slots=True)
class ImageSource:
    """What a picture came as: its format, its size when upright, and its number of frames.

    `frames` is None when there are several and counting them would mean walking through a large file.
    """

    format: str
    width: int
    height: int
    frames: int | None


@dataclass(frozen=True, slots=True)
class DecodedImage:
    """A decoded picture: `grey` [height, width], upright; smaller than its source when that is a large JPEG."""

    grey: GreyImage
    source: ImageSource


def decode(data: bytes, limits: ImageLimits, detail: int = DETAIL_OF_A_DIGIT) -> DecodedImage:
    """Decode the first frame of one picture. The limits are checked on its header, before any pixel is decoded.

    A large JPEG is decoded smaller, as long as its shorter side keeps `detail` pixels. Raises a kind of `ImageError`,
    and nothing else, for bytes that are not an acceptable picture.
    """
    return decode_plain_png(data, limits) or _decode_by_pillow(data, limits, detail)


def decode_plain_png(data: bytes, limits: ImageLimits, most_pixels: int = MOST_PIXELS) -> DecodedImage | None:
    """Decode a small plain PNG of at most `most_pixels`, which takes microseconds.

    Returns None for every other picture; raises a kind of `ImageError` for one that is beyond the limits.
    """
    size = plain_png_size(data, most_pixels)
    if size is None:
        return None
    limits.check(size)
    grey = plain_png_pixels(data, *size)
    return None if grey is None else DecodedImage(grey, ImageSource("PNG", *size, frames=1))


def _decode_by_pillow(data: bytes, limits: ImageLimits, detail: int) -> DecodedImage:
    image, name = _open(data)
    limits.check(image.size)
    size = image.size  # `draft` changes it
    coloured = image.mode in _COLOURED and not image.has_transparency_data
    try:
        image.draft("L", (detail, detail))
        grey = to_grey(image)
        if coloured and is_faint(grey):
            grey = _by_colour(data, image, detail, grey)
        if coloured and is_faint(grey):
            grey = _by_colour(data, image, detail, grey)
    except Exception as error:  # as in _open: Pillow has no base class for what decoding may raise
        logger.info("a %s picture was refused: %r", name, error)
        raise DamagedImageError(f"the {name} picture is cut off or damaged") from error
    orientation = orientation_of(image)  # after loading, because a PNG may store it behind its pixels
    source = ImageSource(name, *upright_size(size, orientation), _count_frames(image, len(data)))
    return DecodedImage(upright(grey, orientation), source)


def _by_colour(data: bytes, image: ImageFile, detail: int, grey: GreyImage) -> GreyImage:
    """Return a picture of faint `grey` as the mixture of its colours that shows most, if one shows clearly more."""
    if image.mode == "L":  # a JPEG whose colours were not decoded
        image, _ = _open(data)
        image.draft("RGB", (detail, detail))
    clearest = clearest_grey(np.asarray(image.convert("RGB")))
    return grey if clearest is None else clearest


def _open(data: bytes) -> tuple[ImageFile, str]:
    if not data:
        raise EmptyImageError("the file is empty")
    name = detect_format(data)
    if name is None:
        raise NotAnImageError(f"the file is not a picture; accepted are {_ACCEPTED}")
    if name not in READERS:
        raise FormatError(f"{name} pictures are not accepted; send {_ACCEPTED}")
    if name == "JPEG" and data.count(_START_OF_SCAN) > _MOST_SCANS:
        raise DamagedImageError(f"the JPEG picture has more than {_MOST_SCANS} scans")
    try:
        return READERS[name](io.BytesIO(data)), name
    except Exception as error:
        logger.info("a %s picture was refused: %r", name, error)
        raise DamagedImageError(f"the {name} picture's header is cut off or damaged") from error


def _count_frames(image: ImageFile, size: int) -> int | None:
    if image.format in ("GIF", "TIFF") and size > _COUNTABLE_BYTES:
        return None if getattr(image, "is_animated", False) else 1
    try:
        return getattr(image, "n_frames", 1)
    except Exception as error:  # a later frame is damaged; only the first one counts
        logger.debug("frames cannot be counted: %r", error)
        return None
