"""Ruled and squared paper, and the rules of forms: printed lines that no stroke of a digit is as long as."""

from dataclasses import replace

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from app.lenet.canonical.background import subtract_background
from app.lenet.canonical.binarisation import (
    FIRM,
    SOFT,
    binarise,
    firm_pixels,
    half_inked,
    mask_of,
    with_levels,
    without_pixels,
)
from app.lenet.canonical.comb import comb_ticks
from app.lenet.canonical.components import connected_components
from app.lenet.canonical.ink import Ink
from app.lenet.canonical.page_edges import edges
from app.lenet.canonical.printed_lines import printed_lines

SPAN = 0.8
"""Share of the picture's side that a printed line runs through; a stroke of a digit does not."""

LEAST_SPAN = 0.3
"""The same as a share of the longer side: on a narrow strip, digits run through the shorter one."""

SMALLEST_RULED = 64
"""Longer side, in pixels, below which lines are not looked for: they could not be told from strokes."""

PRINT = 0.75
"""Quantile of a line's pixels that counts as its grey."""

LONG = 0.5
"""Share of the longer side from which a component does not count among the usual ones."""

LEVEL = 0.15
"""Height of a line along x at most, as a share of the picture's width."""

SEVERAL = 3
"""Components from which there is a usual size."""

DIGITS_LONG = 3.5
"""Usual sizes of a component from which a straight line is no stroke."""


def remove_ruled_lines(ink: Ink) -> Ink:
    """Take lines that run through the picture out of the ink; other print that is lighter than the pen goes with them.

    A deep edge of the page that is left then means that the background is uneven after all.
    """
    if not _any_spans(ink):
        return ink
    rest = _without_lines(ink)
    if not ink.flattened and edges(rest.labels, rest.boxes)[1]:
        return binarise(replace(ink, sheet=subtract_background(ink.light), flattened=True))
    return rest


def remove_long_lines(ink: Ink) -> Ink:
    """Take lines out of the ink that are much longer than what is written, such as the rule under an amount."""
    firm = firm_pixels(ink)
    size = _usual_size(ink, firm)
    length = DIGITS_LONG * size
    if length < SMALLEST_RULED / 2 or not np.any(firm[ink.boxes[:, 2:].max(axis=1) >= length]):
        return ink
    mask = mask_of(ink)
    lines = printed_lines(mask, (length, length), alone=True)
    rest = without_pixels(ink, cv2.bitwise_or(lines, comb_ticks(mask, lines, size)) if lines.any() else lines)
    return ink if rest is ink else replace(rest, removed=ink.removing("lines"))


def _any_spans(ink: Ink) -> bool:
    """Whether a component runs through the picture, as printed lines do."""
    height, width = ink.sheet.shape
    spans = (ink.boxes[1:, 2] >= SPAN * width) | (ink.boxes[1:, 3] >= SPAN * height)
    return max(height, width) >= SMALLEST_RULED and bool(np.any(spans))


def _without_lines(ink: Ink) -> Ink:
    height, width = ink.sheet.shape
    least = LEAST_SPAN * max(height, width)
    mask = mask_of(ink)
    lines = printed_lines(mask, (max(SPAN * width, least), max(SPAN * height, least)), alone=False)
    if _all_level(lines):
        lines = cv2.bitwise_or(lines, comb_ticks(mask, lines, _usual_size(ink, firm_pixels(ink))))
    rest = without_pixels(ink, lines)
    if rest is ink:
        return ink
    rest = replace(rest, removed=ink.removing("lines"))
    levels, printed = rest.levels, float(np.quantile(ink.sheet[lines > 0], PRINT))
    if printed >= FIRM * levels.ink:
        return rest
    return with_levels(rest, replace(levels, floor=max(levels.floor, (printed - SOFT * levels.ink) / (1 - SOFT))))


def _all_level(lines: MatLike) -> bool:
    """Whether there are lines, and all of them along x: those of squared paper meet."""
    boxes = connected_components(lines)[1][1:]
    return len(boxes) > 0 and bool(np.all(boxes[:, 3] <= LEVEL * lines.shape[1]))


def _usual_size(ink: Ink, firm: NDArray[np.intp]) -> float:
    """Return the size at which half the ink is in smaller components, long ones left out; 0 if there are few."""
    boxes = ink.boxes
    usual = firm * (boxes[:, 2:].max(axis=1) < LONG * max(ink.sheet.shape))
    if np.count_nonzero(usual) < SEVERAL:
        return 0.0
    sizes = np.sqrt(boxes[:, 2] * boxes[:, 3])
    return float(sizes[half_inked(sizes, usual)])
