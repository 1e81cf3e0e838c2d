"""How wide the pen's strokes are, told before ink is told from paper: local contrast and run lengths."""

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from app.lenet.canonical.background import Grey, thumbnail

FINE = 512
"""Longer side, in pixels, of the thumbnail on which runs are measured: a thin pen on a page is still a pixel wide."""

AROUND = 1 / 4
"""Window of the local mean and deviation, as a share of the longer side: wider than the strokes it is to find."""

STANDS_OUT = 1.5
"""Local deviations above the local mean from which a pixel counts as a stroke's (Niblack, 1986)."""

LEAST_CONTRAST = 4
"""Grey levels above the local mean below which it is the paper's grain."""


def stroke_scale(ink: Grey) -> float:
    """A stroke's width in pixels of light ink on dark, unevenly lit paper [height, width], rather too large; 0 if none.

    Half of what stands out from its neighbourhood lies in runs, along rows or columns, that are at most so long
    (after the stroke width of Su, Lu and Tan, 2013). Runs along strokes count too, which is why it is too large;
    shadows and hands have long runs, but few.
    """
    small = cv2.GaussianBlur(thumbnail(ink, FINE), (3, 3), 0)
    values = small.astype(np.float32)
    window = max(5, round(max(small.shape) * AROUND) | 1)
    mean = cv2.blur(values, (window, window), borderType=cv2.BORDER_REFLECT)
    squares = cv2.sqrBoxFilter(small, cv2.CV_32F, (window, window), borderType=cv2.BORDER_REFLECT)
    deviation = np.sqrt(np.maximum(squares - mean * mean, 0))
    mask = values - mean > np.maximum(STANDS_OUT * deviation, LEAST_CONTRAST)
    lengths = np.concatenate((_runs(mask), _runs(mask.T)))
    if not lengths.size:
        return 0.0
    covered = np.cumsum(np.bincount(lengths, weights=lengths))
    return float(np.searchsorted(covered, covered[-1] / 2)) * max(ink.shape) / max(small.shape)


def _runs(mask: NDArray[np.bool_]) -> MatLike:
    """Lengths of the runs of true pixels along the rows."""
    apart = np.pad(mask, ((0, 0), (1, 1))).ravel()
    ends = np.flatnonzero(apart[1:] != apart[:-1])
    return ends[1::2] - ends[::2]
