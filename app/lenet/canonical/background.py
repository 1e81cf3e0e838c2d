"""Background subtraction: an even background under the ink, without shading, shadows, hands and stains."""

from dataclasses import replace

import cv2
import numpy as np
from cv2.typing import MatLike

from app.lenet.canonical.ink import Ink
from app.lenet.canonical.stroke_scale import stroke_scale
from app.lenet.canonical.thumbnail import thumbnail

SHADING = 96
"""Longer side, in pixels, of the thumbnail on which shading is estimated: fine enough for the edge of a shadow."""

WIDEST_STROKE = 0.25
"""Share of the longer side that no stroke is wider than: what is wider belongs to the background."""

SURELY_BACKGROUND = 0.33
"""The same, but wide enough for a pen on a tight crop: a bold stroke makes no background uneven."""

MOST_OF_A_STRIP = 0.8
"""Share of the shorter side that it covers at most, or else a strip with one line of writing would have no background.
"""

UNEVEN = 0.06
"""A background whose shades spread over more than this share of the ink's contrast is subtracted."""

SAME_SHADE = 2
"""Grey levels within which the background of a scan or a canvas stays, JPEG included; camera noise is larger."""

DARKEST_SHADOW = 64
"""Light, in grey levels, that the background is assumed to have at least: deeper shadows would be mostly noise."""

STROKES_ACROSS = 3.0
"""Stroke scales across the window of the opening: what is wider than that is background, however dark."""

NARROW = 0.07
"""Share of the longer side up to which that window is used where most of the background has one shade. A wider pen is
then a bold digit's, and wider still than it seems: the scale is measured against a neighbourhood that it fills."""

WINDOW = 9
"""The fewest pixels across that window, on the thumbnail that is opened."""

KEPT = 0.5
"""Share of the ink's contrast that must be left after the background is subtracted."""


def flatten_background(ink: Ink) -> Ink:
    """Subtract the background from light ink if it is uneven."""
    small = cv2.GaussianBlur(thumbnail(ink.sheet, SHADING), (3, 3), 0)
    contrast = int(cv2.subtract(small, _opened(small, WIDEST_STROKE)).max())
    surely = cv2.getStructuringElement(cv2.MORPH_RECT, _inside(small, _size(small, SURELY_BACKGROUND)))
    certain = cv2.morphologyEx(small, cv2.MORPH_OPEN, surely, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    darkest, usual, lightest = np.percentile(certain, (2, 50, 98))
    light = replace(ink, light=ink.sheet)
    if lightest - darkest <= UNEVEN * contrast + SAME_SHADE:
        return light
    # Where most of the background has one shade, what is lighter may be a bold stroke.
    flat = subtract_background(ink.sheet, widest=WIDEST_STROKE if usual - darkest > SAME_SHADE else NARROW)
    if flat.max() < KEPT * contrast:  # the strokes were wider than they seemed, and went with the background
        flat = _without_background(ink.sheet, WIDEST_STROKE)
    return replace(light, sheet=flat, flattened=True)


def subtract_background(light_ink: MatLike, widest: float = WIDEST_STROKE) -> MatLike:
    """Return light ink [height, width] on an even, dark background.

    The background is the morphological opening of a thumbnail (the top-hat of Meyer, 1979), by a window a few strokes
    wide; it follows a shadow's edge. Ink takes away a share of the light that falls on it, so the difference is divided
    by the light there. Above `widest`, a share of the longer side, the stroke scale is not trusted.
    """
    share = STROKES_ACROSS * stroke_scale(light_ink) / max(light_ink.shape)
    return _without_background(light_ink, share if 0 < share <= widest else WIDEST_STROKE)


def _without_background(light_ink: MatLike, share: float) -> MatLike:
    """Do so with a window of that share of the longer side."""
    small = cv2.GaussianBlur(thumbnail(light_ink, max(SHADING, round(WINDOW / share))), (3, 3), 0)
    opened = cv2.blur(_opened(small, share), (3, 3))
    background = cv2.resize(opened, light_ink.shape[::-1], interpolation=cv2.INTER_LINEAR)
    light = np.maximum(cv2.bitwise_not(background), DARKEST_SHADOW)
    return cv2.divide(cv2.subtract(light_ink, background), light, scale=255)


def _opened(small: MatLike, share: float) -> MatLike:
    return cv2.morphologyEx(small, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, _size(small, share)))


def _inside(small: MatLike, size: tuple[int, int]) -> tuple[int, int]:
    """Return the size of a structuring element, or a smaller one that fits the picture; odd and at least 3."""
    fits = max(3, (int(MOST_OF_A_STRIP * min(small.shape)) - 1) | 1)
    return min(size[0], fits), min(size[1], fits)


def _size(small: MatLike, share: float) -> tuple[int, int]:
    """Return the size of a square structuring element, odd and at least 3."""
    size = max(3, round(max(small.shape) * share) | 1)
    return size, size
