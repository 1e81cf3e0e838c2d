"""A page's lattices: its marks named, put into lines, cut into pieces and put together as runs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from app.lenet.canonical.ink import Ink
from app.lenet.canonical.mnist_frame import lean_of, to_frame
from app.lenet.inference.calibration import calibrated, energy
from app.lenet.network.card import Calibration
from app.lenet.reading.cells import cells_of_line, cells_of_runs, walls_between
from app.lenet.reading.features import (
    DIGIT_FEATURES,
    REJECT_FEATURES,
    Context,
    Page,
    digit_features,
    reject_features,
    strangeness,
)
from app.lenet.reading.lattice import Lattice, Run, find_runs
from app.lenet.reading.lines import Line, find_lines
from app.lenet.reading.marks import LEAST_HEIGHT, Mark, picture_of, strongest_marks
from app.lenet.reading.pen import Pen
from app.lenet.reading.pieces import Piece, cut, whole

Logits = Callable[[Sequence[NDArray[np.uint8]]], NDArray[np.float64]]
"""What names pictures [28, 28]: their logits (N, 10)."""

MOST_MARKS = 1000
"""Marks looked at; those with most ink come first."""

MOST_RUNS = 1800
"""Runs shown to the network at most, which bounds the time for a page."""

CERTAIN = 0.999
"""Calibrated probability from which a mark is left uncut, if it is familiar too."""

DIGIT_LIKE = 0.9
"""Calibrated probability from which a familiar mark tells how tall digits are."""

FAMILIAR = 1.3
"""Energy of such marks at least, in the least energy of a sure answer."""

WALL = 0.15
"""Distance from a cell, in its shorter sides, at which a mark is the rest of its wall."""

THICKEST_WALL = 0.4
"""Shorter side of such a mark at most, in a cell's shorter sides."""

WIDE = 0.55
"""Width of a mark in line heights from which it is cut."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Lines with their lattices, the marks in none of them, and whether there was more ink than was looked at."""

    lines: list[tuple[Line, Lattice]]
    left_over: list[Mark]
    too_much: bool


def lay_out(ink: Ink, name: Logits, calibration: Calibration) -> Layout:
    """Return the lattices of all lines of a page's ink."""
    marks = strongest_marks(ink, MOST_MARKS)
    too_much = int((ink.firm > 0).sum()) > MOST_MARKS
    walls = [mark for mark in marks if _is_wall(mark, ink.cells)]
    marks = [mark for mark in marks if mark not in walls]
    tall = [mark for mark in marks if mark.height >= LEAST_HEIGHT]
    pictures = {mark.number: picture_of(mark, ink) for mark in marks}
    frames = {mark.number: to_frame(pictures[mark.number]) for mark in tall}
    logits = dict(zip(frames, name(list(frames.values())), strict=True)) if frames else {}
    known = {number for number in logits if _probability(logits[number], calibration) >= DIGIT_LIKE}
    known = {number for number in known if _familiar(logits[number], calibration)}
    height = _usual_height(tall, known)
    lines, left_over = find_lines(marks, height, known)
    left_over += walls
    pen = Pen.of_all(Pen.of(pictures[mark.number]) for mark in tall if mark.number in known or not known)
    lean = float(np.median([lean_of(frames[number]) for number in known])) if known else 0.0
    rows, columns = ink.sheet.shape
    page = Page(rows, columns, height, pen, lean, calibration.least_energy)
    planned: list[tuple[Line, list[Piece], list[Run]]] = []
    cells: list[tuple[int, ...]] = []
    count, full = 0, False  # once a line was too long, what follows is not cut: that would cost time for nothing
    for line in lines:
        pieces = []
        columns = cells_of_line(line, ink.cells)
        between = walls_between(columns, line.height)
        for mark in [*line.tall, *line.small]:
            certain = mark.number in known and _probability(logits[mark.number], calibration) >= CERTAIN
            picture = pictures[mark.number]
            if certain or mark.width <= WIDE * line.height or full:
                pieces.append(whole(mark, picture))
            else:
                pieces += cut(mark, picture, line.height, between)
        pieces.sort(key=lambda piece: piece.left + piece.right)
        runs = find_runs(pieces, line.height, MOST_RUNS - count, frames)
        if runs is None:
            too_much = full = True
            left_over += [*line.tall, *line.small]
            continue
        count += len(runs)
        planned.append((line, pieces, runs))
        cells.append(cells_of_runs(pieces, runs, columns))
    named = _name_runs(planned, logits, name)
    found = []
    for (line, pieces, runs), rows, inside in zip(planned, named, cells, strict=True):
        context = Context(page, line, strangeness(line, logits, page))
        digit = [
            digit_features(run, pieces[run.start : run.end], row, context) for run, row in zip(runs, rows, strict=True)
        ]
        reject = [reject_features(piece, logits.get(piece.mark.number), context) for piece in pieces]
        tables = _table(digit, DIGIT_FEATURES), _table(reject, REJECT_FEATURES)
        found.append((line, Lattice(pieces, runs, rows, *tables, inside)))
    return Layout(found, left_over, too_much)


def _name_runs(
    planned: Sequence[tuple[Line, list[Piece], list[Run]]], known: dict[int, NDArray[np.float64]], name: Logits
) -> list[NDArray[np.float64]]:
    """Logits of all runs in one batch; whole marks have theirs already."""
    unknown = [run.frame for _, pieces, runs in planned for run in runs if not _named(run, pieces, known)]
    fresh = iter(name(unknown) if unknown else ())
    return [
        np.array(
            [known[pieces[run.start].mark.number] if _named(run, pieces, known) else next(fresh) for run in runs]
        ).reshape(-1, 10)
        for _, pieces, runs in planned
    ]


def _named(run: Run, pieces: Sequence[Piece], known: dict[int, NDArray[np.float64]]) -> bool:
    return run.end - run.start == 1 and pieces[run.start].whole and pieces[run.start].mark.number in known


def _table(rows: list[list[float]], names: tuple[str, ...]) -> NDArray[np.float64]:
    return np.array(rows, np.float64).reshape(-1, len(names))


def _is_wall(mark: Mark, cells: MatLike) -> bool:
    """Whether a mark's middle lies on the edge of a form's cells [cells, 4] and in none: what is left of a wall.

    Digits of two cells that touch are thicker.
    """
    if not len(cells) or min(mark.width, mark.height) > THICKEST_WALL * np.median(cells[:, 2:].min(axis=1)):
        return False
    x, y = mark.middle, (mark.top + mark.bottom) / 2
    aside = np.maximum(cells[:, 0] - x, x - cells[:, 0] - cells[:, 2])
    above = np.maximum(cells[:, 1] - y, y - cells[:, 1] - cells[:, 3])
    away = np.maximum(aside, above) / cells[:, 2:].min(axis=1)
    return bool(0 < away.min() < WALL)


def _probability(logits: NDArray[np.float64], calibration: Calibration) -> float:
    """Return the calibrated probability of the likeliest digit, for logits (classes,)."""
    return float(calibrated(logits[np.newaxis], calibration).max())


def _familiar(logits: NDArray[np.float64], calibration: Calibration) -> bool:
    return float(energy(logits[np.newaxis])[0]) >= FAMILIAR * calibration.least_energy


def _usual_height(marks: Sequence[Mark], known: set[int]) -> float:
    """The height at which half the ink is in smaller marks; of marks that look like digits, where there are some."""
    digits = [mark for mark in marks if mark.number in known]
    chosen = sorted(digits if len(digits) >= 2 else marks, key=lambda mark: mark.height)
    if not chosen:
        return 1.0
    total = np.cumsum([mark.firm for mark in chosen])
    return float(chosen[int(np.searchsorted(total, total[-1] / 2))].height)
