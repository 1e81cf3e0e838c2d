"""Printed lines: ruled and squared paper, grids and the rules of forms, long and straight and thin."""

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from app.lenet.canonical.background import Grey

SPAN = 0.8
"""Share of the picture's side a printed line runs through; a stroke of a digit does not."""

THICKEST = 1 / 26
"""Thickness of a printed line, as a share of its length; strokes that run as far are thicker."""

RUN = 1 / 8
"""Length, as a share of the least length, over which a line must be unbroken: longer than most strokes are straight."""

DRIFT = 1 / 10
"""Share of that run by which a line may drift sideways over it: paper is seldom photographed quite upright."""

SOFT_EDGE = 1.5
"""Pixels beyond a line's edge that its blur reaches."""

SMALLEST_RULED = 64
"""Longer side, in pixels, below which lines are not looked for: they could not be told from strokes."""


def remove_lines(ink: Grey, faintest: float, paper: int, shortest: tuple[float, float]) -> Grey:
    """Take lines brighter than `faintest` out of light ink on paper of the level `paper`, [height, width].

    `shortest`: pixels from which a line counts, along x and along y. Strokes that cross a line are thicker there than
    the line is, and stay.
    """
    rest = _without_lines_along_x(ink, shortest[0], faintest, paper)
    return cv2.transpose(_without_lines_along_x(cv2.transpose(rest), shortest[1], faintest, paper))


def _without_lines_along_x(ink: Grey, shortest: float, faintest: float, paper: int) -> Grey:
    if shortest > ink.shape[1]:
        return ink
    run = max(5, round(shortest * RUN))
    drift = max(3, round(run * DRIFT) | 1)
    unbroken = cv2.morphologyEx(cv2.dilate(ink, _window(1, drift)), cv2.MORPH_OPEN, _window(run, 1))
    _, runs = cv2.threshold(unbroken, faintest, 255, cv2.THRESH_BINARY)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    rest = ink
    for number in np.flatnonzero(stats[:, cv2.CC_STAT_WIDTH] >= shortest):
        if number:
            rest = rest.copy() if rest is ink else rest
            x, y, width, height, _ = stats[number]
            margin = drift + round(shortest * THICKEST)
            rows = slice(max(y - margin, 0), y + height + margin)
            columns = slice(x, x + width)
            _erase(rest[rows, columns], labels[rows, columns] == number, drift, shortest * THICKEST, faintest, paper)
    return rest


def _erase(ink: Grey, near: NDArray[np.bool_], drift: int, thickest: float, faintest: float, paper: int) -> None:
    """Paint over, in place, the line that runs through the pixels `near` it, if it is thin; what is thicker crosses it.

    The line is the parabola through the middles of the thin columns, because paper bends and lenses distort.
    """
    mask = (ink > faintest).astype(np.uint8)
    line = cv2.bitwise_and(mask, cv2.dilate(near.astype(np.uint8), _window(1, drift)))
    thicknesses = line.sum(axis=0)
    thickness = int(np.median(thicknesses[thicknesses > 0]))
    if thickness > thickest:
        return
    rows = np.arange(len(ink))[:, np.newaxis]
    columns = np.flatnonzero((thicknesses > 0) & (thicknesses <= thickness + 1))
    middles = (line[:, columns] * rows).sum(axis=0) / thicknesses[columns]
    parabola = _fitted(columns, middles, thickness)
    off = np.abs(rows - np.polyval(parabola, np.arange(ink.shape[1])))
    crossing = cv2.morphologyEx(mask, cv2.MORPH_OPEN, _window(1, thickness + max(2, thickness // 2) + 1))
    ink[(off <= thickness / 2 + SOFT_EDGE) & (crossing == 0)] = paper


def _fitted(columns: MatLike, middles: MatLike, thickness: int) -> MatLike:
    """Coefficients of the parabola through the middles, fitted again without those that are off the line."""
    parabola = np.polyfit(columns, middles, 2)
    for _ in range(3):
        off = np.abs(np.polyval(parabola, columns) - middles)
        close = off <= max(thickness / 2, float(np.median(off)))
        parabola = np.polyfit(columns[close], middles[close], 2)
    return parabola


def _window(along: int, across: int) -> Grey:
    return cv2.getStructuringElement(cv2.MORPH_RECT, (along, across))
