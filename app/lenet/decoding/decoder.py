"""Untrusted bytes to an upright 8-bit grey picture, or a refusal that says why."""

import io
import logging
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import ExifTags
from PIL.ImageFile import ImageFile

from app.lenet.decoding.colour import clearest_grey, is_faint
from app.lenet.decoding.fast_png import SMALL, read_small, small_size
from app.lenet.decoding.formats import READERS, sniff
from app.lenet.decoding.greyscale import to_grey
from app.lenet.inference.input_tensor import Grey

logger = logging.getLogger(__name__)

# libjpeg decodes at 1/2, 1/4 or 1/8 for a fraction of the cost. This many pixels of the shorter side are enough for one
# digit, which is looked at on 512 pixels anyway, and that many for a page of them.
DETAIL_OF_A_DIGIT = 500
DETAIL_OF_A_PAGE = 1000
# Cameras write a dozen scans at most; each goes over all pixels, and a hostile one takes no more than 75 bytes.
_MOST_SCANS = 100
_START_OF_SCAN = b"\xff\xda"
# Pillow counts GIF and TIFF frames by walking from one to the next, which a hostile file can make long.
_COUNTABLE_BYTES = 250_000

# What undoes each EXIF orientation. Source: CIPA DC-008 (Exif 2.32), tag 0x0112.
_TURNS: dict[int, Callable[[Grey], Grey]] = {
    2: np.fliplr,
    3: lambda grey: np.rot90(grey, 2),
    4: np.flipud,
    5: np.transpose,
    6: lambda grey: np.rot90(grey, -1),
    7: lambda grey: np.rot90(grey, 2).T,
    8: np.rot90,
}
_COLOURED = ("RGB", "P", "YCbCr", "CMYK")
_SIDEWAYS = (5, 6, 7, 8)
_WITH_ORIENTATION = {"exif", "xmp", "Raw profile type exif", "XML:com.adobe.xmp"}

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
class Source:
    """What a picture came as: its format, its size when upright, and its number of frames.

    `frames` is None when there are several and counting them would mean walking through a large file.
    """

    format: str
    width: int
    height: int
    frames: int | None


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture: `grey` (H, W) uint8, upright, smaller than its source when that is a large JPEG."""

    grey: Grey
    source: Source


def read_image(data: bytes, limits: Limits, detail: int = DETAIL_OF_A_DIGIT) -> Picture:
    """Decode the first frame of one picture; size limits are checked on its header, before any pixel is decoded.

    A JPEG may be decoded smaller, as long as its shorter side keeps `detail` pixels. Raises a kind of `ImageError`, and
    nothing else, for bytes that are not an acceptable picture.
    """
    if quick := read_quickly(data, limits):
        return quick
    image, name = _open(data)
    _check_size(image.size, limits)
    width, height = image.size
    coloured = image.mode in _COLOURED and not image.has_transparency_data
    try:
        image.draft("L", (detail, detail))
        grey = to_grey(image)
        if coloured and is_faint(grey):
            grey = _by_colour(data, image, detail, grey)
    except Exception as error:  # as in _open: Pillow has no base class for what decoding may raise
        logger.info("a %s picture was refused: %r", name, error)
        raise DamagedImageError(f"the {name} picture is cut off or damaged") from error
    orientation = _orientation(image)
    if orientation in _TURNS:
        grey = np.ascontiguousarray(_TURNS[orientation](grey))
    if orientation in _SIDEWAYS:
        width, height = height, width
    return Picture(grey, Source(name, width, height, _count_frames(image, len(data))))


def _by_colour(data: bytes, image: ImageFile, detail: int, grey: Grey) -> Grey:
    """Return a picture of faint `grey` as the mixture of its colours that shows most, if one shows clearly more."""
    if image.mode == "L":  # a JPEG whose colours were not decoded
        image, _ = _open(data)
        image.draft("RGB", (detail, detail))
    clearest = clearest_grey(np.asarray(image.convert("RGB")))
    return grey if clearest is None else clearest


def read_quickly(data: bytes, limits: Limits, most_pixels: int = SMALL) -> Picture | None:
    """Decode one picture if it is a small plain PNG of at most `most_pixels`, which takes microseconds.

    Returns None for every other picture; raises a kind of `ImageError` for one that is beyond the limits.
    """
    size = small_size(data, most_pixels)
    if size is None:
        return None
    _check_size(size, limits)
    grey = read_small(data, *size)
    return None if grey is None else Picture(grey, Source("PNG", *size, frames=1))


def _open(data: bytes) -> tuple[ImageFile, str]:
    if not data:
        raise EmptyImageError("the file is empty")
    name = sniff(data)
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


def _check_size(size: tuple[int, int], limits: Limits) -> None:
    width, height = size
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


def _orientation(image: ImageFile) -> int:
    """Return the EXIF orientation, 1 to 8; 1 where there is none. Pillow has turned TIFFs and says 1 for them."""
    if not _WITH_ORIENTATION & image.info.keys():
        return 1
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception as error:  # metadata can be broken in as many ways as pixels; the picture is still good
        logger.debug("unreadable EXIF data: %r", error)
        return 1


def _count_frames(image: ImageFile, size: int) -> int | None:
    if image.format in ("GIF", "TIFF") and size > _COUNTABLE_BYTES:
        return None if getattr(image, "is_animated", False) else 1
    try:
        return getattr(image, "n_frames", 1)
    except Exception as error:  # the frames after the first are damaged; it is the first that counts
        logger.debug("frames cannot be counted: %r", error)
        return None
