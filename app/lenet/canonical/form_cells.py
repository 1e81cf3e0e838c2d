"""Form boxes, grids and tables: the cells that digits are written in, and the walls around them."""

from dataclasses import replace

import cv2
import numpy as np
from cv2.typing import MatLike

from app.lenet.canonical.binarisation import firm_pixels, half_inked, mask_of, without_pixels
from app.lenet.canonical.ink import Ink
from app.lenet.canonical.printed_lines import printed_lines

RECTANGULAR = 0.88
"""Share of its bounding box that a cell's hull fills; a circle's is 0.79, a box's on a sloping form is 0.95."""

SMALLEST = 12
"""Pixels, of the shorter side, from which there is room for a digit."""

LONGEST = 3.0
"""Longer side over the shorter one up to which a cell is for one digit."""

ALIKE = 0.2
"""Share by which sides of cells may differ from the median cell's."""

SEVERAL = 3
"""Cells from which there is a row of them; a loop of a digit is alone, and empty."""

NONE = np.zeros((0, 4), np.int32)

WALL = 0.75
"""Share of a cell's side from which a straight line along its border is its wall."""


def find_form_cells(ink: Ink) -> Ink:
    """Set the cells, before anything is removed from their walls."""
    return replace(ink, cells=form_cells(mask_of(ink)))


def remove_cell_walls(ink: Ink) -> Ink:
    """Take the walls of the cells out of the ink; forget cells that are smaller than the writing: squared paper's."""
    if not len(ink.cells):
        return ink
    rest = without_pixels(ink, cell_walls(mask_of(ink), ink.cells))
    cells = without_squared_paper(ink.cells, rest)
    return replace(rest, cells=cells, removed=ink.removed if rest is ink else ink.removing("lines"))


def form_cells(mask: MatLike) -> MatLike:
    """Return the cells of forms and grids in a mask of ink, 255 on 0: x, y, width and height, int32 [cells, 4].

    Cells are holes in the ink that are rectangles of about one size; a digit may touch the walls.
    """
    sealed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, (3, 3)))
    contours, hierarchy = cv2.findContours(sealed, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    boxes = [
        (x, y, width, height)
        for contour, (_, _, _, parent) in zip(contours, hierarchy[0] if len(contours) else (), strict=True)
        if parent >= 0
        for x, y, width, height in [cv2.boundingRect(contour)]
        if min(width, height) >= SMALLEST
        and max(width, height) <= LONGEST * min(width, height)
        and cv2.contourArea(cv2.convexHull(contour)) >= RECTANGULAR * (width - 1) * (height - 1)
    ]
    if len(boxes) < SEVERAL:
        return NONE
    cells: MatLike = np.array(boxes, np.int32)
    usual = np.median(cells[:, 2:], axis=0)
    cells = cells[(np.abs(cells[:, 2:] - usual) <= ALIKE * usual).all(axis=1)]
    if len(cells) < SEVERAL or not any(mask[y + 2 : y + h - 2, x + 2 : x + w - 2].any() for x, y, w, h in cells):
        return NONE
    return cells


def without_squared_paper(cells: MatLike, ink: Ink) -> MatLike:
    """Return the cells, or none when what is written is taller than they are."""
    firm = firm_pixels(ink)
    if not firm.any():
        return cells
    usual = ink.boxes[half_inked(ink.boxes[:, 3], firm), 3]
    return cells if usual <= np.median(cells[:, 3]) else NONE


def cell_walls(mask: MatLike, cells: MatLike) -> MatLike:
    """Return the pixels of the cells' walls in the mask, 255 on 0, without the strokes that cross or touch them."""
    width, height = np.median(cells[:, 2:], axis=0)
    near = np.zeros_like(mask)
    reach = max(3, round(min(width, height) / 6))
    for x, y, w, h in cells.tolist():
        cv2.rectangle(near, (x, y), (x + w, y + h), 255, 2 * reach)
    return cv2.bitwise_and(printed_lines(mask, (WALL * width, WALL * height), alone=True), near)
