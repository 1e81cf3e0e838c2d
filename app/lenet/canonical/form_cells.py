"""Form boxes, grids and tables: the cells that digits are written in, and the walls around them."""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from app.lenet.canonical.binarisation import firm_pixels, half_inked, mask_of, without_pixels
from app.lenet.canonical.cell_rows import LONGEST, SEVERAL, SMALLEST, cells_by_walls
from app.lenet.canonical.components import pixels_of
from app.lenet.canonical.ink import Ink
from app.lenet.canonical.printed_lines import THICKEST, printed_lines

RECTANGULAR = 0.88
"""Share of its bounding box that a cell's hull fills; a circle's is 0.79, a box's on a sloping form is 0.95."""

ALIKE = 0.2
"""Share by which sides of cells may differ from the median cell's."""

UNEVEN = 0.4
"""The same for the widths of cells in a row, where their heights agree; a 1 leaves less than half a cell beside it."""

MOST_FORMS = 20
"""Shapes with several holes looked at, which bounds the time for a page."""

NONE = np.zeros((0, 4), np.int32)

WALL = 0.75
"""Share of a cell's side from which a straight line along its border is its wall."""

THICKEST_WALL = 1 / 9
"""Thickness of a wall, as a share of its length: where cells are, thick lines are walls too."""

FITS = 1.1
"""Height of what is written, in heights of a cell, up to which it is written into the cells."""

JOINED = 1.35
"""Size of a component, in cells, from which it is no digit that is written across a wall."""

SLIM = 1 / 5
"""Width of what is left of a wall, as a share of its length."""


def find_form_cells(ink: Ink) -> Ink:
    """Set the cells, before anything is removed from their walls."""
    return replace(ink, cells=form_cells(mask_of(ink)))


def remove_cell_walls(ink: Ink) -> Ink:
    """Take the walls of the cells out of the ink; forget cells that are smaller than the writing: squared paper's."""
    if not len(ink.cells):
        return ink
    mask = mask_of(ink)
    rest = without_pixels(ink, cell_walls(mask, ink.cells, ink.cells, THICKEST))
    cells = without_squared_paper(ink.cells, rest)
    if len(cells):
        places = _with_neighbours(cells)
        rest = without_pixels(ink, cell_walls(mask, cells, places, THICKEST_WALL))
        rest = without_pixels(rest, _bridges(rest, cells, places))
    return replace(rest, cells=cells, removed=ink.removed if rest is ink else ink.removing("lines"))


def form_cells(mask: MatLike) -> MatLike:
    """Return the cells of forms and grids in a mask of ink, 255 on 0: x, y, width and height, int32 [cells, 4].

    Cells are holes in the ink that are rectangles of about one size; a digit may touch the walls. Where a shape has
    several holes, rows of cells, not above one another, are looked for by their walls too, which digits may cross.
    """
    sealed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, (3, 3)))
    contours, hierarchy = cv2.findContours(sealed, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    by_walls = _by_walls(sealed, contours, hierarchy)
    boxes = [
        (x, y, width, height)
        for contour, (_, _, _, parent) in zip(contours, hierarchy[0] if len(contours) else (), strict=True)
        if parent >= 0
        for x, y, width, height in [cv2.boundingRect(contour)]
        if min(width, height) >= SMALLEST
        and max(width, height) <= LONGEST * min(width, height)
        and cv2.contourArea(cv2.convexHull(contour)) >= RECTANGULAR * (width - 1) * (height - 1)
    ]
    cells = _alike(np.array(boxes, np.int32).reshape(-1, 4))
    together = np.concatenate((by_walls, cells[~_among(cells, by_walls)]))
    # A digit over several squares of paper would be cut at their walls, so those are left to holes.
    if len(together) > len(cells) and not _stacked(together):
        cells = together
    if len(cells) < SEVERAL or not any(mask[y + 2 : y + h - 2, x + 2 : x + w - 2].any() for x, y, w, h in cells):
        return NONE
    return cells


def _by_walls(sealed: MatLike, contours: Sequence[MatLike], hierarchy: MatLike) -> MatLike:
    """Return the cells of shapes with several holes that are told by their walls, int32 [cells, 4]."""
    if len(contours) <= SEVERAL:
        return NONE
    parents = hierarchy[0][:, 3]
    found = []
    for number in np.flatnonzero(np.bincount(parents[parents >= 0], minlength=1) >= SEVERAL)[:MOST_FORMS]:
        x, y, width, height = cv2.boundingRect(contours[number])
        inside = cells_by_walls(sealed[y : y + height, x : x + width])
        found += [(x + left, y + top, wide, tall) for left, top, wide, tall in inside]
    return np.array(found, np.int32).reshape(-1, 4)


def _among(cells: MatLike, others: MatLike) -> NDArray[np.bool_]:
    """Return which cells have their middle in one of the others."""
    away = np.abs(cells[:, None, :2] + cells[:, None, 2:] / 2 - others[:, :2] - others[:, 2:] / 2)
    among: NDArray[np.bool_] = np.any(np.all(away < others[:, 2:] / 2, axis=2), axis=1)
    return among


def _alike(cells: MatLike) -> MatLike:
    """Return the cells that are about as large as the median one, or as tall as it and in a row."""
    if len(cells) < SEVERAL:
        return NONE
    usual = np.median(cells[:, 2:], axis=0)
    alike = np.abs(cells[:, 2:] - usual) <= ALIKE * usual
    wide = np.abs(cells[:, 2] - usual[0]) <= UNEVEN * usual[0]
    return np.asarray(cells[alike[:, 1] & (alike[:, 0] | wide & _in_a_row(cells))])


def _in_a_row(cells: MatLike) -> NDArray[np.bool_]:
    """Return which cells stand level with `SEVERAL` or more of the same height, themselves included."""
    heights = cells[:, 3]
    level = np.abs(cells[:, 1, None] - cells[:, 1]) <= ALIKE * heights
    same = np.abs(heights[:, None] - heights) <= ALIKE * heights
    row: NDArray[np.bool_] = (level & same).sum(axis=1) >= SEVERAL
    return row


def without_squared_paper(cells: MatLike, ink: Ink) -> MatLike:
    """Return the cells, or none when what is written in them is taller than they are.

    Squares lie above one another. In a row of cells what is taller hangs on a wall.
    """
    firm = firm_pixels(ink) * ~_remains_of_walls(ink.boxes, cells)
    if not firm.any():
        return cells
    usual = ink.boxes[half_inked(ink.boxes[:, 3], firm), 3]
    return cells if usual <= FITS * np.median(cells[:, 3]) or not _stacked(cells) else NONE


def _stacked(cells: MatLike) -> bool:
    """Whether some cell has another one right below it."""
    shift = np.stack((np.zeros(len(cells)), cells[:, 3]), axis=1)
    below = np.abs(cells[:, None, :2] + shift[:, None] - cells[:, :2])
    return bool(np.any(np.all(below < cells[:, 2:] / 3, axis=2)))


def _remains_of_walls(boxes: MatLike, cells: MatLike) -> NDArray[np.bool_]:
    """Return which components are slim and have their middle in no cell."""
    middles = boxes[:, None, :2] + boxes[:, None, 2:] / 2
    away = np.abs(middles - cells[:, :2] - cells[:, 2:] / 2)
    inside = np.any(np.all(away < cells[:, 2:] / 2, axis=2), axis=1)
    slim: NDArray[np.bool_] = boxes[:, 2:].min(axis=1) <= SLIM * boxes[:, 2:].max(axis=1)
    remains: NDArray[np.bool_] = slim & ~inside
    return remains


def _with_neighbours(cells: MatLike) -> MatLike:
    """Return the cells and the free places beside, above and below each: a digit across its walls hides a cell."""
    places = [cells]
    for shift in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        moved = cells + np.hstack((cells[:, 2:] * shift, np.zeros_like(cells[:, 2:])))
        places.append(moved[~_among(moved, cells)])
    return np.concatenate(places).astype(np.int32)


def _bridges(ink: Ink, cells: MatLike, places: MatLike) -> MatLike:
    """Return what lies between the places, 255 on 0, of components that are much larger than a cell.

    Where most of the writing fits into the cells, those are digits of several cells, joined by what is left of walls.
    """
    size = np.median(cells[:, 2:], axis=0)
    written = firm_pixels(ink) * ~_remains_of_walls(ink.boxes, cells)
    joined = np.any(ink.boxes[:, 2:] >= JOINED * size, axis=1) & (written > 0)
    fits = np.all(ink.boxes[:, 2:] <= FITS * size, axis=1) & (ink.boxes[:, 3] >= size[1] / 3) & (written > 0)
    between = np.zeros_like(ink.sheet)
    if joined.any() and np.count_nonzero(fits) >= SEVERAL * np.count_nonzero(joined):
        between[:] = 255
        for x, y, w, h in places.tolist():
            cv2.rectangle(between, (x, y), (x + w - 1, y + h - 1), 0, cv2.FILLED)
    return cv2.bitwise_and(between, pixels_of(joined, ink.labels))


def cell_walls(mask: MatLike, cells: MatLike, places: MatLike, thickest: float) -> MatLike:
    """Return the pixels of the cells' walls in the mask, 255 on 0, without the strokes that cross or touch them.

    Walls are looked for around `places`, int32 [places, 4] like the cells; `thickest` is the thickness up to which a
    line is a wall, as a share of its length.
    """
    width, height = np.median(cells[:, 2:], axis=0)
    near = np.zeros_like(mask)
    reach = max(3, round(min(width, height) / 6))
    for x, y, w, h in places.tolist():
        cv2.rectangle(near, (x, y), (x + w, y + h), 255, 2 * reach)
    return cv2.bitwise_and(printed_lines(mask, (WALL * width, WALL * height), alone=True, thickest=thickest), near)
