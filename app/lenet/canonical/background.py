"""Paper and ink: which of the two is the darker, and an even paper under the ink."""

import cv2
import numpy as np
from cv2.typing import MatLike

Grey = MatLike
"""A picture of one channel, uint8 [height, width]; the name OpenCV's functions have for arrays."""

GLANCE = 32
"""Longer side, in pixels, of the thumbnail that tells ink from paper: strokes still show, paper grain does not."""

BORDER_VOTE = 0.5
"""Weight of the border's vote against the skewness, which is 1 to 4 on whole digits and near 0 on tight crops."""

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


def thumbnail(grey: Grey, side: int) -> Grey:
    """The image with its longer side reduced to at most `side` pixels by averaging over areas; never enlarged."""
    height, width = grey.shape
    if max(height, width) <= side:
        return grey
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(grey, size, interpolation=cv2.INTER_AREA)


def ink_is_dark(grey: Grey) -> bool:
    """Whether a uint8 picture [height, width] shows dark ink on lighter paper.

    Ink is the minority near every point, so the differences from the local mean are skewed towards it; this holds
    under shadows, vignettes and frames. Where it is none, on tight crops, the border decides: paper surrounds ink.
    """
    small = thumbnail(grey, GLANCE)
    window = max(3, max(small.shape) // 2 | 1)
    local = np.subtract(small, cv2.blur(small, (window, window), borderType=cv2.BORDER_REFLECT), dtype=np.float32)
    deviation = float(np.sqrt(np.mean(local**2)))
    skewness = float(np.mean(local**3)) / (deviation**3 + 1e-6)
    _, light = cv2.threshold(small, 0, 1, cv2.THRESH_OTSU)
    border = np.concatenate((light[0], light[-1], light[:, 0], light[:, -1]))
    return BORDER_VOTE * (2 * float(border.mean()) - 1) > skewness


def flatten(ink: Grey) -> tuple[Grey, bool]:
    """Subtract the paper from light ink on dark, uneven paper, [height, width]; says whether there was need to.

    The paper is the morphological opening of a thumbnail (the top-hat of Meyer, 1979), which follows a shadow's edge;
    what ink takes of the light is proportional to the light there is, so the difference is divided by it.
    """
    small = cv2.GaussianBlur(thumbnail(ink, SHADING), (3, 3), 0)
    paper = cv2.morphologyEx(small, cv2.MORPH_OPEN, _window(small, WIDEST_STROKE))
    surely = _window(small, SURELY_PAPER)
    certain = cv2.morphologyEx(small, cv2.MORPH_OPEN, surely, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    darkest, lightest = np.percentile(certain, (2, 98))
    contrast = int(cv2.subtract(small, paper).max())
    if lightest - darkest <= UNEVEN * contrast + SAME_SHADE:
        return ink, False
    paper = cv2.resize(cv2.blur(paper, (3, 3)), ink.shape[::-1], interpolation=cv2.INTER_LINEAR)
    light = np.maximum(cv2.bitwise_not(paper), DARKEST_SHADOW)
    return cv2.divide(cv2.subtract(ink, paper), light, scale=255), True


def _window(small: Grey, share: float) -> Grey:
    """A square structuring element of odd size, at least 3."""
    size = max(3, round(max(small.shape) * share) | 1)
    return cv2.getStructuringElement(cv2.MORPH_RECT, (size, size))
