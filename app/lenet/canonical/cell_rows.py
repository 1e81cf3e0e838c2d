"""Rows of form cells told by their walls, which stay straight where what is written into the cells crosses them."""

import math
from itertools import pairwise

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

SEVERAL = 3
"""Cells from which there is a row of them."""

SMALLEST = 12
"""Pixels, of a cell's shorter side, from which there is room for a digit."""

ROOM = 2 * SMALLEST
"""The same for a cell told by its walls: in smaller ones, strokes and blur are as thick as what parts walls."""

LONGEST = 3.0
"""Longer side over the shorter one up to which a cell is for one digit."""

LEVEL = 0.88
"""Share of a form's width from which a row of pixels is a level line."""

UPRIGHT = 0.9
"""Share of the distance between two level lines from which a column of pixels is a wall."""

UNEVEN = 0.12
"""Share of a cell's width by which a wall may be beside its place."""

MOST = 50
"""Cells of a row at most."""

STEEPEST = 0.2
"""Rise over run of a form at most."""


def cells_by_walls(form: MatLike) -> list[tuple[int, int, int, int]]:
    """Return x, y, width and height of the cells in a form's ink, uint8 [height, width], 255 on 0.

    A form is level lines and, between two of them, walls at equal distances.
    """
    height, width = form.shape
    if width < SEVERAL * ROOM or abs(slope := _slope(form)) > STEEPEST:
        return []
    turn = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), math.degrees(math.atan(slope)), 1), np.float64)
    upright = cv2.warpAffine(form, turn, (width, height), flags=cv2.INTER_NEAREST)
    back = cv2.invertAffineTransform(turn)
    lines = _groups((cv2.dilate(upright, np.ones((3, 1), np.uint8)) > 0).mean(axis=1) >= LEVEL)
    cells = []
    for (_, top), (bottom, _) in pairwise(lines):
        band = cv2.dilate(upright[top:bottom], np.ones((1, 3), np.uint8)) > 0
        if len(band) < ROOM:
            continue
        walls = _regular(_groups(band.mean(axis=0) >= UPRIGHT), len(band))
        for (_, left), (right, _) in pairwise(walls):
            x, y = back @ ((left + right) / 2, (top + bottom) / 2, 1)
            wide, tall = right - left + 2, bottom - top + 2  # lines were made thicker by a pixel to either side
            cells.append((round(x - wide / 2), round(y - tall / 2), wide, tall))
    return cells


def _slope(form: MatLike) -> float:
    """The rise over run of the form's upper edge, downwards."""
    edge = (form > 0).argmax(axis=0)
    half = len(edge) // 2
    return float(np.median(edge[half : 2 * half] - edge[:half])) / half


def _groups(chosen: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The first of each run of chosen positions, and the one after its last."""
    steps = np.flatnonzero(np.diff(np.concatenate(([False], chosen, [False])).astype(np.int8)))
    return [(int(start), int(end)) for start, end in steps.reshape(-1, 2)]


def _regular(walls: list[tuple[int, int]], height: int) -> list[tuple[int, int]]:
    """The walls that stand at equal distances from the first to the last, as many as there can be; none if few do."""
    if len(walls) <= SEVERAL:
        return []
    middles = np.array([(start + end) / 2 for start, end in walls])
    least = max(ROOM, height / LONGEST)
    for count in range(min(MOST, int((middles[-1] - middles[0]) / least)), SEVERAL - 1, -1):
        places = np.linspace(middles[0], middles[-1], count + 1)
        width = places[1] - places[0]
        away = np.abs(places[:, None] - middles)
        if width <= LONGEST * height and np.all(away.min(axis=1) <= UNEVEN * width):
            return [walls[number] for number in away.argmin(axis=1).tolist()]
    return []
