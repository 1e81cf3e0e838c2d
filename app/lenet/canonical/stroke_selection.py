"""Stroke selection: which connected components are the digit, and which are dirt or neighbours."""

from dataclasses import replace

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from app.lenet.box import Box
from app.lenet.canonical.components import pixels_of
from app.lenet.canonical.ink import Ink, Levels
from app.lenet.vocabulary import PictureWarning

SPECK = 0.015
"""Share of the main component's ink below which another is a speck."""

PART = 0.1
"""Share of the main component's ink from which another is a part, like the upright of an open 4."""

NEAR = 0.25
"""Gap, in sizes of the main component, up to which any stroke belongs to it: a 5's detached bar is nearer."""

FAR = 0.5
"""The same for parts: pencils and thresholds break a digit into pieces that far from each other."""

AT_BORDER = 0.1
"""The same for components at the border of the picture, where neighbours, shadows and edges of the paper come in."""

BORDER_WEIGHT = 0.3
"""Weight of a component at the border when the main one is chosen."""

APART = 0.15
"""Gap to the side, in sizes of the main component, from which a tall one is another digit rather than a stroke."""

LOW_CONTRAST = 32
"""Grey levels, an eighth of the range, below which the ink is faint."""

NOISY = 4.0
"""Ink less than this many deviations of the background's noise above it may be that noise: Otsu cuts pure noise at
3.3."""


def select_strokes(ink: Ink) -> Ink:
    """Crop the sheet to the strokes of the digit, and set its box and the warnings."""
    if ink.blank:
        return replace(ink, sheet=np.zeros((1, 1), np.uint8), removed=(), warnings=("blank",))
    main = main_component(ink)
    strokes = same_digit(ink, main)
    digit = cv2.bitwise_and(ink.sheet, pixels_of(strokes, ink.labels))
    x, y, width, height = cv2.boundingRect(digit)
    warnings: dict[PictureWarning, bool] = {
        "low_contrast": _low_contrast(ink.levels),
        "several_objects": several_digits(ink, main),
        "touches_border": _touches_border(digit),
    }
    return replace(
        ink,
        sheet=digit[y : y + height, x : x + width],
        box=ink.in_picture(Box(x, y, width, height)),
        removed=("specks", *ink.removed) if np.any(ink.firm[~strokes]) else ink.removed,
        warnings=tuple(name for name, applies in warnings.items() if applies),
    )


def main_component(ink: Ink) -> int:
    """Return the number of the component with the most ink, those at the border counting less."""
    return int(np.argmax(ink.firm * np.where(_at_border(ink), BORDER_WEIGHT, 1)))


def same_digit(ink: Ink, main: int) -> NDArray[np.bool_]:
    """Return, for each component, [components + 1], whether it is a stroke of the main one's digit."""
    aside, above = _gaps(ink.boxes, main)
    gap = np.maximum(aside, above) / ink.boxes[main, 2:].max()
    share = ink.firm / ink.firm[main]
    reach = np.where(_at_border(ink), AT_BORDER, np.where(share >= PART, FAR, NEAR))
    belongs: NDArray[np.bool_] = (share >= SPECK) & (gap <= reach)
    return belongs


def several_digits(ink: Ink, main: int) -> bool:
    """Return whether another component stands beside the main one and is about as tall."""
    aside, _ = _gaps(ink.boxes, main)
    beside = aside > APART * ink.boxes[main, 2:].max()
    tall = 2 * ink.boxes[:, 3] > ink.boxes[main, 3]
    return bool(np.any(beside & tall & (ink.firm >= PART * ink.firm[main])))


def _low_contrast(levels: Levels) -> bool:
    return levels.ink - levels.background < max(LOW_CONTRAST, NOISY * levels.noise)


def _touches_border(digit: MatLike) -> bool:
    """Whether firm ink runs into the border, where part of the digit may be cut off."""
    return bool(max(digit[0].max(), digit[-1].max(), digit[:, 0].max(), digit[:, -1].max()) > 127)


def _at_border(ink: Ink) -> NDArray[np.bool_]:
    height, width = ink.sheet.shape
    left, top, right, bottom = _edges(ink.boxes)
    touches: NDArray[np.bool_] = (left == 0) | (top == 0) | (right == width) | (bottom == height)
    return touches


def _gaps(boxes: MatLike, main: int) -> tuple[MatLike, MatLike]:
    """Return the pixels between each box and the main one, sideways and up or down; negative where they overlap."""
    left, top, right, bottom = _edges(boxes)
    aside = np.maximum(left - right[main], left[main] - right)
    above = np.maximum(top - bottom[main], top[main] - bottom)
    return aside, above


def _edges(boxes: MatLike) -> tuple[MatLike, ...]:
    left, top, width, height = boxes.T
    return left, top, left + width, top + height
