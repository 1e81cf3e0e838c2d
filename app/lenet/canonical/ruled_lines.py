"""Ruled and squared paper: printed lines from one border of the picture to the other."""

import cv2
import numpy as np

from app.lenet.canonical.background import Grey

SPAN = 0.8
"""Share of the picture's side a printed line runs through; a stroke of a digit does not."""

THICKEST = 1 / 32
"""Thickness of a printed line, as a share of the picture's longer side; strokes that run as far are thicker."""

RUN = 1 / 10
"""Length, as a share of the side, over which a line must be unbroken: longer than most strokes are straight."""

DRIFT = 1 / 100
"""Share of the side by which a line may drift sideways over one run: paper is seldom photographed quite upright."""

SMALLEST_RULED = 64
"""Longer side, in pixels, below which lines are not looked for: they could not be told from strokes."""


def remove_lines(ink: Grey, faintest: float) -> Grey:
    """Take lines brighter than `faintest` out of light ink on dark paper [height, width].

    Where a stroke crosses a line, the gap is closed again from both its sides.
    """
    thickest = max(3, round(max(ink.shape) * THICKEST))
    on_line = cv2.max(_lines(ink, 0, thickest, faintest), _lines(ink, 1, thickest, faintest))
    rest = cv2.bitwise_and(ink, cv2.bitwise_not(on_line))
    window = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (thickest | 1, thickest | 1))
    closed = cv2.morphologyEx(rest, cv2.MORPH_CLOSE, window)
    return cv2.max(rest, cv2.min(cv2.min(closed, ink), on_line))


def _lines(ink: Grey, axis: int, thickest: int, faintest: float) -> Grey:
    """255 on the lines that run along `axis` (0: x, 1: y), 0 elsewhere."""

    def window(along: int, across: int) -> Grey:
        return cv2.getStructuringElement(cv2.MORPH_RECT, (along, across) if axis == 0 else (across, along))

    side = ink.shape[1 - axis]
    drifting = cv2.dilate(ink, window(1, max(3, round(side * DRIFT))))
    unbroken = cv2.morphologyEx(drifting, cv2.MORPH_OPEN, window(max(1, round(side * RUN)), 1))
    _, runs = cv2.threshold(unbroken, faintest, 255, cv2.THRESH_BINARY)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    through = stats[:, cv2.CC_STAT_WIDTH + axis] >= SPAN * side
    through[0] = False
    # Outside the picture is paper, so that a frame along the border is thin too.
    thin = cv2.morphologyEx(ink, cv2.MORPH_TOPHAT, window(1, thickest), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    _, thin = cv2.threshold(thin, faintest, 255, cv2.THRESH_BINARY)
    edges_too = cv2.dilate(thin, window(1, 3))
    return cv2.bitwise_and(edges_too, np.where(through, 255, 0).astype(np.uint8)[labels])
