"""Any of Pillow's modes of 8 bits to grey; transparent pictures go on a background that keeps the drawing visible."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.lenet.image_types import GreyImage

# A drawing whose own greys differ by more than this includes its background; otherwise it is ink alone.
_TWO_TONES = 96
_OPAQUE = 128


def to_grey(image: Image.Image) -> GreyImage:
    """Return a picture of 8 bits a channel as (H, W) uint8: ITU-R 601 luma for colours."""
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return _composited(np.asarray(image.convert("L")), np.asarray(image.getchannel("A")))
    if image.mode == "LAB":
        return np.asarray(image.getchannel("L"))
    return np.asarray(image.convert("L"))


def _composited(grey: GreyImage, alpha: NDArray[np.integer]) -> GreyImage:
    background = _background(grey[alpha >= _OPAQUE] if (alpha >= _OPAQUE).any() else grey[alpha > 0])
    weight = alpha.astype(np.uint16)
    return ((grey * weight + background * (255 - weight) + 127) // 255).astype(np.uint8)


def _background(drawn: GreyImage) -> int:
    """Return the background for a drawing, given its own greys: its own background if it has one, else the opposite."""
    if not drawn.size:
        return 255
    dark, middle, light = np.percentile(drawn, (1, 50, 99))
    if light - dark > _TWO_TONES:
        return int(middle)
    return 0 if middle >= 128 else 255
