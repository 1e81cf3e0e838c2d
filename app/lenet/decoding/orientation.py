"""EXIF orientation: how a camera was held."""

import logging
from collections.abc import Callable

import numpy as np
from PIL import ExifTags
from PIL.ImageFile import ImageFile

from app.lenet.image_types import GreyImage

logger = logging.getLogger(__name__)

# What undoes each EXIF orientation. Source: CIPA DC-008 (Exif 2.32), tag 0x0112.
_TURNS: dict[int, Callable[[GreyImage], GreyImage]] = {
    2: np.fliplr,
    3: lambda grey: np.rot90(grey, 2),
    4: np.flipud,
    5: np.transpose,
    6: lambda grey: np.rot90(grey, -1),
    7: lambda grey: np.rot90(grey, 2).T,
    8: np.rot90,
}
_SIDEWAYS = (5, 6, 7, 8)
_WITH_ORIENTATION = {"exif", "xmp", "Raw profile type exif", "XML:com.adobe.xmp"}


def orientation_of(image: ImageFile) -> int:
    """Return the EXIF orientation, 1 to 8, of a loaded picture; 1 where there is none, and for TIFFs.

    Pillow turns TIFFs itself.
    """
    if not _WITH_ORIENTATION & image.info.keys():
        return 1
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception as error:  # metadata breaks in as many ways as pixels do; the picture is still good
        logger.debug("unreadable EXIF data: %r", error)
        return 1


def upright(grey: GreyImage, orientation: int) -> GreyImage:
    """Return the pixels [height, width] turned as the orientation says."""
    turn = _TURNS.get(orientation)
    return np.ascontiguousarray(turn(grey)) if turn else grey


def upright_size(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    """Return the width and height of the upright picture, given the stored ones."""
    width, height = size
    return (height, width) if orientation in _SIDEWAYS else (width, height)
