"""What lies outside the page: the desk, the next page, a hand's or a scanner's shadow along a border of the picture."""

import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

ALONG = 0.5
"""Share of a border from which what covers it is not written."""

DEEP = 0.25
"""Share of the picture up to which an edge reaches in; what reaches further has writing on it or is a digit."""


def edges(labels: MatLike, boxes: MatLike) -> tuple[NDArray[np.bool_], bool]:
    """For each mark, [marks + 1], whether it is an edge of the page; and whether a deep one is at a border.

    `labels` [height, width] numbers the marks from 1, `boxes` [marks + 1, 4] has their x, y, width and height.
    """
    height, width = labels.shape
    shallow = np.zeros(len(boxes), np.bool_)
    deep = False
    for border, side, depth in (
        (labels[0], height, boxes[:, 3]),
        (labels[-1], height, boxes[:, 3]),
        (labels[:, 0], width, boxes[:, 2]),
        (labels[:, -1], width, boxes[:, 2]),
    ):
        covered = np.bincount(border, minlength=len(boxes)) >= ALONG * len(border)
        covered[0] = False
        if covered.any():
            shallow |= covered & (depth <= DEEP * side)
            deep |= bool(np.any(covered & (depth > DEEP * side)))
    return shallow, deep
