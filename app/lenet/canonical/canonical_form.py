"""The canonical form: any picture of one digit as MNIST's makers would have shown it, and what was done to it.

The steps are the two lists below. A new step is a function from `Ink` to `Ink` and a line here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike

from app.lenet.box import Box
from app.lenet.canonical.background import flatten_background
from app.lenet.canonical.binarisation import binarise, stretch_contrast
from app.lenet.canonical.form_cells import find_form_cells, remove_cell_walls
from app.lenet.canonical.frames import remove_frame_sides
from app.lenet.canonical.grain import smooth_grain
from app.lenet.canonical.impulse_noise import remove_impulse_noise
from app.lenet.canonical.ink import Ink, Step, start
from app.lenet.canonical.mnist_frame import DIGIT, FRAME, fit_to_frame, mass_offset
from app.lenet.canonical.page_edges import drop_page_edges
from app.lenet.canonical.polarity import make_ink_light
from app.lenet.canonical.ruled_lines import remove_long_lines, remove_ruled_lines
from app.lenet.canonical.sheet_of_paper import cut_out_paper
from app.lenet.canonical.stripes import unify_stripes
from app.lenet.canonical.stroke_selection import select_strokes
from app.lenet.image_types import GreyImage
from app.lenet.vocabulary import PictureWarning, RemovedKind

WORKING_SIDE = 384
"""Longer side, in pixels, to which larger pictures of one digit are reduced: 19 times a digit of MNIST."""

INK_STEPS: tuple[Step, ...] = (
    remove_impulse_noise,
    unify_stripes,
    cut_out_paper,
    make_ink_light,
    flatten_background,
    binarise,
    smooth_grain,
    find_form_cells,
    remove_frame_sides,
    remove_ruled_lines,
    remove_long_lines,
    remove_cell_walls,
    drop_page_edges,
    stretch_contrast,
)
"""From a picture to its ink; pictures of one digit and of many take the same."""

DIGIT_STEPS: tuple[Step, ...] = (*INK_STEPS, select_strokes, fit_to_frame)
"""From a picture of one digit to the canonical form."""


@dataclass(frozen=True, slots=True)
class CanonicalForm:
    """A digit as MNIST shows it, uint8 [28, 28] with white ink on black, and how it came about.

    `inverted`: the ink was darker than the background. `box`: where the ink is, in pixels of the upright picture; None
    when there is none. `flattened`: an uneven background was subtracted. `removed`: what was taken out.
    """

    image: GreyImage
    inverted: bool
    box: Box | None
    flattened: bool
    removed: tuple[RemovedKind, ...]
    warnings: tuple[PictureWarning, ...]


def canonicalise(grey: MatLike) -> CanonicalForm:
    """Return the canonical form of an upright uint8 picture [height, width] of 1 by 1 pixel or more; never raises."""
    if unchanged := _already_canonical(grey):
        return unchanged
    ink = run(DIGIT_STEPS, start(grey, WORKING_SIDE))
    image = np.asarray(ink.sheet, np.uint8)
    return CanonicalForm(image, ink.inverted, ink.box, ink.flattened, ink.removed, ink.warnings)


def find_ink(grey: MatLike, side: int = WORKING_SIDE) -> Ink:
    """Return all the ink of a uint8 picture [height, width] of any size, at a working size of at most `side` pixels."""
    return run(INK_STEPS, start(grey, side))


def run(steps: Sequence[Step], ink: Ink) -> Ink:
    """Return the ink after all steps, in order."""
    for step in steps:
        ink = step(ink)
    return ink


def _already_canonical(grey: MatLike) -> CanonicalForm | None:
    """Return MNIST's own form, either way round, on a spotless background as it is: it takes microseconds to tell."""
    if grey.shape != (FRAME, FRAME):
        return None
    inverted = bool(grey[0, 0] > 127)
    ink = np.asarray(np.invert(grey) if inverted else grey.copy(), np.uint8)
    x, y, width, height = cv2.boundingRect(ink)
    if max(width, height) != DIGIT or mass_offset(ink) != (0, 0):
        return None
    return CanonicalForm(ink, inverted, Box(x, y, width, height), flattened=False, removed=(), warnings=())
