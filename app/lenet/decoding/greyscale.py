"""Any of Pillow's pixel modes to 8-bit grey, with transparency laid on a ground that keeps the drawing visible."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.lenet.inference.input_tensor import Grey

# A drawing whose own greys differ by more than this has its paper in it; one that does not is ink alone.
_TWO_TONES = 96
_OPAQUE = 128


def to_grey(image: Image.Image) -> Grey:
    """Return the picture as (H, W) uint8: ITU-R 601 luma for colours, other depths scaled and never clipped.

    Unsigned integers are scaled by their own depth (16 bits by 257); 32-bit integers and floats by the range of their
    finite values, because files of these do not say what white is.
    """
    if image.mode.startswith("I;16"):  # before transparency, of which Pillow's own conversion would clip it
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


def _composited(grey: Grey, alpha: NDArray[np.integer]) -> Grey:
    ground = _ground(grey[alpha >= _OPAQUE] if (alpha >= _OPAQUE).any() else grey[alpha > 0])
    weight = alpha.astype(np.uint16)
    return ((grey * weight + ground * (255 - weight) + 127) // 255).astype(np.uint8)


def _ground(drawn: Grey) -> int:
    """Return the grey to lay a drawing on, given its own greys: its paper's where it has paper, else ink's opposite."""
    if not drawn.size:
        return 255
    dark, middle, light = np.percentile(drawn, (1, 50, 99))
    if light - dark > _TWO_TONES:
        return int(middle)
    return 0 if middle >= 128 else 255


def _from_depth(values: NDArray[np.unsignedinteger], bits: int) -> Grey:
    white = (1 << bits) - 1
    return ((values.astype(np.uint32) * 255 + white // 2) // white).clip(max=255).astype(np.uint8)


def _bits(image: Image.Image) -> int:
    """Return how many of a 16-bit mode's bits a file uses: 12 in some TIFFs, as their BitsPerSample says."""
    tags = getattr(image, "tag_v2", {})
    return int(tags.get(258, (16,))[0])


def _from_range(values: NDArray[np.int32] | NDArray[np.float32]) -> Grey:
    wide = values.astype(np.float64)
    finite = np.isfinite(wide)
    if not finite.any():
        return np.zeros(values.shape, np.uint8)
    low, high = wide[finite].min(), wide[finite].max()
    if low == high:
        return np.zeros(values.shape, np.uint8)
    scaled = np.nan_to_num((wide - low) / (high - low) * 255, nan=0.0)
    return np.asarray(scaled.clip(0, 255).round(), np.uint8)
