"""Grain: sensor noise and the fibres of rough paper, which come out as specks where ink comes out as strokes."""

import cv2
import numpy as np
from numpy.typing import NDArray

from app.lenet.canonical.background import Grey

HOLDS_TOGETHER = 1.0
"""Pixels of a mark, in squares of the stroke scale, below which it is a speck; a digit's strokes have ten."""

SIGMA = 1 / 4
"""Deviation of the smoothing Gaussian in stroke scales: half a thin stroke at most."""


def in_specks(firm: NDArray[np.intp], scale: float) -> bool:
    """Whether at least half the ink is in specks; `firm` are the marks' pixels, `scale` the stroke scale in pixels."""
    sizes = np.sort(firm[firm > 0])
    if not sizes.size:
        return False
    covered = np.cumsum(sizes)
    return bool(sizes[np.searchsorted(covered, covered[-1] / 2)] < HOLDS_TOGETHER * scale * scale)


def smoothed(ink: Grey, scale: float) -> Grey:
    """The picture [height, width] without detail that is finer than its strokes."""
    return cv2.GaussianBlur(ink, (0, 0), max(SIGMA * scale, 0.5))
