"""An even paper under the ink: shading, shadows, hands and stains subtracted."""

import cv2
import numpy as np

from app.lenet.canonical.background import Grey, thumbnail
from app.lenet.canonical.stroke_scale import stroke_scale

SHADING = 96
"""Longer side, in pixels, of the thumbnail on which shading is estimated: fine enough for the edge of a shadow."""

WIDEST_STROKE = 0.25
"""Share of the longer side no stroke is wider than: what is wider belongs to the paper."""

SURELY_PAPER = 0.33
"""The same, but wide enough for a pen on a tight crop: no picture is called uneven for a bold stroke."""

UNEVEN = 0.06
"""Paper whose shades spread over more than this share of the ink's contrast is flattened."""

SAME_SHADE = 2
"""Grey levels within which a scanner's or a canvas's paper stays, JPEG included; camera noise is larger."""

DARKEST_SHADOW = 64
"""Light, in grey levels, that paper is assumed to have at least: deeper shadows would be mostly noise."""

STROKES_ACROSS = 3.0
"""Stroke scales across the window of the opening: what is wider than that is paper, however dark."""

WINDOW = 9
"""Least pixels across that window on the thumbnail that it is opened on."""


def flatten(ink: Grey) -> tuple[Grey, bool]:
    """Subtract the paper from light ink on dark, uneven paper, [height, width]; says whether there was need to.

    The paper is the morphological opening of a thumbnail (the top-hat of Meyer, 1979), which follows a shadow's edge;
    what ink takes of the light is proportional to the light there is, so the difference is divided by it.
    """
    small = cv2.GaussianBlur(thumbnail(ink, SHADING), (3, 3), 0)
    contrast = int(cv2.subtract(small, _opened(small, WIDEST_STROKE)).max())
    surely = cv2.getStructuringElement(cv2.MORPH_RECT, _size(small, SURELY_PAPER))
    certain = cv2.morphologyEx(small, cv2.MORPH_OPEN, surely, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    darkest, lightest = np.percentile(certain, (2, 98))
    if lightest - darkest <= UNEVEN * contrast + SAME_SHADE:
        return ink, False
    return without_paper(ink), True


def without_paper(ink: Grey) -> Grey:
    """The same whether or not there is need to."""
    share = min(STROKES_ACROSS * stroke_scale(ink) / max(ink.shape), WIDEST_STROKE) or WIDEST_STROKE
    small = cv2.GaussianBlur(thumbnail(ink, max(SHADING, round(WINDOW / share))), (3, 3), 0)
    paper = cv2.resize(cv2.blur(_opened(small, share), (3, 3)), ink.shape[::-1], interpolation=cv2.INTER_LINEAR)
    light = np.maximum(cv2.bitwise_not(paper), DARKEST_SHADOW)
    return cv2.divide(cv2.subtract(ink, paper), light, scale=255)


def _opened(small: Grey, share: float) -> Grey:
    return cv2.morphologyEx(small, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, _size(small, share)))


def _size(small: Grey, share: float) -> tuple[int, int]:
    size = max(3, round(max(small.shape) * share) | 1)
    return size, size
