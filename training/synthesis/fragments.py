"""Fragments that a page is cut into besides whole digits: parts of them, several at once, remains of ruled lines."""

from collections.abc import Callable

import cv2
import numpy as np

from app.lenet.image_types import GreyImage
from training.data.mnist import Digits
from training.synthesis.drawing import CANVAS, draw_strokes, place

_FAINT = 40

# Labels whose left or right part is like no digit: the right half of an 8 is a 3, that of a 7 may be a 1.
_LEFT_PARTS, _RIGHT_PARTS = (0, 2, 3, 4, 5, 6, 7, 8, 9), (0, 2, 6)
_NARROWEST = 0.4  # width over height, of parts: narrower ones are like a 1

# Corners and ends in the unit square of what is left of boxes, combs and ruled lines; none is like a 7 or a 1.
_REMAINS: tuple[tuple[tuple[tuple[float, float], ...], ...], ...] = (
    (((0, 0), (1, 0)),),
    (((0, 1), (0, 0), (1, 0)),),
    (((0, 0), (0, 1), (1, 1)),),
    (((1, 0), (1, 1), (0, 1)),),
    (((0, 0), (0, 1), (1, 1), (1, 0)),),
    (((0, 1), (0, 0), (1, 0), (1, 1)),),
    (((0, 0), (1, 0)), ((0, 1), (1, 1))),
    (((0, 0), (0, 1)), ((1, 0), (1, 1))),
    (((0, 0), (0, 1)), ((0, 0.5), (1, 0.5))),
    (((1, 0), (1, 1)), ((0, 0.5), (1, 0.5))),
    (((0, 1), (1, 1)), ((0, 0.3), (0, 1)), ((1, 0.3), (1, 1)), ((0.5, 0.5), (0.5, 1))),
)


def part(random: np.random.Generator, digits: Digits, letter: Callable[[], GreyImage]) -> GreyImage:
    """Return a side of a digit or a letter, at most half of it, as a wrong cut between two digits does."""
    while True:
        if random.random() < 0.3:
            ink, left = _inked(letter()), True
        else:
            index = random.integers(len(digits.images))
            ink, label = _inked(digits.images[index]), int(digits.labels[index])
            if not (sides := [side for side, fit in ((True, _LEFT_PARTS), (False, _RIGHT_PARTS)) if label in fit]):
                continue
            left = sides[random.integers(len(sides))]
        side = _side(ink, random.uniform(0.3, 0.5), left=left)
        if side.shape[1] >= _NARROWEST * side.shape[0] > 0:
            return place(side)


def several(random: np.random.Generator, digits: Digits, letter: Callable[[], GreyImage]) -> GreyImage:
    """Lay two or three digits or letters side by side, apart or touching; half of the time an outer one is cut."""
    images, count = digits.images, 3 if random.random() < 0.2 else 2
    inks = [
        _inked(letter()) if random.random() < 0.15 else _inked(images[random.integers(len(images))])
        for _ in range(count)
    ]
    if random.random() < 0.5:
        last = random.random() < 0.5
        cut = -1 if last else 0
        inks[cut] = _side(inks[cut], random.uniform(0.4, 0.7), left=last)
    canvas = np.zeros((CANVAS, CANVAS), np.uint8)
    x, y = 6, 40
    for ink in inks:
        top, height, width = y + int(random.integers(-3, 4)), *ink.shape
        canvas[top : top + height, x : x + width] = np.maximum(canvas[top : top + height, x : x + width], ink)
        x += max(1, width + int(random.integers(-4, 4)))
    return place(canvas)


def _inked(picture: GreyImage) -> GreyImage:
    """Return the picture cropped to its ink, (height, width)."""
    x, y, width, height = cv2.boundingRect((picture > _FAINT).astype(np.uint8))
    return picture[y : y + height, x : x + width]


def _side(ink: GreyImage, share: float, *, left: bool) -> GreyImage:
    """Return the left or right share of the ink's width, cropped to its own ink."""
    width = max(1, round(ink.shape[1] * share))
    return _inked(ink[:, :width] if left else ink[:, -width:])


def remains(random: np.random.Generator) -> GreyImage:
    """Draw what is left of a box, a comb or ruled lines: straight, thin, here and there broken."""
    size = random.uniform(0.25, 1, 2)
    lines = [
        np.array(line) * size + random.normal(0, 0.01, (len(line), 2))
        for line in _REMAINS[random.integers(len(_REMAINS))]
    ]
    canvas = draw_strokes(lines, int(random.integers(2, 12)))
    for _ in range(random.integers(3)):
        x, y = random.integers(0, CANVAS, 2)
        canvas[y : y + 12, x : x + 12] = 0
    return place(canvas)
