"""Over-segmentation: marks cut into pieces along seams of little ink, of which digits are put together.

Source: LeCun et al., "Gradient-based learning applied to document recognition" (1998), section V; seams as in Avidan &
Shamir, "Seam carving for content-aware image resizing" (2007).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from app.lenet.reading.marks import Mark
from app.lenet.reading.pen import Pen

SEAM_ROWS = 32
"""Rows to which a taller mark is reduced to look for seams."""

DRIFT = 0.08
"""Cost, in fully inked pixels, of one column to the side."""

APART = 0.14
"""Distance between neighbouring seams in line heights at least."""

MOST_INK = 0.75
"""Ink that a seam may cross, in line heights: three strokes of a bold pen."""

NARROWEST = 0.27
"""Line heights per piece of a mark on average, which bounds the number of pieces."""

MOST_PIECES = 24
"""Pieces of one mark at most."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a mark, or all of it: its ink uint8 [height, width] at `left`, `top` of the sheet, and its pen.

    `cut_left` and `cut_right`: ink in pixels that the seams cross that part it from its neighbours in the mark; None at
    the mark's own ends.
    """

    picture: MatLike
    mark: Mark
    left: int
    top: int
    cut_left: float | None
    cut_right: float | None
    pen: Pen

    @property
    def right(self) -> int:
        """The column after the last."""
        return self.left + int(self.picture.shape[1])

    @property
    def bottom(self) -> int:
        """The row after the last."""
        return self.top + int(self.picture.shape[0])

    @property
    def whole(self) -> bool:
        """Whether it is all of its mark."""
        return self.cut_left is None and self.cut_right is None


def whole(mark: Mark, picture: MatLike) -> Piece:
    """Return the mark as one piece."""
    return Piece(picture, mark, mark.left, mark.top, None, None, Pen.of(picture))


def cut(mark: Mark, picture: MatLike, height: float, walls: Sequence[int] = ()) -> list[Piece]:
    """Return the pieces of a mark, uint8 [height, width], in a line of digits `height` pixels tall; left to right.

    At the columns `walls` of the sheet, where walls of cells were, it is cut whatever ink there is.
    """
    seams, costs = _seams(picture, height, [x - mark.left for x in walls])
    if not costs:
        return [whole(mark, picture)]
    rows = np.arange(picture.shape[0])
    edges = [np.zeros(len(rows), int), *np.maximum.accumulate(seams), np.full(len(rows), picture.shape[1])]
    columns = np.arange(picture.shape[1])
    pieces = []
    cuts: list[float | None] = [None, *costs, None]
    for number in range(len(edges) - 1):
        inside = (columns >= edges[number][:, None]) & (columns < edges[number + 1][:, None])
        part = np.where(inside, picture, 0).astype(np.uint8)
        x, y, w, h = cv2.boundingRect(part)
        if w:
            crop = np.ascontiguousarray(part[y : y + h, x : x + w])
            sides = cuts[number], cuts[number + 1]
            pieces.append(Piece(crop, mark, mark.left + x, mark.top + y, *sides, Pen.of(crop)))
    return pieces


def _seams(picture: MatLike, height: float, walls: Sequence[int]) -> tuple[list[NDArray[np.intp]], list[float]]:
    """Return seams from top to bottom, each the column for each row, left to right, and the ink each crosses."""
    rows, columns = picture.shape
    scale = min(1.0, SEAM_ROWS / height)
    size = max(2, round(columns * scale)), max(2, round(rows * scale))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA) if scale < 1 else picture
    ink = (small.astype(np.float32) / np.float32(255)).astype(np.float32)
    down, came = _accumulated(ink)
    up, went = _accumulated(ink[::-1])
    middle = len(ink) // 2
    through = down[middle] + up[len(ink) - 1 - middle] - ink[middle]
    unit = height * scale
    found = _minima(through, round(APART * unit), MOST_INK * unit)
    most = min(MOST_PIECES, max(1, round(columns / (NARROWEST * height)))) - 1
    found = sorted(found, key=lambda x: through[x])[:most]
    found = _with_walls(found, through, [x * scale for x in walls], max(1, round(APART * unit)))
    seams = []
    for start in found:
        seam = np.empty(len(ink), int)
        seam[middle] = x = start
        for row in range(middle, 0, -1):
            x = seam[row - 1] = x + int(came[row, x])
        x = start
        for row in range(len(ink) - 1 - middle, 0, -1):
            x = seam[len(ink) - row] = x + int(went[row, x])
        at = np.minimum((np.arange(rows) * len(ink)) // rows, len(ink) - 1)
        seams.append(np.rint(seam[at] * (columns / ink.shape[1])).astype(np.intp))
    return seams, [float(through[x]) / scale for x in found]


def _accumulated(ink: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """Return the least cost of a seam from the first row to each pixel, and the step to where it came from."""
    total = ink.copy()
    came = np.zeros(ink.shape, np.int8)
    wide = np.full(ink.shape[1] + 2, np.inf, np.float32)
    for row in range(1, len(ink)):
        wide[1:-1] = total[row - 1]
        best, step = wide[1:-1], np.zeros(ink.shape[1], np.int8)
        for aside, values in ((-1, wide[:-2] + DRIFT), (1, wide[2:] + DRIFT)):
            better = values < best
            best = np.where(better, values, best)
            step[better] = aside
        total[row] += best
        came[row] = step
    return total, came


def _minima(through: NDArray[np.float32], apart: int, most: float) -> list[int]:
    """Return the columns at which a seam is cheapest within `apart` columns to either side, ends left out."""
    edge = max(2, apart)
    if len(through) <= 2 * edge:
        return []
    window = 2 * max(1, apart) + 1
    least = cv2.erode(through[None], np.ones((1, window), np.uint8))[0]
    flat = np.flatnonzero((through <= least + 1e-6) & (through <= most))
    columns = [int(x) for x in flat if edge <= x < len(through) - edge]
    return [run[len(run) // 2] for run in _runs(columns)]


def _with_walls(found: Sequence[int], through: NDArray[np.float32], walls: Sequence[float], apart: int) -> list[int]:
    """Return the columns found and those of the cheapest seams near walls, in order, where there is none so near."""
    columns = set(found)
    for wall in walls:
        near = range(max(2, round(wall) - apart), min(len(through) - 2, round(wall) + apart + 1))
        if near and not columns.intersection(near):
            columns.add(min(near, key=lambda x: (through[x], abs(x - wall))))
    return sorted(columns)


def _runs(columns: Sequence[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for x in columns:
        if runs and x - runs[-1][-1] <= 1:
            runs[-1].append(x)
        else:
            runs.append([x])
    return runs
