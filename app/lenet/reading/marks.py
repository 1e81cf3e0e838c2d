"""Marks: the connected components of a page's ink, with what tells a digit's size from dirt and page edges."""

from dataclasses import dataclass

import numpy as np
from cv2.typing import MatLike

from app.lenet.box import Box
from app.lenet.canonical.ink import Ink

LEAST_HEIGHT = 5
"""Rows of pixels of a mark below which it is no digit, whatever its shape."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One connected component: its number in `Ink.labels`, its box and its surely inked pixels."""

    number: int
    left: int
    top: int
    right: int
    bottom: int
    firm: int

    @property
    def width(self) -> int:
        """Columns of pixels."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Rows of pixels."""
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """The column in the middle of the box."""
        return (self.left + self.right) / 2

    @property
    def box(self) -> Box:
        """The same as a box."""
        return Box(self.left, self.top, self.width, self.height)


def strongest_marks(ink: Ink, most: int) -> list[Mark]:
    """Return the `most` marks with most ink, in that order."""
    order = np.argsort(-ink.firm, kind="stable")[:most]
    return [_mark(ink.boxes[number], int(number), int(ink.firm[number])) for number in order if ink.firm[number]]


def picture_of(mark: Mark, ink: Ink) -> MatLike:
    """Return the mark's ink alone, uint8 [height, width], 255 on 0."""
    window = (slice(mark.top, mark.bottom), slice(mark.left, mark.right))
    return np.where(ink.labels[window] == mark.number, ink.sheet[window], 0).astype(np.uint8)


def _mark(box: MatLike, number: int, firm: int) -> Mark:
    x, y, width, height = (int(value) for value in box)
    return Mark(number, x, y, x + width, y + height, firm)
