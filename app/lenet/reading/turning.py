"""Pages that lie on their side or upside down: read again a quarter turn at a time, where the first reading is poor.

The score of a page is the sum of its lines' path scores. Upright pages have about 3 a digit, pages that lie on their
side less than nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from app.lenet.box import Box
from app.lenet.image_types import GreyImage
from app.lenet.reading.answer import Reading

POOR = 2.0
"""Score for each digit below which a page is tried on its other sides."""

MARGIN = 5.0
"""Score by which a turned page has to be better than the page as it came."""

LEAST_SURE = 3
"""Sure digits of a turned page at least."""

LEAST_OTHERS = 2
"""Digits other than 1 of a turned page at least: dashes below one another are not turned to be ones."""

MOST_RUNS = 450
"""Runs of a page that is tried on its other sides at most."""

MOST_IN_ALL = 1000
"""Runs of all attempts together from which no other side is tried, which bounds the time for a page."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A page's reading, its score, and how many runs the network had to name for it."""

    reading: Reading
    score: float
    runs: int


def best_side_up(read: Callable[[GreyImage], Attempt], grey: GreyImage) -> Reading:
    """Return the reading of a picture [height, width], or that of the picture turned, if it is much better.

    Boxes are in pixels of the picture as it came; the warning "turned" tells that it was turned.
    """
    best = first = read(grey)
    turns, runs = 0, first.runs
    if _poor(first) and 0 < first.runs <= MOST_RUNS:
        for quarters in (1, 2, 3):
            if runs > MOST_IN_ALL:
                break
            attempt = read(np.ascontiguousarray(np.rot90(grey, quarters)))
            runs += attempt.runs
            if _legible(attempt) and attempt.score > max(best.score, first.score + MARGIN):
                best, turns = attempt, quarters
    return _turned_back(best.reading, turns, grey.shape) if turns else first.reading


def _poor(attempt: Attempt) -> bool:
    return attempt.score < POOR * max(1, sum(len(line.digits) for line in attempt.reading.lines))


def _legible(attempt: Attempt) -> bool:
    predictions = [digit.prediction for line in attempt.reading.lines for digit in line.digits]
    sure = sum(not prediction.reasons for prediction in predictions)
    others = sum(prediction.digit != 1 for prediction in predictions)
    return not _poor(attempt) and sure >= LEAST_SURE and others >= LEAST_OTHERS


def _turned_back(reading: Reading, quarters: int, shape: tuple[int, ...]) -> Reading:
    """The reading of a picture of `shape` [height, width] that was turned counter-clockwise, in its own pixels."""
    lines = tuple(
        replace(
            line,
            digits=tuple(replace(digit, box=_box_back(digit.box, quarters, shape)) for digit in line.digits),
            box=_box_back(line.box, quarters, shape),
        )
        for line in reading.lines
    )
    rejected = tuple(_box_back(box, quarters, shape) for box in reading.rejected)
    return replace(reading, lines=lines, rejected=rejected, warnings=(*reading.warnings, "turned"))


def _box_back(box: Box, quarters: int, shape: tuple[int, ...]) -> Box:
    height, width = shape
    right, bottom = box.x + box.width, box.y + box.height
    if quarters == 1:
        return Box(width - bottom, box.x, box.height, box.width)
    if quarters == 2:
        return Box(width - right, height - bottom, box.width, box.height)
    return Box(box.y, height - right, box.height, box.width)
