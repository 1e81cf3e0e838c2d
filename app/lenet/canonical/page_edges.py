"""Page edges: the desk, the next page, a hand's or a scanner's shadow along a border of the picture."""

from dataclasses import replace

import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from app.lenet.canonical.binarisation import firm_pixels
from app.lenet.canonical.ink import Ink

ALONG = 0.5
"""Share of a border from which a component that covers it is no writing."""

DEEP = 0.25
"""Share of the picture that an edge reaches in at most; what reaches further has writing on it or is a digit."""

FLUSH = 0.8
"""Share of its own length along a border that a slim component touches it from which it is a piece of an edge."""

SLIM = 0.25
"""How far such a piece reaches in at most, as a share of its length."""


def drop_page_edges(ink: Ink) -> Ink:
    """Count the firm pixels of each component, none of the page's edges unless there is nothing else."""
    firm = firm_pixels(ink)
    outside, _ = edges(ink.labels, ink.boxes)
    if firm[~outside].any():
        firm[outside] = 0
    return replace(ink, firm=firm)


def edges(labels: MatLike, boxes: MatLike) -> tuple[NDArray[np.bool_], bool]:
    """Return, for each component, whether it is an edge of the page; and whether a deeper one is at a border.

    `labels` [height, width] and `boxes` [components + 1, 4] are those of `Ink`.
    """
    height, width = labels.shape
    shallow = np.zeros(len(boxes), np.bool_)
    deep = False
    for border, side, depth, length in (
        (labels[0], height, boxes[:, 3], boxes[:, 2]),
        (labels[-1], height, boxes[:, 3], boxes[:, 2]),
        (labels[:, 0], width, boxes[:, 2], boxes[:, 3]),
        (labels[:, -1], width, boxes[:, 2], boxes[:, 3]),
    ):
        touching = np.bincount(border, minlength=len(boxes))
        covered = (touching >= ALONG * len(border)) | ((touching >= FLUSH * length) & (depth <= SLIM * length))
        covered[0] = False
        if covered.any():
            shallow |= covered & (depth <= DEEP * side)
            deep |= bool(np.any(covered & (depth > DEEP * side)))
    return shallow, deep
