"""The lattice of a line: its pieces in order, and every run of them that may be one digit.

Source: LeCun et al., "Gradient-based learning applied to document recognition" (1998), sections VI and VII.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from app.lenet.canonical.mnist_frame import to_frame
from app.lenet.reading.pieces import Piece

Edges = tuple[int, int, int, int]
"""Of a box: left, top, right and bottom."""

LONGEST_RUN = 6
"""Pieces of one digit at most."""

WIDEST = 1.35
"""Width of a digit of several pieces at most, in line heights."""

HIGHEST = 1.9
"""Height of a digit at most, in line heights."""

WIDEST_GAP = 0.4
"""Gap, in line heights, that the pieces of one digit may leave between each other."""


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
class Lattice:
    """A line's pieces and runs; for each run its log-probabilities [runs, 10] and features, for each piece its own.

    `digit` float64 [runs, len(DIGIT_FEATURES)] and `reject` float64 [pieces, len(REJECT_FEATURES)] are those of
    features.py. `cells` are those that the runs lie in, as cells.py numbers them; empty where there are none.
    """

    pieces: list[Piece]
    runs: list[Run]
    logits: NDArray[np.float64]
    digit: NDArray[np.float64]
    reject: NDArray[np.float64]
    cells: tuple[int, ...] = ()


def find_runs(
    pieces: Sequence[Piece], height: float, most: int, frames: Mapping[int, NDArray[np.uint8]]
) -> list[Run] | None:
    """Return the runs of pieces, in order from left to right, that may be one digit of a line `height` tall.

    `frames` has whole marks as the network sees them, by number. Without making the others, None is returned when there
    are more runs than `most`.
    """
    bounds = list(_bounds(pieces, height))
    if len(bounds) > most:
        return None
    return [Run(start, end, _frame(pieces[start:end], box, frames), *box) for start, end, box in bounds]


def _bounds(pieces: Sequence[Piece], height: float) -> Iterator[tuple[int, int, Edges]]:
    """The first piece of each run, the one after its last, and its box."""
    for start in range(len(pieces)):
        for end in range(start + 1, min(start + LONGEST_RUN, len(pieces)) + 1):
            part = pieces[start:end]
            left, right = min(p.left for p in part), max(p.right for p in part)
            top, bottom = min(p.top for p in part), max(p.bottom for p in part)
            several = end - start > 1
            if several and (right - left > WIDEST * height or widest_gap(part) > WIDEST_GAP * height):
                break
            if several and bottom - top > HIGHEST * height:
                continue
            if several or _possible(part[0], height):
                yield start, end, (left, top, right, bottom)


def _frame(part: Sequence[Piece], box: Edges, frames: Mapping[int, NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """The pieces together as the network sees them."""
    if len(part) > 1:
        return to_frame(_together(part, *box))
    known = frames.get(part[0].mark.number) if part[0].whole else None
    return to_frame(part[0].picture) if known is None else known


def _possible(piece: Piece, height: float) -> bool:
    """Whether one piece alone may be a digit."""
    rows, columns = piece.picture.shape
    return rows >= 0.3 * height and (columns <= 1.5 * height or piece.whole)


def widest_gap(part: Sequence[Piece]) -> int:
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
