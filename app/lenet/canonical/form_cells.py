"""Form boxes, grids and tables: the cells that digits are written in, and the walls around them."""

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from app.lenet.canonical.background import Grey
from app.lenet.canonical.ruled_lines import printed_lines

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


def form_cells(mask: Grey) -> MatLike:
    """The cells of forms and grids in a mask of ink, 255 on 0: x, y, width and height of each, int32 [cells, 4].

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


def without_squared_paper(cells: MatLike, boxes: MatLike, firm: NDArray[np.intp]) -> MatLike:
    """The cells, if what is written is not larger than they are: marks' `boxes` and `firm` pixels as in `Ink`."""
    if not len(cells) or not firm.any():
        return cells
    heights = boxes[:, 3]
    order = np.argsort(heights)
    covered = np.cumsum(firm[order])
    usual = int(heights[order[np.searchsorted(covered, covered[-1] / 2)]])
    return cells if usual <= np.median(cells[:, 3]) else NONE


def cell_walls(mask: Grey, cells: MatLike) -> Grey:
    """The pixels of the cells' walls in the mask, 255 on 0; strokes that cross or touch them are left out."""
    width, height = np.median(cells[:, 2:], axis=0)
    near = np.zeros_like(mask)
    reach = max(3, round(min(width, height) / 6))
    for x, y, w, h in cells.tolist():
        cv2.rectangle(near, (x, y), (x + w, y + h), 255, 2 * reach)
    return cv2.bitwise_and(printed_lines(mask, (WALL * width, WALL * height), alone=True), near)
