"""The stroke scale: about how wide the pen's strokes are, measured before binarisation."""

import cv2
import numpy as np
from cv2.typing import MatLike

from app.lenet.canonical.thumbnail import thumbnail

FINE = 256
"""Longer side, in pixels, of pictures that are not reduced; larger ones are at most halved, for thin pens' sake."""

AROUND = 1 / 4
"""Window of the local mean and deviation, as a share of the longer side: wider than the strokes it is to find."""

STANDS_OUT = 1.5
"""Local deviations above the local mean from which a pixel counts as a stroke's (Niblack, 1986)."""

LEAST_CONTRAST = 4
"""MatLike levels above the local mean below which it is the paper's grain."""


def stroke_scale(ink: MatLike) -> float:
    """Return about a stroke's width, in pixels, of light ink on a dark, uneven background [height, width]; 0 if none.

    What stands out from its neighbourhood is measured in runs along rows and columns (after the stroke width of Su, Lu
    and Tan, 2013). Half of its pixels lie in runs of at most this length, which is at most twice the median run. Runs
    along strokes count too, so that the scale is rather too large; shadows and hands have long runs, but few.
    """
    small = cv2.GaussianBlur(thumbnail(ink, max(FINE, max(ink.shape) // 2)), (3, 3), 0)
    window = max(5, round(max(small.shape) * AROUND) | 1)
    mean = cv2.boxFilter(small, cv2.CV_32F, (window, window), borderType=cv2.BORDER_REFLECT)
    squares = cv2.sqrBoxFilter(small, cv2.CV_32F, (window, window), borderType=cv2.BORDER_REFLECT)
    deviation = cv2.sqrt(np.maximum(squares - mean * mean, (LEAST_CONTRAST / STANDS_OUT) ** 2))
    mask = cv2.compare(small.astype(np.float32), mean + STANDS_OUT * deviation, cv2.CMP_GT)
    lengths = np.concatenate((_runs(mask), _runs(mask.T)))
    if not lengths.size:
        return 0.0
    covered = np.cumsum(np.bincount(lengths, weights=lengths))
    run = min(float(np.searchsorted(covered, covered[-1] / 2)), 2 * float(np.median(lengths)))
    return float(run * max(ink.shape) / max(small.shape))


def _runs(mask: MatLike) -> MatLike:
    """Return the lengths of the runs, along the rows, of what is not 0."""
    apart = np.pad(mask, ((0, 0), (1, 1))).ravel()
    ends = np.flatnonzero(apart[1:] != apart[:-1])
    return ends[1::2] - ends[::2]
