"""The features of a lattice: what speaks for a run of pieces being a digit, and for a piece being part of none."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from app.lenet.canonical.mnist_frame import lean_of
from app.lenet.reading.lattice import Run, widest_gap
from app.lenet.reading.lines import Line
from app.lenet.reading.pen import Pen
from app.lenet.reading.pieces import Piece

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
    "leaning_stroke",
    "odd_pen",
    "faint_pen",
    "strange_beside",
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
    "odd_pen",
    "faint_pen",
    "strange_beside",
)


Strange = Mapping[int, tuple[float, float]]
"""For each mark's number, how unlike digits its neighbours to the left and right are, 0 to 1."""

NOTHING = (0.0, 0.0)

WORD_GAP = 0.4
"""Gap between letters of a word at most, in line heights."""


@dataclass(frozen=True, slots=True)
class Page:
    """What features need to know of a page: the sheet's size and its usual digit height, in pixels, and its usual pen
    and lean.

    `least_energy` is the network's energy from which its answers are sure; other energies are measured in it.
    """

    rows: int
    columns: int
    height: float
    pen: Pen
    lean: float
    least_energy: float


@dataclass(frozen=True, slots=True)
class Context:
    """What is around a run: its page and line, and how strange the marks beside each mark are."""

    page: Page
    line: Line
    strange: Strange


def digit_features(run: Run, part: Sequence[Piece], logits: NDArray[np.float64], context: Context) -> list[float]:
    """Return what speaks for a run, whose pieces are `part`, being a digit: in the order of `DIGIT_FEATURES`.

    Lengths are in line heights.
    """
    line, page, strange = context.line, context.page, context.strange
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
        widest_gap(part) / unit,
        float(len({p.mark.number for p in part}) - 1),
        float(len(part) - 1),
        waist,
        float(_at_border(run.left, run.top, run.right, run.bottom, page)),
        abs(math.log(unit / page.height)),
        1 / len(line.tall),
        stroke,
        stroke * min(max(0.0, -math.log(height) - 0.15), 2.0),
        stroke * min(width, 1.0),
        stroke and min(abs(lean_of(run.frame) - page.lean), 1.0),
        *_oddness(Pen.of_all(piece.pen for piece in part), page.pen),
        strange.get(part[0].mark.number, NOTHING)[0] + strange.get(part[-1].mark.number, NOTHING)[1],
    ]


def reject_features(piece: Piece, named: NDArray[np.float64] | None, context: Context) -> list[float]:
    """Return what speaks for the piece being no part of a digit, in the order of `REJECT_FEATURES`.

    `named` are the logits of the piece's whole mark; None where it was too small to be named.
    """
    line, page, strange = context.line, context.page, context.strange
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
        *_oddness(piece.pen, page.pen),
        sum(strange.get(piece.mark.number, NOTHING)),
    ]


def _oddness(pen: Pen, usual: Pen) -> tuple[float, float]:
    """How far a pen's width and darkness are from the usual ones."""
    wider = abs(math.log(pen.width / usual.width)) if pen.width and usual.width else 0.0
    return min(max(0.0, wider - 0.2), 1.5), min(max(0.0, (usual.darkness - pen.darkness) / 255), 1.0)


def strangeness(line: Line, named: Mapping[int, NDArray[np.float64]], page: Page) -> Strange:
    """Return, for each tall mark of a line, how unlike a digit the mark close to its left and that to its right are.

    Letters come in words, so a mark beside a letter is seldom a digit. Wide marks may be digits that touch, and say
    nothing.
    """
    marks = sorted((mark for mark in line.tall if mark.number in named), key=lambda mark: mark.left)
    own = []
    for mark in marks:
        alone = 0.45 * line.height <= mark.height and mark.width <= 1.2 * line.height
        energy = float(np.logaddexp.reduce(named[mark.number]))
        own.append(min(max(0.0, 1 - energy / page.least_energy), 1.0) if alone else 0.0)
    close = [after.left - mark.right <= WORD_GAP * line.height for mark, after in pairwise(marks)]
    left = [0.0, *(strange * near for strange, near in zip(own, close, strict=False))]
    right = [*(strange * near for strange, near in zip(own[1:], close, strict=True)), 0.0]
    return {mark.number: pair for mark, pair in zip(marks, zip(left, right, strict=False), strict=False)}


def _at_border(left: int, top: int, right: int, bottom: int, page: Page) -> bool:
    return left <= 1 or top <= 1 or right >= page.columns - 1 or bottom >= page.rows - 1
