"""Which marks on a sheet are the digit's strokes, and which are specks, dirt at the border or other digits."""

import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from app.lenet.canonical.binarisation import Ink

SPECK = 0.015
"""Share of the largest mark's ink below which another is a speck."""

PART = 0.1
"""Share of the largest mark's ink from which another is a part, like the upright of an open 4."""

NEAR = 0.25
"""Gap, in sizes of the largest mark, up to which any stroke belongs to it: a 5's detached bar is nearer."""

FAR = 0.5
"""The same for parts: pencils and thresholds break a digit into pieces that far from each other."""

AT_BORDER = 0.1
"""The same for marks at the border of the picture, where neighbours, shadows and edges of the paper come in."""

BORDER_WEIGHT = 0.3
"""Weight of a mark at the border when the largest is chosen."""

APART = 0.15
"""Gap to the side, in sizes of the largest mark, from which a tall mark is another digit rather than a stroke."""


def main_mark(ink: Ink) -> int:
    """The number of the mark with the most ink, those at the border counting less."""
    return int(np.argmax(ink.firm * np.where(_at_border(ink), BORDER_WEIGHT, 1)))


def same_digit(ink: Ink, main: int) -> NDArray[np.bool_]:
    """For each mark, [marks + 1], whether it is a stroke of the digit that the main mark belongs to."""
    aside, above = _gaps(ink.boxes, main)
    gap = np.maximum(aside, above) / ink.boxes[main, 2:].max()
    share = ink.firm / ink.firm[main]
    reach = np.where(_at_border(ink), AT_BORDER, np.where(share >= PART, FAR, NEAR))
    belongs: NDArray[np.bool_] = (share >= SPECK) & (gap <= reach)
    return belongs


def several_digits(ink: Ink, main: int) -> bool:
    """Whether another mark stands beside the main one and is about as tall."""
    aside, _ = _gaps(ink.boxes, main)
    beside = aside > APART * ink.boxes[main, 2:].max()
    tall = 2 * ink.boxes[:, 3] > ink.boxes[main, 3]
    return bool(np.any(beside & tall & (ink.firm >= PART * ink.firm[main])))


def _at_border(ink: Ink) -> NDArray[np.bool_]:
    height, width = ink.sheet.shape
    left, top, right, bottom = _edges(ink.boxes)
    touches: NDArray[np.bool_] = (left == 0) | (top == 0) | (right == width) | (bottom == height)
    return touches


def _gaps(boxes: MatLike, main: int) -> tuple[MatLike, MatLike]:
    """Pixels between each box and the main one, sideways and up or down; negative where they overlap."""
    left, top, right, bottom = _edges(boxes)
    aside = np.maximum(left - right[main], left[main] - right)
    above = np.maximum(top - bottom[main], top[main] - bottom)
    return aside, above


def _edges(boxes: MatLike) -> tuple[MatLike, ...]:
    left, top, width, height = boxes.T
    return left, top, left + width, top + height
