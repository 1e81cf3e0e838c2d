"""Ruled and squared paper: printed lines that run from one border of the picture to the other."""

from dataclasses import replace

import cv2
import numpy as np
from cv2.typing import MatLike

from app.lenet.canonical.binarisation import SOFT, levels_of, with_levels
from app.lenet.canonical.ink import Ink, Levels

SPAN = 0.8
"""Share of the picture's side that a printed line runs through; a stroke of a digit does not."""

THICKEST = 1 / 32
"""Thickness of a printed line, as a share of the picture's longer side; strokes that run as far are thicker."""

RUN = 1 / 10
"""Length, as a share of the side, over which a line must be unbroken: longer than most strokes are straight."""

DRIFT = 1 / 100
"""Share of the side by which a line may drift sideways over one run: photographed paper is seldom quite upright."""

SMALLEST_RULED = 64
"""Longer side, in pixels, below which lines are not looked for: they could not be told from strokes."""


def remove_ruled_lines(ink: Ink) -> Ink:
    """Take printed lines out of the ink: lines lighter than the pen become background, others are cut out."""
    if max(ink.sheet.shape) < SMALLEST_RULED or not _any_spans(ink):
        return ink
    removed = (*ink.removed, "lines")
    darker = replace(with_levels(ink, _darker_than_print(ink)), removed=removed)
    if not _any_spans(darker):
        return darker
    rest = remove_lines(ink.sheet, darker.levels.at(SOFT))
    return with_levels(replace(darker, sheet=rest), levels_of(rest))


def remove_lines(sheet: MatLike, faintest: float) -> MatLike:
    """Return light ink on a dark background [height, width] without lines brighter than `faintest`.

    Where a stroke crosses a line, the gap is closed again from both its sides.
    """
    thickest = max(3, round(max(sheet.shape) * THICKEST))
    on_line = cv2.max(_lines(sheet, 0, thickest, faintest), _lines(sheet, 1, thickest, faintest))
    rest = cv2.bitwise_and(sheet, cv2.bitwise_not(on_line))
    window = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (thickest | 1, thickest | 1))
    closed = cv2.morphologyEx(rest, cv2.MORPH_CLOSE, window)
    return cv2.max(rest, cv2.min(cv2.min(closed, sheet), on_line))


def _any_spans(ink: Ink) -> bool:
    """Whether a connected component runs through the picture, as printed lines do."""
    height, width = ink.sheet.shape
    return bool(np.any((ink.boxes[1:, 2] >= SPAN * width) | (ink.boxes[1:, 3] >= SPAN * height)))


def _darker_than_print(ink: Ink) -> Levels:
    """Return levels at which print is background, if it is lighter than the pen (Otsu's threshold among the ink)."""
    sheet, levels = ink.sheet, ink.levels
    split, _ = cv2.threshold(sheet[sheet > levels.at(SOFT)], 0, 255, cv2.THRESH_OTSU)
    pen = sheet[sheet > split]
    full = int(np.median(pen)) if pen.size else levels.ink
    return replace(levels, floor=max((split - SOFT * full) / (1 - SOFT), levels.floor), ink=full)


def _lines(sheet: MatLike, axis: int, thickest: int, faintest: float) -> MatLike:
    """Return 255 on the lines that run along `axis` (0: x, 1: y), 0 elsewhere."""

    def window(along: int, across: int) -> MatLike:
        return cv2.getStructuringElement(cv2.MORPH_RECT, (along, across) if axis == 0 else (across, along))

    side = sheet.shape[1 - axis]
    drifting = cv2.dilate(sheet, window(1, max(3, round(side * DRIFT))))
    unbroken = cv2.morphologyEx(drifting, cv2.MORPH_OPEN, window(max(1, round(side * RUN)), 1))
    _, runs = cv2.threshold(unbroken, faintest, 255, cv2.THRESH_BINARY)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    through = stats[:, cv2.CC_STAT_WIDTH + axis] >= SPAN * side
    through[0] = False
    # Outside the picture is background, so that a frame along the border is thin too.
    thin = cv2.morphologyEx(sheet, cv2.MORPH_TOPHAT, window(1, thickest), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    _, thin = cv2.threshold(thin, faintest, 255, cv2.THRESH_BINARY)
    edges_too = cv2.dilate(thin, window(1, 3))
    return cv2.bitwise_and(edges_too, np.where(through, 255, 0).astype(np.uint8)[labels])
