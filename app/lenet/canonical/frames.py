"""Frames around whole numbers: their short sides, which are too short to be told from strokes by their length."""

from dataclasses import replace

import cv2
import numpy as np
from cv2.typing import MatLike

from app.lenet.canonical.binarisation import firm_pixels, half_inked, mask_of, without_pixels
from app.lenet.canonical.components import connected_components, pixels_of
from app.lenet.canonical.ink import Ink
from app.lenet.canonical.printed_lines import printed_lines

TALLER = 1.1
"""Height of a side, in usual heights of a component: a frame has room for what is written in it."""

TALLEST = 4.0
"""The same above which it is a long line like others."""

REACH = 0.5
"""Length of the pieces of the long sides that leave its ends, in usual heights."""

CORNER = 3
"""Pixels by which the lines of a corner may miss each other, or run beyond it."""

MARGIN = 2 * CORNER + 1
"""Pixels around a component in which its sides are looked for."""

ALONG = 0.8
"""Share of a component's height that is inked along its left or right edge, from which that may be a frame's side."""

MOST = 200
"""Components looked at, which bounds the time for a page."""

SEVERAL = 3
"""Components from which there is a usual height."""

THICKEST = 1 / 9
"""Thickness of a side as a share of its length; pens are thicker."""


def remove_frame_sides(ink: Ink) -> Ink:
    """Take the sides of frames out of the ink: upright lines from whose two ends long ones run to the same side.

    Where there are cells, the walls of cells go instead.
    """
    height = 0.0 if len(ink.cells) else _usual_height(ink)
    if not height:
        return ink
    tall = (ink.boxes[:, 3] >= TALLER * height) & (ink.boxes[:, 2] >= REACH * height)
    numbers = [number for number in np.flatnonzero(tall[1:])[:MOST] + 1 if _has_side(ink, int(number))]
    if not numbers:
        return ink
    mask, erased = mask_of(ink), np.zeros_like(ink.sheet)
    for number in numbers:
        x, y, width, tallness = (int(value) for value in ink.boxes[number])
        window = slice(max(0, y - MARGIN), y + tallness + MARGIN), slice(max(0, x - MARGIN), x + width + MARGIN)
        erased[window] = cv2.bitwise_or(erased[window], _sides(mask[window], height))
    rest = without_pixels(ink, erased)
    return ink if rest is ink else replace(rest, removed=ink.removing("lines"))


def _has_side(ink: Ink, number: int) -> bool:
    """Whether a component has ink along its whole left or right edge; most digits have not, which saves time."""
    x, y, width, tall = (int(value) for value in ink.boxes[number])
    own = ink.labels[y : y + tall, x : x + width] == number
    band = max(CORNER, tall // 8)
    return bool(max(own[:, :band].any(axis=1).mean(), own[:, -band:].any(axis=1).mean()) >= ALONG)


def _sides(mask: MatLike, height: float) -> MatLike:
    """Return the pixels of a frame's sides in a part of the mask, 255 on 0."""
    sides = printed_lines(mask, (np.inf, TALLER * height), alone=True, thickest=THICKEST)
    sealed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, (3, 1)))
    reach = max(CORNER + 2, round(REACH * height))
    level = cv2.morphologyEx(sealed, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, (reach, 1)))
    labels, boxes = connected_components(sides)
    found = np.array([number > 0 and _closes(box, level, height) for number, box in enumerate(boxes)])
    return pixels_of(found, labels)


def _usual_height(ink: Ink) -> float:
    """Return the height at which half the ink is in lower components; 0 if there are few."""
    firm = firm_pixels(ink) * (ink.boxes[:, 2:].max(axis=1) < max(ink.sheet.shape) / 2)
    if np.count_nonzero(firm) < SEVERAL:
        return 0.0
    return float(ink.boxes[half_inked(ink.boxes[:, 3], firm), 3])


def _closes(box: MatLike, level: MatLike, height: float) -> bool:
    """Whether level lines run from both ends of an upright one to the same side, and to that alone."""
    x, y, width, tall = (int(value) for value in box[:4])
    if not TALLER * height <= tall <= TALLEST * height:
        return False
    beyond = 2 * CORNER
    left, right = [], []
    for end in (y, y + tall - 1):
        rows = level[max(0, end - CORNER) : end + CORNER + 1].max(axis=0) > 0
        left.append(x >= beyond and bool(rows[x - beyond : x - CORNER].all()))
        after = rows[x + width + CORNER : x + width + beyond]
        right.append(len(after) == CORNER and bool(after.all()))
    return (all(left) and not any(right)) or (all(right) and not any(left))
