"""The lattice of a line: its pieces in order, every run of them that may be one digit, and what speaks for each.

Source: LeCun et al., "Gradient-based learning applied to document recognition" (1998), sections VI and VII.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from app.lenet.canonical.mnist_frame import to_frame
from app.lenet.reading.lines import Line
from app.lenet.reading.pieces import Piece

LONGEST_RUN = 6
"""Pieces of one digit at most."""

WIDEST = 1.35
"""Width of a digit of several pieces at most, in line heights."""

HIGHEST = 1.9
"""Height of a digit at most, in line heights."""

WIDEST_GAP = 0.4
"""Gap, in line heights, that the pieces of one digit may leave between each other."""

DIGIT_FEATURES = (
    "bias",
    "log_probability",
    "energy",
    "unfamiliar",
    "low",
    "tall",
    "wide",
    "wider_than_tall",
    "off_middle",
    "below",
    "ink_cut",
    "cuts",
    "gap",
    "marks",
    "pieces",
    "waist",
    "at_border",
    "odd_line",
    "alone",
    "stroke",
    "low_stroke",
    "slanted_stroke",
)

REJECT_FEATURES = (
    "bias",
    "low",
    "tall",
    "faint",
    "unfamiliar",
    "doubtful",
    "cut_mark",
    "later_piece",
    "wide",
    "flat",
    "at_border",
    "odd_line",
    "alone",
    "off_middle",
    "thin",
)


@dataclass(frozen=True, slots=True)
class Run:
    """Pieces `start` to `end` (exclusive) as one digit: what the network sees, and the box of the ink on the sheet."""

    start: int
    end: int
    frame: NDArray[np.uint8]
    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True)
class Page:
    """What features need to know of a page: the sheet's size and its usual digit height, in pixels.

    `least_energy` is the network's energy from which its answers are sure; other energies are measured in it.
    """

    rows: int
    columns: int
    height: float
    least_energy: float


@dataclass(frozen=True, slots=True)
class Lattice:
    """A line's pieces and runs; for each run its log-probabilities [runs, 10] and features, for each piece its own.

    `digit` float64 [runs, len(DIGIT_FEATURES)], `reject` float64 [pieces, len(REJECT_FEATURES)].
    """

    pieces: list[Piece]
    runs: list[Run]
    logits: NDArray[np.float64]
    digit: NDArray[np.float64]
    reject: NDArray[np.float64]


def find_runs(pieces: Sequence[Piece], height: float) -> list[Run]:
    """Return the runs of pieces, in order from left to right, that may be one digit of a line `height` tall."""
    runs = []
    for start in range(len(pieces)):
        for end in range(start + 1, min(start + LONGEST_RUN, len(pieces)) + 1):
            part = pieces[start:end]
            left, right = min(p.left for p in part), max(p.right for p in part)
            top, bottom = min(p.top for p in part), max(p.bottom for p in part)
            several = end - start > 1
            if several and (right - left > WIDEST * height or _gap(part) > WIDEST_GAP * height):
                break
            if several and bottom - top > HIGHEST * height:
                continue
            if several or _possible(part[0], height):
                frame = to_frame(part[0].picture if end - start == 1 else _together(part, left, top, right, bottom))
                runs.append(Run(start, end, frame, left, top, right, bottom))
    return runs


def _possible(piece: Piece, height: float) -> bool:
    """Whether one piece alone may be a digit."""
    rows, columns = piece.picture.shape
    return rows >= 0.3 * height and (columns <= 1.5 * height or piece.whole)


def _gap(part: Sequence[Piece]) -> int:
    """The widest gap that opens to the right of a piece before the next ones begin."""
    right, widest = part[0].right, 0
    for piece in part[1:]:
        widest = max(widest, piece.left - right)
        right = max(right, piece.right)
    return widest


def _together(part: Sequence[Piece], left: int, top: int, right: int, bottom: int) -> MatLike:
    canvas = np.zeros((bottom - top, right - left), np.uint8)
    for piece in part:
        place = canvas[piece.top - top : piece.bottom - top, piece.left - left : piece.right - left]
        np.maximum(place, piece.picture, out=place)
    return canvas


def digit_features(run: Run, part: Sequence[Piece], logits: NDArray[np.float64], line: Line, page: Page) -> list[float]:
    """Return what speaks for a run, whose pieces are `part`, being a digit: in the order of `DIGIT_FEATURES`.

    Lengths are in line heights.
    """
    unit, least_energy = line.height, page.least_energy
    width, height = (run.right - run.left) / unit, (run.bottom - run.top) / unit
    energy = float(np.logaddexp.reduce(logits))
    top_logit = float(logits.max())
    x = (run.left + run.right) / 2
    away = ((run.top + run.bottom) / 2 - line.middle_at(x)) / unit
    below = run.bottom / unit - line.middle_at(x) / unit - 0.5
    outer = [cost for cost in (part[0].cut_left, part[-1].cut_right) if cost is not None]
    inner = [p.cut_right for p in part[:-1] if p.cut_right is not None]
    waist = max(0.0, 0.3 - min(inner) / unit) if inner else 0.0
    stroke = float(int(logits.argmax()) == 1)
    return [
        1.0,
        max(top_logit - energy, -6.0),
        min(energy, 2 * least_energy) / least_energy,
        max(0.0, 1 - energy / least_energy),
        min(max(0.0, -math.log(height) - 0.15), 2.0),
        min(max(0.0, math.log(height) - 0.15), 2.0),
        min(max(0.0, width - 0.85), 2.0),
        min(max(0.0, width / height - 1.0), 2.0),
        min(max(0.0, abs(away) - 0.1), 1.0),
        min(max(0.0, below - 0.15), 1.0),
        min(sum(outer) / unit, 1.5),
        float(len(outer)),
        _gap(part) / unit,
        float(len({p.mark.number for p in part}) - 1),
        float(len(part) - 1),
        waist,
        float(_at_border(run.left, run.top, run.right, run.bottom, page)),
        abs(math.log(unit / page.height)),
        1 / len(line.tall),
        stroke,
        stroke * min(max(0.0, -math.log(height) - 0.15), 2.0),
        stroke * min(width, 1.0),
    ]


def reject_features(piece: Piece, named: NDArray[np.float64] | None, line: Line, page: Page) -> list[float]:
    """Return what speaks for the piece being no part of a digit, in the order of `REJECT_FEATURES`.

    `named` are the logits of the piece's whole mark; None where it was too small to be named.
    """
    unit, least_energy = line.height, page.least_energy
    rows, columns = piece.picture.shape
    height, width = rows / unit, columns / unit
    energy = least_energy if named is None else float(np.logaddexp.reduce(named))
    top_log = -1.0 if named is None else float(named.max()) - energy
    away = ((piece.top + piece.bottom) / 2 - line.middle_at((piece.left + piece.right) / 2)) / unit
    return [
        1.0,
        min(max(0.0, -math.log(height) - 0.1), 2.5),
        min(max(0.0, math.log(height) - 0.2), 2.0),
        min(max(0.0, -math.log(float((piece.picture > 127).sum() + 1) / (0.1 * unit**2))), 3.0),
        max(0.0, 1 - energy / least_energy),
        min(-top_log, 1.5),
        float(not piece.whole),
        float(piece.cut_left is not None),
        min(max(0.0, width - 1.2), 2.0),
        min(max(0.0, math.log(width / height) - 0.3), 1.5),
        float(_at_border(piece.left, piece.top, piece.right, piece.bottom, page)),
        abs(math.log(unit / page.height)),
        1 / len(line.tall),
        min(max(0.0, abs(away) - 0.1), 1.0),
        min(max(0.0, math.log(height / width) - 1.2), 1.5),
    ]


def _at_border(left: int, top: int, right: int, bottom: int, page: Page) -> bool:
    return left <= 1 or top <= 1 or right >= page.columns - 1 or bottom >= page.rows - 1
