"""Lines of writing: which marks stand beside each other, how tall the writing is, and how it slopes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from app.lenet.reading.marks import Mark

TALL = 0.45
"""Share of the page's digit height from which a mark makes a line; smaller ones join lines."""

TALLEST = 2.5
"""Digit heights above which a mark is the edge of a page or a table, and no writing."""

DISTANCE = 0.05
"""Share of rows in common that one height of distance outweighs, where a mark may continue several lines."""

STACKED = 0.5
"""Share of the narrower mark's width from which two marks above one another are one broken digit."""

STACK = 1.4
"""Height, in digit heights, up to which they are."""

STACK_OF_DIGITS = 1.1
"""The same for two marks that look like digits each: the loops of an 8 do, and small digits of two lines."""

LEVEL = 0.45
"""Share of the smaller one's height that must be level with a line's end for a mark to continue the line."""

REACH = 0.6
"""Distance from a line, in its height, up to which small marks belong to it."""

STEEPEST = 0.5
"""Rise over run of a line at most."""

SPECK = 0.006
"""Surely inked pixels of a mark, in squared heights of its line, below which it is dirt."""


@dataclass(slots=True)
class Line:
    """Marks of one line; `tall` are those that made it, left to right, `small` the rest that lies in it.

    `height` is the digits' usual height in pixels; the line's middle at column x is `middle + slope * x`.
    """

    tall: list[Mark]
    small: list[Mark] = field(default_factory=list)
    height: float = 0.0
    slope: float = 0.0
    middle: float = 0.0

    def middle_at(self, x: float) -> float:
        """Return the row of the line's middle at column `x`."""
        return self.middle + self.slope * x

    def measure(self) -> None:
        """Set height, slope and middle from the tall marks."""
        heights = np.array([mark.height for mark in self.tall], float)
        self.height = float(np.percentile(heights, 65))
        x = np.array([mark.middle for mark in self.tall])
        y = np.array([(mark.top + mark.bottom) / 2 for mark in self.tall])
        self.slope = 0.0
        if len(x) >= 3 and np.ptp(x) > 2 * self.height:
            pairs = np.triu_indices(len(x), 1)
            run = x[pairs[1]] - x[pairs[0]]
            rises = (y[pairs[1]] - y[pairs[0]])[np.abs(run) > self.height] / run[np.abs(run) > self.height]
            self.slope = float(np.clip(np.median(rises), -STEEPEST, STEEPEST)) if rises.size else 0.0
        self.middle = float(np.median(y - self.slope * x))


def find_lines(marks: Sequence[Mark], height: float, known: set[int]) -> tuple[list[Line], list[Mark]]:
    """Return the lines of the marks from top to bottom, and the marks that belong to none.

    `height` is the page's usual digit height in pixels; `known` holds the numbers of marks that look like digits, which
    make lines though they be small.
    """
    tall = [mark for mark in marks if _makes_a_line(mark, height, known)]
    lines = _merged([Line(chain) for chain in _chains(_stacks(tall, height, known))])
    numbers = {mark.number for mark in tall}
    left_over = [mark for mark in marks if mark.number not in numbers and not _joined(mark, lines)]
    return sorted(lines, key=lambda line: line.middle_at(line.tall[0].middle)), left_over


def _makes_a_line(mark: Mark, height: float, known: set[int]) -> bool:
    share = 0.5 * TALL if mark.number in known else TALL
    return share * height <= mark.height <= TALLEST * height


def _stacks(tall: list[Mark], height: float, known: set[int]) -> list[list[Mark]]:
    """Marks above one another put together, where they are pieces of one digit and not digits of two lines."""
    stacks: list[list[Mark]] = []
    boxes = np.zeros((len(tall), 4))
    digits = np.ones(len(tall), np.bool_)
    for mark in tall:
        left, top, right, bottom = boxes[: len(stacks)].T
        over = np.minimum(right, mark.right) - np.maximum(left, mark.left)
        joined = np.maximum(bottom, mark.bottom) - np.minimum(top, mark.top)
        most = np.where(digits[: len(stacks)] & (mark.number in known), STACK_OF_DIGITS, STACK) * height
        fits = np.flatnonzero((over >= STACKED * np.minimum(right - left, mark.width)) & (over > 0) & (joined <= most))
        at = int(fits[0]) if fits.size else len(stacks)
        if not fits.size:
            stacks.append([])
            boxes[at] = mark.left, mark.top, mark.right, mark.bottom
        stacks[at].append(mark)
        digits[at] &= mark.number in known
        boxes[at, :2] = np.minimum(boxes[at, :2], (mark.left, mark.top))
        boxes[at, 2:] = np.maximum(boxes[at, 2:], (mark.right, mark.bottom))
    return stacks


def _chains(stacks: list[list[Mark]]) -> list[list[Mark]]:
    """Each stack follows the one to its left that it stands beside and shares most rows with, so that lines may slope.

    A little is taken off for the distance.
    """
    chains: list[list[Mark]] = []
    ends = np.zeros((len(stacks), 3))
    for stack in sorted(stacks, key=lambda stack: min(mark.left for mark in stack)):
        left, right = min(mark.left for mark in stack), max(mark.right for mark in stack)
        top, bottom = min(mark.top for mark in stack), max(mark.bottom for mark in stack)
        tops, bottoms, rights = ends[: len(chains)].T
        common = np.minimum(bottoms, bottom) - np.maximum(tops, top)
        beside = np.flatnonzero(common >= LEVEL * np.minimum(bottoms - tops, bottom - top))
        likeness = common / (np.maximum(bottoms, bottom) - np.minimum(tops, top))
        likeness -= DISTANCE * np.maximum(left - rights, 0) / (bottom - top)
        at = int(beside[likeness[beside].argmax()]) if beside.size else len(chains)
        if not beside.size:
            chains.append([])
        chains[at] += stack
        ends[at] = top, bottom, right
    return chains


def _merged(lines: list[Line]) -> list[Line]:
    """Lines that continue another, and single marks that hang from one, joined to it; longest lines first."""
    for line in lines:
        line.measure()
    kept: list[Line] = []
    for line in sorted(lines, key=lambda line: -len(line.tall)):
        for other in kept:
            if _continues(line, other):
                other.tall = sorted(other.tall + line.tall, key=lambda mark: mark.left)
                other.measure()
                break
            if len(line.tall) == 1 and _hangs(line.tall[0], other):
                other.small.append(line.tall[0])
                break
        else:
            kept.append(line)
    return kept


def _continues(line: Line, other: Line) -> bool:
    """Whether a line lies level with another, beside it."""
    left, right = min(m.left for m in line.tall), max(m.right for m in line.tall)
    if any(mark.left < right and mark.right > left for mark in other.tall):
        return False
    x = (left + right) / 2
    ratio = line.height / other.height
    away = abs(line.middle_at(x) - other.middle_at(x))
    return 0.4 <= ratio <= 2.5 and away <= 0.35 * min(line.height, other.height)


def _hangs(mark: Mark, line: Line) -> bool:
    """Whether a smaller mark, such as a comma, overlaps the line's rows between or beside its digits."""
    if mark.height > 0.75 * line.height:
        return False
    left, right = line.tall[0].left - line.height, max(m.right for m in line.tall) + line.height
    away = abs((mark.top + mark.bottom) / 2 - line.middle_at(mark.middle))
    return left <= mark.middle <= right and away <= 0.75 * line.height


def _joined(mark: Mark, lines: list[Line]) -> bool:
    """Add a small mark to the line that it lies in, if any."""
    best, least = None, REACH
    for line in lines:
        left, right = line.tall[0].left - line.height, max(m.right for m in line.tall) + line.height
        small = mark.height <= TALL * line.height * 1.5 and mark.width <= TALLEST * line.height
        if not small or not left <= mark.middle <= right or mark.firm < SPECK * line.height**2:
            continue
        away = abs((mark.top + mark.bottom) / 2 - line.middle_at(mark.middle)) / line.height
        if away < least + 0.15:
            best, least = line, away
    if best is None:
        return False
    best.small.append(mark)
    return True
