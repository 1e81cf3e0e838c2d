"""Untrusted bytes to an upright 8-bit grey picture, or a refusal that says why."""

import io
import logging
from dataclasses import dataclass

import numpy as np
from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile

from app.lenet.decoding.colour import clearest_grey, is_faint
from app.lenet.decoding.fast_png import MOST_PIXELS, plain_png_pixels, plain_png_size
from app.lenet.decoding.formats import READERS, detect_format
from app.lenet.decoding.greyscale import to_grey
from app.lenet.decoding.image_errors import (
    DamagedImageError,
    EmptyImageError,
    FormatError,
    ImageError,
    NotAnImageError,
    PixelLimitError,
)
from app.lenet.decoding.image_limits import ImageLimits
from app.lenet.decoding.jpeg_scans import check_scans
from app.lenet.decoding.memory import bytes_to_decode, in_runs
from app.lenet.decoding.orientation import orientation_of, upright, upright_size
from app.lenet.decoding.printed_colour import without_printed_colour
from app.lenet.decoding.reduction import DIGIT, Detail, reduced
from app.lenet.decoding.straight_lines import has_level_lines
from app.lenet.image_types import GreyImage
from app.lenet.vocabulary import RemovedKind

logger = logging.getLogger(__name__)

# Decoding run-length encoded BMPs takes a tenth of a microsecond a pixel.
_MOST_PIXELS_IN_RUNS = 4_000_000
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
    """A decoded picture: `grey` [height, width], upright; smaller than its source when that is large.

    `removed`: what was taken out of it.
    """

    grey: GreyImage
    source: ImageSource
    removed: tuple[RemovedKind, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenPicture:
    """A picture whose header was read and is within the limits.

    `mode` is Pillow's name for the file's pixels; a JPEG's colours are not decoded at first. `pixels`: how many are
    decoded, fewer than the source has when libjpeg reduces it. `needed_bytes`: the memory that decoding takes at most.
    """

    data: bytes
    image: ImageFile
    name: str
    mode: str
    size: tuple[int, int]
    detail: Detail
    needed_bytes: int

    @property
    def pixels(self) -> int:
        """How many pixels are decoded."""
        return self.image.width * self.image.height

    def decode(self) -> DecodedImage:
        """Decode the first frame, once; raises `DamagedImageError`, and nothing else."""
        image = self.image
        coloured = self.mode in _COLOURED and not image.has_transparency_data
        try:
            small = _reduced(image, self.detail)
            grey = to_grey(small)
            mixed = self._mixed(small, grey) if coloured else None
        except Exception as error:  # as in _open: Pillow has no base class for what decoding may raise
            logger.info("a %s picture was refused: %r", self.name, error)
            raise DamagedImageError(f"the {self.name} picture is cut off or damaged") from error
        orientation = orientation_of(image)  # after loading, because a PNG may store it behind its pixels
        frames = _count_frames(image, len(self.data))
        source = ImageSource(self.name, *upright_size(self.size, orientation), frames)
        grey, removed = mixed or (grey, ())
        return DecodedImage(upright(grey, orientation), source, removed)

    def _mixed(self, small: Image.Image, grey: GreyImage) -> tuple[GreyImage, tuple[RemovedKind, ...]] | None:
        """Return a better mixture of a picture's colours than `grey`, and what it removes; None if there is none.

        Faint pictures get the mixture that shows most, and forms the one in which their print vanishes.
        """
        faint = is_faint(grey)
        if not faint and not has_level_lines(grey):
            return None
        if self.image.mode != self.mode:  # a JPEG whose colours were not decoded
            image, _ = _open(self.data)
            image.draft("RGB", self.detail.draft_size(self.size))
            small = _reduced(image, self.detail)
        rgb = np.asarray(small.convert("RGB"))
        mixed = clearest_grey(rgb) if faint else without_printed_colour(rgb)
        return None if mixed is None else (mixed, () if faint else ("printed_colour",))


def decode(data: bytes, limits: ImageLimits, detail: Detail = DIGIT) -> DecodedImage:
    """Decode the first frame of one picture. The limits are checked on its header, before any pixel is decoded.

    A large picture comes out smaller, within `detail`. Raises a kind of `ImageError`, and nothing else, for bytes that
    are not an acceptable picture.
    """
    return decode_plain_png(data, limits) or open_picture(data, limits, detail).decode()


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


def open_picture(data: bytes, limits: ImageLimits, detail: Detail = DIGIT) -> OpenPicture:
    """Return the picture, not decoded yet; raises a kind of `ImageError` for one that is beyond the limits."""
    image, name = _open(data)
    limits.check(image.size)
    size, mode = image.size, image.mode  # `draft` changes them
    if in_runs(image) and size[0] * size[1] > _MOST_PIXELS_IN_RUNS:
        raise PixelLimitError(f"a run-length encoded BMP may have at most {_MOST_PIXELS_IN_RUNS:,} pixels")
    try:
        if isinstance(image, JpegImageFile):
            check_scans(image)
        image.draft("L", detail.draft_size(size))
        needed = bytes_to_decode(image, data, size, detail.factor(image.size))
    except ImageError:
        raise
    except Exception as error:
        logger.info("a %s picture was refused: %r", name, error)
        raise DamagedImageError(f"the {name} picture's header is cut off or damaged") from error
    limits.check_memory(size, name, needed)
    return OpenPicture(data, image, name, mode, size, detail, needed)


def _reduced(image: ImageFile, detail: Detail) -> Image.Image:
    image.load()
    return reduced(image, detail.factor(image.size))


def _open(data: bytes) -> tuple[ImageFile, str]:
    if not data:
        raise EmptyImageError("the file is empty")
    name = detect_format(data)
    if name is None:
        raise NotAnImageError(f"the file is not a picture; accepted are {_ACCEPTED}")
    if name not in READERS:
        raise FormatError(f"{name} pictures are not accepted; send {_ACCEPTED}")
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
