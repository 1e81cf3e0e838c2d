"""Ink against its paper, and how much of it is in long straight lines, as the print of forms is and writing is not."""

from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from app.lenet.image_types import GreyImage

LONGER = 640
"""Longer side, in pixels, to which a picture is reduced at most: thin lines of a page can still be seen."""

SMALLEST = 64
"""Longer side, in pixels, below which lines are not looked for: they could not be told from strokes."""

WIDEST = 1 / 16
"""Share of the longer side that no line or stroke on a form is wider than: what is wider is its paper."""

RUN = 40
"""Pixels over which a line is unbroken at most; longer ones may bend."""

TURNED = range(-6, 7, 3)
"""Degrees by which lines may be turned."""

THICKEST = 1 / 6
"""Thickness of a line with its bends, as a share of its length; short strokes of a pen are thicker."""

LEVEL_RUN = 1 / 4
"""Length of a level line of a form, as a share of the longer side, over which it is unbroken."""

LEVEL_IN_ALL = 0.4
"""Length of all of them together, as a share of the longer side."""

LEVEL_THICKEST = 1 / 48
"""Thickness of such a line, as a share of the longer side."""

EVERY = 4
"""Columns of which one is looked at for them, which saves time."""

SHADE = 0.4
"""Share of the lightest paper's light that paper has at least: in bold strokes, too, something is a little darker."""

FAINTEST = 12
"""Share of the paper's light, in 255ths, that such a line takes away at least."""


@dataclass(frozen=True, slots=True)
class Straight:
    """Shares of a mask's pixels that are on lines along x and along y, and of those on lines along x twice as long.

    `others` is a mask of what is on no line half as long, turned.
    """

    along_x: float
    along_y: float
    far_along_x: float
    others: MatLike


def reduced(picture: NDArray[np.uint8]) -> MatLike:
    """Return a picture [height, width, ...] averaged over squares, its longer side at most `LONGER`."""
    height, width = picture.shape[:2]
    times = -(-max(height, width) // LONGER)
    if times == 1:
        return picture
    size = max(1, width // times), max(1, height // times)
    return cv2.resize(picture[: size[1] * times, : size[0] * times], size, interpolation=cv2.INTER_AREA)


def absorbed(small: MatLike) -> tuple[MatLike, MatLike]:
    """Return the paper under dark ink, uint8 as the picture, and the share of its light that is missing, in 255ths.

    The paper is the morphological closing of each channel.
    """
    size = max(3, round(max(small.shape) * WIDEST) | 1)
    return _absorbed(small, _window(size, size))


def has_level_lines(grey: GreyImage) -> bool:
    """Return whether a picture [height, width] of dark ink has long, thin, level lines, as forms have."""
    if max(grey.shape) < SMALLEST:
        return False
    small = reduced(grey)
    longer = max(small.shape)
    small = np.ascontiguousarray(small[:, ::EVERY])
    paper, missing = _absorbed(small, _window(1, max(3, round(longer * LEVEL_THICKEST)) | 1))
    missing[paper < SHADE * np.quantile(paper[::8, ::8], 0.9)] = 0
    _, ink = cv2.threshold(missing, FAINTEST, 255, cv2.THRESH_BINARY)
    if EVERY * cv2.countNonZero(ink) < LEVEL_IN_ALL * longer:
        return False
    runs = _opened(cv2.dilate(ink, _window(1, 5)), round(longer * LEVEL_RUN / EVERY), 1)
    return bool(EVERY * np.count_nonzero(runs[1:] > runs[:-1]) >= LEVEL_IN_ALL * longer)


def straight(mask: MatLike, length: float) -> Straight:
    """Return how much of a mask, 255 on 0, is on straight thin lines of that many pixels or more, level and upright."""
    run = max(3, round(min(length, RUN)))
    whole = cv2.dilate(mask, _window(3, 3))
    turns = [_turned(whole, degrees) for degrees in TURNED]
    runs = [(_opened(turned, run, 1), _opened(turned, 1, run)) for turned in turns]
    best = int(np.argmax([cv2.countNonZero(cv2.bitwise_or(*pair)) for pair in runs]))
    level, upright = (_Lines(found, axis) for axis, found in enumerate(runs[best]))
    short = cv2.bitwise_or(level.mask(length / 2), upright.mask(length / 2))
    others = cv2.bitwise_and(turns[best], cv2.bitwise_not(cv2.dilate(short, _window(5, 5))))
    pixels = max(1, cv2.countNonZero(turns[best]))
    far = level.pixels(2 * length) / pixels
    return Straight(level.pixels(length) / pixels, upright.pixels(length) / pixels, far, others)


def components(mask: MatLike) -> tuple[MatLike, MatLike]:
    """Return the labels of a mask's components, from 1, and the x, y, width, height and pixels of each, from 0."""
    _, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(mask, 8, cv2.CV_32S, cv2.CCL_GRANA)
    return labels, stats


class _Lines:
    """The thin components of runs along x (axis 0) or y (axis 1)."""

    def __init__(self, runs: MatLike, axis: int) -> None:
        self._labels, stats = components(runs)
        extents, across = stats[:, cv2.CC_STAT_WIDTH + axis], stats[:, cv2.CC_STAT_HEIGHT - axis]
        thin = across - 2 <= THICKEST * extents  # two pixels are those of the dilation
        thin[0] = False
        self._extents, self._areas = np.where(thin, extents, 0), stats[:, cv2.CC_STAT_AREA]

    def pixels(self, length: float) -> int:
        """Return how many pixels are on lines of that length or more."""
        return int(self._areas[self._extents >= length].sum())

    def mask(self, length: float) -> MatLike:
        """Return the pixels of lines of that length or more, 255 on 0."""
        return np.asarray(np.where(self._extents >= length, 255, 0).astype(np.uint8)[self._labels])


def _absorbed(small: MatLike, window: MatLike) -> tuple[MatLike, MatLike]:
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, window)
    return paper, cv2.bitwise_not(cv2.divide(small, paper, scale=255))


def _turned(mask: MatLike, degrees: float) -> MatLike:
    height, width = mask.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return cv2.warpAffine(mask, turn, (width, height), flags=cv2.INTER_NEAREST) if degrees else mask


def _opened(mask: MatLike, along: int, across: int) -> MatLike:
    return cv2.morphologyEx(mask, cv2.MORPH_OPEN, _window(along, across))


def _window(along: int, across: int) -> MatLike:
    return cv2.getStructuringElement(cv2.MORPH_RECT, (along, across))
