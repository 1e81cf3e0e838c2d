"""Several digits in one picture: lines from top to bottom, digits from left to right, each in its canonical form.

For digits that stand apart or touch; overlapping and cursive writing is out of scope.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np
from cv2.typing import MatLike

from app.lenet.box import Box
from app.lenet.canonical.canonical_form import find_ink
from app.lenet.canonical.ink import Ink
from app.lenet.canonical.mnist_frame import to_frame
from app.lenet.image_types import GreyImage

MOST_DIGITS = 64
"""Digits answered at most; also bounds the marks looked at, of which the ones with most ink are taken."""

PAGE = 1024
"""Longer side, in pixels, to which larger pictures are reduced: a line of 30 digits still has 30 pixels for each."""

TALLEST = 1.5
"""Height, in usual heights, up to which marks above one another are one digit."""

TALL = 0.5
"""Share of the usual height from which a mark is a digit of its own; smaller ones are strokes or specks."""

SPECK = 0.02
"""Share of a usual digit's ink below which a mark is a speck."""

STROKE_GAP = 0.25
"""Gap in digit heights up to which a stroke belongs to a digit."""

STACKED = 0.5
"""Share of the narrower mark's width from which two marks above one another are one broken digit."""

TOUCHING = 1.25
"""Width in digit heights from which a mark is several touching digits; a single one is seldom wider than tall."""

MOST_TOUCHING = 8
"""Digits one mark is cut into at most: longer ones are strokes under the writing or the edge of the paper."""

PITCH = 0.75
"""Width of a digit among touching ones, in digit heights."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """One digit: its canonical form, uint8 [28, 28], and its place in pixels of the upright picture."""

    image: GreyImage
    box: Box


@dataclass(frozen=True, slots=True)
class _Part:
    """Columns left to right (exclusive) of some marks, and the top and bottom (exclusive) of their ink."""

    marks: tuple[int, ...]
    left: int
    top: int
    right: int
    bottom: int

    @property
    def height(self) -> int:
        return self.bottom - self.top

    def joined(self, other: "_Part") -> "_Part":
        """Both as one."""
        return _Part(
            self.marks + other.marks,
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def distance(self, other: "_Part") -> int:
        """Pixels between the two boxes, sideways plus up or down."""
        aside = max(self.left - other.right, other.left - self.right, 0)
        above = max(self.top - other.bottom, other.top - self.bottom, 0)
        return aside + above

    def stands_beside(self, other: "_Part") -> bool:
        """Whether half the smaller one's height is level with the other."""
        level = min(self.bottom, other.bottom) - max(self.top, other.top)
        return 2 * level >= min(self.height, other.height)


def segment(grey: MatLike) -> list[list[Glyph]]:
    """The digits of an upright uint8 picture [height, width]: lines top to bottom, digits left to right; maybe none."""
    ink = find_ink(grey, PAGE)
    if ink.blank:
        return []
    digits = [digit for line in _lines(_digits(ink)) for digit in _apart(line, ink)]
    return [[_glyph(digit, ink, grey) for digit in line] for line in _lines(digits[:MOST_DIGITS])]


def _digits(ink: Ink) -> list[_Part]:
    """Tall marks, each with the strokes that belong to it, those with most ink first."""
    order = np.argsort(-ink.firm, kind="stable")[: 4 * MOST_DIGITS]
    marks = [_Part((int(mark),), *_edges(ink.boxes[mark])) for mark in order if ink.firm[mark]]
    usual = _usual_height(marks, ink)
    tall = _stacked([mark for mark in marks if mark.height >= TALL * usual], usual)
    least = SPECK * float(np.median([ink.firm[list(digit.marks)].sum() for digit in tall]))
    for stroke in marks:
        if stroke.height < TALL * usual and ink.firm[stroke.marks[0]] >= least:
            nearest = min(range(len(tall)), key=lambda number: tall[number].distance(stroke))
            if tall[nearest].distance(stroke) <= STROKE_GAP * usual:
                tall[nearest] = tall[nearest].joined(stroke)
    return tall


def _edges(box: MatLike) -> tuple[int, int, int, int]:
    x, y, width, height = (int(value) for value in box)
    return x, y, x + width, y + height


def _usual_height(marks: list[_Part], ink: Ink) -> int:
    """The height of the mark at which half the ink is in smaller and half in taller ones."""
    by_height = sorted(marks, key=lambda mark: mark.height)
    total = np.cumsum([ink.firm[mark.marks[0]] for mark in by_height])
    return by_height[int(np.searchsorted(total, total[-1] / 2))].height


def _stacked(tall: list[_Part], usual: int) -> list[_Part]:
    """Marks above one another joined, where they are the pieces of one digit and not digits of two lines."""
    digits: list[_Part] = []
    for mark in tall:
        for number, digit in enumerate(digits):
            joined = digit.joined(mark)
            over = min(digit.right, mark.right) - max(digit.left, mark.left)
            narrower = min(digit.right - digit.left, mark.right - mark.left)
            if over >= STACKED * narrower and joined.height <= TALLEST * usual:
                digits[number] = joined
                break
        else:
            digits.append(mark)
    return digits


def _lines(digits: list[_Part]) -> list[list[_Part]]:
    """Digits in lines; each follows the one to its left that it stands beside, so that lines may slope."""
    lines: list[list[_Part]] = []
    for digit in sorted(digits, key=lambda digit: digit.left):
        beside = [line for line in lines if line[-1].stands_beside(digit)]
        if beside:
            min(beside, key=lambda line: digit.left - line[-1].right).append(digit)
        else:
            lines.append([digit])
    return sorted(lines, key=lambda line: float(np.mean([digit.top + digit.bottom for digit in line])))


def _apart(line: list[_Part], ink: Ink) -> list[_Part]:
    """A line whose touching digits are cut apart."""
    usual = int(np.median([digit.height for digit in line]))
    return [piece for digit in line for piece in _split(digit, usual, ink)]


def _split(digit: _Part, usual: int, ink: Ink) -> list[_Part]:
    """Touching digits cut where the least ink is, near the places at which digits of even width would end."""
    width, height = digit.right - digit.left, max(digit.height, usual)
    if not TOUCHING * height <= width <= MOST_TOUCHING * height:
        return [digit]
    count = min(max(2, round(width / (PITCH * height))), MOST_TOUCHING)
    columns = _picture(digit, ink).sum(axis=0, dtype=np.int64)
    reach = width // (4 * count)
    cuts = [0]
    for number in range(1, count):
        start = number * width // count - reach
        cuts.append(start + int(np.argmin(columns[start : start + 2 * reach + 1])))
    cuts.append(width)
    pieces = [replace(digit, left=digit.left + left, right=digit.left + right) for left, right in pairwise(cuts)]
    # Of marks of a few pixels two cuts can be one, and a gap between a digit and its stroke can be cut out whole.
    return [piece for piece in pieces if piece.right > piece.left and _picture(piece, ink).any()]


def _picture(digit: _Part, ink: Ink) -> MatLike:
    """The digit's ink alone, cut to its columns and rows."""
    window = (slice(digit.top, digit.bottom), slice(digit.left, digit.right))
    return np.where(np.isin(ink.labels[window], digit.marks), ink.sheet[window], 0).astype(np.uint8)


def _glyph(digit: _Part, ink: Ink, grey: MatLike) -> Glyph:
    picture = _picture(digit, ink)
    x, y, width, height = cv2.boundingRect(picture)
    box = Box(digit.left + x, digit.top + y, width, height)
    return Glyph(to_frame(picture[y : y + height, x : x + width]), box.rescaled(ink.sheet.shape, grey.shape))
