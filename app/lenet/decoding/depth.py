"""Pixels of 16 and 32 bits to 8 bits: scaled, never clipped."""

from collections.abc import Iterable

import numpy as np
from PIL import Image

DEEP = ("I", "F")
"""How the names of Pillow's modes of more than 8 bits begin."""


def is_deep(image: Image.Image) -> bool:
    """Return whether the picture's pixels have more than 8 bits."""
    return image.mode.startswith(DEEP)


def value_range(images: Iterable[Image.Image]) -> tuple[float, float]:
    """Return the least and the greatest finite value in pictures of 32-bit integers or floats; (0, 0) without any."""
    low, high = np.inf, -np.inf
    for image in images:
        values = np.asarray(image)
        finite = values[np.isfinite(values)]
        if finite.size:
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
    return (low, high) if low <= high else (0.0, 0.0)


def scaled_to_range(image: Image.Image, low: float, high: float) -> Image.Image:
    """Return 32-bit integers or floats as 8 bits between these values, because such files do not say what white is."""
    values = np.asarray(image)
    if low == high:
        return Image.new("L", image.size)
    scaled = values.astype(np.float64)
    scaled -= low
    scaled /= high - low
    scaled *= 255
    np.nan_to_num(scaled, copy=False, nan=0.0)
    return Image.fromarray(scaled.clip(0, 255, out=scaled).round(out=scaled).astype(np.uint8))


def scaled_by_depth(image: Image.Image, bits: int) -> Image.Image:
    """Return unsigned integers of so many bits as 8 bits (of 16 bits, a 257th); with alpha if a grey is transparent."""
    values, white = np.asarray(image), (1 << bits) - 1
    levels = (np.arange(1 << 16, dtype=np.uint32) * 255 + white // 2) // white
    grey = Image.fromarray(levels.clip(max=255).astype(np.uint8)[values])
    transparent = image.info.get("transparency")
    if transparent is None:
        return grey
    return Image.merge("LA", (grey, Image.fromarray(np.where(values == transparent, 0, 255).astype(np.uint8))))


def bits_used(image: Image.Image) -> int:
    """Return how many bits of a 16-bit mode the file uses: 12 in some TIFFs, as their BitsPerSample says."""
    return int(getattr(image, "tag_v2", {}).get(258, (16,))[0])
