"""Combs: the short ticks, on a printed line, between which forms want digits written."""

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from app.lenet.canonical.components import connected_components, pixels_of

SHORTEST = 0.25
"""Height of a tick at least, in usual sizes of a component."""

SLIM = 1 / 3
"""Width of a tick at most, in its heights."""

ALIKE = 0.15
"""Share by which ticks of a comb may differ in height, and their distances from a multiple of the usual one."""

SEVERAL = 3
"""Ticks from which there is a comb."""

MOST = 500
"""Upright strokes looked at, which bounds the time for a page."""

FEWEST_PIXELS = 5
"""Height of a tick at least, in pixels."""

FOOT = 4
"""Pixels between a tick and its line at most: the line's soft edge went with it."""


def comb_ticks(mask: MatLike, lines: MatLike, size: float) -> MatLike:
    """Return the pixels of the ticks that stand on lines, without the strokes that cross them; all uint8, 255 on 0.

    `mask` is all ink, `lines` the printed lines in it, and `size` the usual size of a component in pixels. Ticks are
    upright, thin, equally tall and equally far from each other.
    """
    rest = cv2.bitwise_and(mask, cv2.bitwise_not(lines))
    least = max(FEWEST_PIXELS, round(SHORTEST * size))
    upright = cv2.morphologyEx(cv2.dilate(rest, _window(3, 1)), cv2.MORPH_OPEN, _window(1, least))
    labels, boxes = connected_components(cv2.bitwise_and(upright, rest))
    on_line = cv2.dilate(lines, _window(2 * FOOT + 1, 2 * FOOT + 1))
    slim = np.flatnonzero(boxes[1:, 2] <= np.maximum(3, SLIM * boxes[1:, 3])) + 1
    standing = np.array([number for number in slim[:MOST] if _stands(boxes[number], on_line)], np.intp)
    ticks = np.zeros(len(boxes), np.bool_)
    ticks[_regular(standing, boxes)] = True
    if not ticks.any():
        return np.zeros_like(mask)
    found = cv2.dilate(pixels_of(ticks, labels), _window(3, 3))
    wide = int(np.median(boxes[ticks, 2])) + 3
    return cv2.bitwise_and(found, cv2.bitwise_not(cv2.morphologyEx(rest, cv2.MORPH_OPEN, _window(wide, 1))))


def _stands(box: MatLike, on_line: MatLike) -> bool:
    """Whether the foot of a component is on a line."""
    x, y, width, height = box[:4]
    return bool(on_line[y + height - 1, x : x + width].any())


def _regular(numbers: NDArray[np.intp], boxes: MatLike) -> NDArray[np.intp]:
    """Return those of the components that are most often equally tall, at equal distances."""
    if len(numbers) < SEVERAL:
        return numbers[:0]
    heights = boxes[numbers, 3]
    alike = np.abs(heights[:, None] - heights) <= ALIKE * heights
    same = numbers[alike[int(alike.sum(axis=1).argmax())]]
    if len(same) < SEVERAL:
        return numbers[:0]
    x = boxes[same, 0] + boxes[same, 2] / 2
    distances = np.abs(x[:, None] - x)
    steps = distances[distances > np.median(boxes[same, 3]) / 2]
    if not steps.size:
        return numbers[:0]
    pitches = np.unique(np.round(steps))
    fits = [(np.abs(distances - pitch) <= ALIKE * pitch).any(axis=1) for pitch in pitches]
    best = max(fits, key=lambda fit: int(fit.sum()))
    return same[best] if best.sum() >= SEVERAL else numbers[:0]


def _window(along: int, across: int) -> MatLike:
    return cv2.getStructuringElement(cv2.MORPH_RECT, (along, across))
