"""The canonical form: any picture of one digit as MNIST's makers would have shown it, and what was done to it."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from app.lenet.box import Box
from app.lenet.canonical.background import Grey
from app.lenet.canonical.binarisation import Ink, find_ink
from app.lenet.canonical.mnist_frame import DIGIT, FRAME, mass_offset, to_frame
from app.lenet.canonical.stroke_selection import main_mark, same_digit, several_digits

BLANK = "blank"
"""The warning that there is no ink at all."""

LOW_CONTRAST = 32
"""Grey levels, an eighth of the range, below which the ink is faint."""

NOISY = 4.0
"""Ink less than this many deviations of the paper's noise above it may be that noise: Otsu cuts pure noise at 3.3."""


@dataclass(frozen=True, slots=True)
class Canonical:
    """A digit as MNIST shows it, uint8 [28, 28] with white ink on black, and how it came about.

    `inverted`: the ink was darker than the paper. `box`: where the ink is, in pixels of the upright picture; None when
    there is none. `flattened`: uneven paper was subtracted. `removed`: of "specks", "lines", "noise" and
    "stripes" what was taken out. `warnings`: of "blank", "low_contrast", "several_objects" and "touches_border" what
    applies.
    """

    image: NDArray[np.uint8]
    inverted: bool
    box: Box | None
    flattened: bool
    removed: tuple[str, ...]
    warnings: tuple[str, ...]


def canonicalise(grey: NDArray[np.uint8]) -> Canonical:
    """The canonical form of an upright uint8 picture [height, width] of 1 by 1 pixel or more; never raises."""
    return _already_canonical(grey) or _from_ink(find_ink(grey), grey)


def _already_canonical(grey: NDArray[np.uint8]) -> Canonical | None:
    """MNIST's own form, either way round, on spotless paper: nothing to be done, and done in microseconds."""
    if grey.shape != (FRAME, FRAME):
        return None
    inverted = bool(grey[0, 0] > 127)
    ink = np.invert(grey) if inverted else grey.copy()
    x, y, width, height = cv2.boundingRect(ink)
    if max(width, height) != DIGIT or mass_offset(ink) != (0, 0):
        return None
    return Canonical(ink, inverted, Box(x, y, width, height), flattened=False, removed=(), warnings=())


def _from_ink(ink: Ink, grey: Grey) -> Canonical:
    if ink.blank:
        nothing = np.zeros((FRAME, FRAME), np.uint8)
        return Canonical(nothing, ink.inverted, None, ink.flattened, removed=(), warnings=(BLANK,))
    levels = ink.levels
    main = main_mark(ink)
    strokes = same_digit(ink, main)
    digit = cv2.bitwise_and(ink.sheet, np.where(strokes, 255, 0).astype(np.uint8)[ink.labels])
    x, y, width, height = cv2.boundingRect(digit)
    specks = ("specks",) if np.any(ink.firm[~strokes]) else ()
    warnings = {
        "low_contrast": levels.ink - levels.paper < max(LOW_CONTRAST, NOISY * levels.noise),
        "several_objects": several_digits(ink, main),
        "touches_border": _touches_border(digit),
    }
    return Canonical(
        image=to_frame(digit[y : y + height, x : x + width]),
        inverted=ink.inverted,
        box=Box(x, y, width, height).rescaled(ink.sheet.shape, grey.shape),
        flattened=ink.flattened,
        removed=specks + ink.removed,
        warnings=tuple(name for name, applies in warnings.items() if applies),
    )


def _touches_border(digit: Grey) -> bool:
    """Whether firm ink runs into the border, where part of the digit may be cut off."""
    return bool(max(digit[0].max(), digit[-1].max(), digit[:, 0].max(), digit[:, -1].max()) > 127)
