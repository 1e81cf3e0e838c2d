"""One digit a cell: which cell of a form each run of a line lies in, and the walls between those cells."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from app.lenet.reading.lattice import Run
from app.lenet.reading.lines import Line
from app.lenet.reading.pieces import Piece

FREE = -1
"""Cell of a run that lies in none."""

ACROSS = -2
"""Cell of a run that lies in two, and is no digit where a cell holds one."""

NARROWEST, WIDEST = 0.5, 1.3
"""Width of a cell for one digit, in heights of the line; in wider ones there is room for two."""

WALL = 0.3
"""Width of a wall between neighbouring cells at most, in line heights."""

ASIDE = 0.3
"""Share of a run's ink in a second cell from which it lies in both; strokes stick out over walls."""


def cells_of_line(line: Line, cells: MatLike) -> NDArray[np.intp]:
    """Return the first column and the one after the last, [cells, 2], of the cells for one digit in a line.

    `cells` are x, y, width and height [cells, 4]; the result goes from left to right.
    """
    if not len(cells):
        return np.zeros((0, 2), np.intp)
    middles = np.array([line.middle_at(x) for x in cells[:, 0] + cells[:, 2] / 2])
    level = (cells[:, 1] <= middles) & (middles < cells[:, 1] + cells[:, 3])
    narrow = (cells[:, 2] >= NARROWEST * line.height) & (cells[:, 2] <= WIDEST * line.height)
    found = cells[level & narrow]
    found = found[np.argsort(found[:, 0], kind="stable")]
    return np.stack((found[:, 0], found[:, 0] + found[:, 2]), axis=1).astype(np.intp)


def walls_between(columns: NDArray[np.intp], height: float) -> list[int]:
    """Return the middle columns of the walls between neighbouring cells, whose `columns` are as above."""
    gaps = [(end, start) for (_, end), (start, _) in pairwise(columns.tolist())]
    return [(end + start) // 2 for end, start in gaps if start - end <= WALL * height]


def cells_of_runs(pieces: Sequence[Piece], runs: Sequence[Run], columns: NDArray[np.intp]) -> tuple[int, ...]:
    """Return the number of the cell that each run lies in, `FREE` or `ACROSS`; nothing where there are no cells."""
    if not len(columns) or not runs:
        return ()
    inked = np.array([_ink_by_cell(piece, columns) for piece in pieces])
    total = np.concatenate((np.zeros((1, inked.shape[1])), inked.cumsum(axis=0)))
    return tuple(_cell(total[run.end] - total[run.start]) for run in runs)


def _ink_by_cell(piece: Piece, columns: NDArray[np.intp]) -> NDArray[np.float64]:
    """The piece's ink in each cell, and last what is in none."""
    total = np.concatenate(([0.0], piece.picture.sum(axis=0, dtype=np.float64).cumsum()))
    ends = np.clip(columns - piece.left, 0, len(total) - 1)
    inside = total[ends[:, 1]] - total[ends[:, 0]]
    return np.append(inside, total[-1] - inside.sum())


def _cell(inked: NDArray[np.float64]) -> int:
    share = inked / max(inked.sum(), 1.0)
    most = int(share.argmax())
    if np.count_nonzero(share[:-1] >= ASIDE) > 1:
        return ACROSS
    return most if most < len(share) - 1 else FREE
