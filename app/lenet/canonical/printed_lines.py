"""Printed lines: ruled and squared paper, grids and the rules of forms, long and straight and thin."""

import cv2
import numpy as np
from cv2.typing import MatLike

from app.lenet.canonical.components import connected_components

THICKEST = 1 / 26
"""Thickness of a printed line, as a share of its length; strokes that run as far are thicker."""

RUN = 1 / 8
"""Length, as a share of the least length, over which a line must be unbroken: longer than most strokes are straight."""

RUN_OF_SHORT = 1 / 4
"""The same for lines that count alone: they are as short as words or the walls of boxes, and strokes are as wide."""

DRIFT = 1 / 10
"""Share of that run by which a line may drift sideways over it: paper is seldom photographed quite upright."""

BORDER = 1 / 50
"""Share of the side by which a line may miss the border and still run out of the picture."""

SOFT_EDGE = 1.5
"""Pixels beyond a line's edge that its blur reaches."""

BARE = 1 / 3
"""Share of a line's length, at least, on which nothing is written."""

REFITS = 4
"""Times a line is fitted, each without what was off the last time."""


def printed_lines(mask: MatLike, shortest: tuple[float, float], alone: bool, thickest: float = THICKEST) -> MatLike:
    """The pixels of printed lines in a mask of ink, 255 on 0, [height, width], as another.

    `shortest`: pixels from which a line counts, along x and along y. `alone`: whether a single one counts that does not
    run from border to border, which might be a stroke. `thickest` is a share of a line's length. Strokes that cross a
    line are thicker there than the line is, and are left out.
    """
    along_x = _along_x(mask, shortest[0], alone, thickest)
    without_x = cv2.bitwise_and(mask, cv2.bitwise_not(along_x))
    return cv2.bitwise_or(along_x, cv2.transpose(_along_x(cv2.transpose(without_x), shortest[1], alone, thickest)))


def _along_x(mask: MatLike, shortest: float, alone: bool, share: float) -> MatLike:
    found = np.zeros_like(mask)
    if shortest > mask.shape[1]:
        return found
    run = max(5, round(shortest * (RUN_OF_SHORT if alone else RUN)))
    drift = max(3, round(run * DRIFT) | 1)
    whole = cv2.morphologyEx(cv2.dilate(mask, _window(1, drift)), cv2.MORPH_CLOSE, _window(max(3, run // 4), 1))
    runs = cv2.morphologyEx(whole, cv2.MORPH_OPEN, _window(run, 1))
    labels, stats = connected_components(runs)
    long = [number for number in range(1, len(stats)) if stats[number, cv2.CC_STAT_WIDTH] >= shortest]
    if len(long) == 1 and not alone and not _from_border_to_border(stats[long[0]], mask.shape[1]):
        return found
    for number in long:
        x, y, width, height, _ = stats[number]
        thickest = width * share
        margin = drift + round(thickest)
        part = slice(max(y - margin, 0), y + height + margin), slice(x, x + width)
        near = cv2.dilate((labels[part] == number).astype(np.uint8), _window(1, drift))
        found[part] = cv2.bitwise_or(found[part], _thin_line(mask[part], near, thickest))
    return found


def _from_border_to_border(box: MatLike, side: int) -> bool:
    """Whether a line runs out of the picture on both sides."""
    left, width = int(box[cv2.CC_STAT_LEFT]), int(box[cv2.CC_STAT_WIDTH])
    return left <= BORDER * side and left + width >= (1 - BORDER) * side


def _thin_line(mask: MatLike, near: MatLike, thickest: float) -> MatLike:
    """The line that runs through the mask where `near` is not 0, and its soft edges; empty if it is too thick.

    The line is the parabola through the middles of the thin columns, because paper bends and lenses distort. What is
    thicker crosses it.
    """
    line = cv2.bitwise_and(mask, mask, mask=near) // 255
    thicknesses = line.sum(axis=0)
    thickness = round(_quantile(thicknesses[thicknesses > 0], BARE))
    if thickness > thickest:
        return np.zeros_like(mask)
    rows = np.arange(len(mask))[:, np.newaxis]
    columns = np.flatnonzero((thicknesses > 0) & (thicknesses <= thickness + 1))
    middles = (line[:, columns] * rows).sum(axis=0) / thicknesses[columns]
    off = np.abs(rows - _parabola(columns, middles, thickness, mask.shape[1]))
    crossing = cv2.morphologyEx(mask, cv2.MORPH_OPEN, _window(1, thickness + max(2, thickness // 2) + 1))
    return np.where((off <= thickness / 2 + SOFT_EDGE) & (crossing == 0), 255, 0).astype(np.uint8)


def _parabola(columns: MatLike, middles: MatLike, thickness: int, width: int) -> MatLike:
    """The parabola through the middles at each of `width` columns, fitted again without those that are off the line."""
    across = np.linspace(-1, 1, width)
    powers = np.stack((np.ones(width), across, across * across))
    known = powers[:, columns]
    curve: MatLike = powers[0]
    close = np.ones(len(columns), np.bool_)
    for _ in range(REFITS):
        basis = known[:, close]
        normal = basis @ basis.T + 1e-6 * np.eye(3)
        curve = np.linalg.solve(normal, basis @ middles[close]) @ powers
        off = np.abs(curve[columns] - middles)
        close = off <= max(thickness / 2, _quantile(off, 0.5))
    return curve


def _quantile(values: MatLike, share: float) -> float:
    """A quantile without interpolation, in a fifth of the time that numpy's takes for a few hundred values."""
    at = int(share * len(values))
    return float(np.partition(values, at)[at])


def _window(along: int, across: int) -> MatLike:
    return cv2.getStructuringElement(cv2.MORPH_RECT, (along, across))
