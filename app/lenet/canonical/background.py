"""Background subtraction: an even background under the ink, without shadows and shading."""

from dataclasses import replace

import cv2
import numpy as np
from cv2.typing import MatLike

from app.lenet.canonical.ink import Ink
from app.lenet.canonical.thumbnail import thumbnail

SHADING = 96
"""Longer side, in pixels, of the thumbnail on which shading is estimated: fine enough for the edge of a shadow."""

WIDEST_STROKE = 0.25
"""Share of the longer side that no stroke is wider than: what is wider belongs to the background."""

SURELY_BACKGROUND = 0.33
"""The same, but wide enough for a pen on a tight crop: a bold stroke makes no background uneven."""

UNEVEN = 0.06
"""A background whose shades spread over more than this share of the ink's contrast is subtracted."""

SAME_SHADE = 2
"""Grey levels within which the background of a scan or a canvas stays, JPEG included; camera noise is larger."""

DARKEST_SHADOW = 64
"""Light, in grey levels, that the background is assumed to have at least: deeper shadows would be mostly noise."""


def flatten_background(ink: Ink) -> Ink:
    """Subtract an uneven background from light ink.

    The background is the morphological opening of a thumbnail (the top-hat of Meyer, 1979), which follows a shadow's
    edge. Ink takes away a share of the light that falls on it, so the difference is divided by the light there.
    """
    light_ink = ink.sheet
    small = cv2.GaussianBlur(thumbnail(light_ink, SHADING), (3, 3), 0)
    background = cv2.morphologyEx(small, cv2.MORPH_OPEN, _window(small, WIDEST_STROKE))
    surely = _window(small, SURELY_BACKGROUND)
    certain = cv2.morphologyEx(small, cv2.MORPH_OPEN, surely, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    darkest, lightest = np.percentile(certain, (2, 98))
    contrast = int(cv2.subtract(small, background).max())
    if lightest - darkest <= UNEVEN * contrast + SAME_SHADE:
        return ink
    background = cv2.resize(cv2.blur(background, (3, 3)), light_ink.shape[::-1], interpolation=cv2.INTER_LINEAR)
    light = np.maximum(cv2.bitwise_not(background), DARKEST_SHADOW)
    return replace(ink, sheet=cv2.divide(cv2.subtract(light_ink, background), light, scale=255), flattened=True)


def _window(small: MatLike, share: float) -> MatLike:
    """Return a square structuring element of odd size, at least 3."""
    size = max(3, round(max(small.shape) * share) | 1)
    return cv2.getStructuringElement(cv2.MORPH_RECT, (size, size))
