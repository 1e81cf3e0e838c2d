"""Any of Pillow's pixel modes to 8-bit grey; transparent pictures go on a background that keeps the drawing visible."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.lenet.image_types import GreyImage

# A drawing whose own greys differ by more than this includes its background; otherwise it is ink alone.
_TWO_TONES = 96
_OPAQUE = 128


def to_grey(image: Image.Image) -> GreyImage:
    """Return the picture as (H, W) uint8: ITU-R 601 luma for colours, other depths scaled and never clipped.

    Unsigned integers are scaled by their depth (16 bits by 257), 32-bit integers and floats by the range of their
    finite values, because such files do not say what white is.
    """
    if image.mode.startswith("I;16"):  # first, because Pillow's own conversion would clip
        values = np.asarray(image)
        grey = _from_depth(values, _bits(image))
        transparent = image.info.get("transparency")
        return grey if transparent is None else _composited(grey, np.where(values == transparent, 0, 255))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return _composited(np.asarray(image.convert("L")), np.asarray(image.getchannel("A")))
    if image.mode in ("I", "F"):
        return _from_range(np.asarray(image))
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


def _from_depth(values: NDArray[np.unsignedinteger], bits: int) -> GreyImage:
    white = (1 << bits) - 1
    return ((values.astype(np.uint32) * 255 + white // 2) // white).clip(max=255).astype(np.uint8)


def _bits(image: Image.Image) -> int:
    """Return how many bits of a 16-bit mode the file uses: 12 in some TIFFs, as their BitsPerSample says."""
    tags = getattr(image, "tag_v2", {})
    return int(tags.get(258, (16,))[0])


def _from_range(values: NDArray[np.int32] | NDArray[np.float32]) -> GreyImage:
    wide = values.astype(np.float64)
    finite = np.isfinite(wide)
    if not finite.any():
        return np.zeros(values.shape, np.uint8)
    low, high = wide[finite].min(), wide[finite].max()
    if low == high:
        return np.zeros(values.shape, np.uint8)
    scaled = np.nan_to_num((wide - low) / (high - low) * 255, nan=0.0)
    return np.asarray(scaled.clip(0, 255).round(), np.uint8)
