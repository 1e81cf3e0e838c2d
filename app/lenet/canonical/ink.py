"""The ink of a picture, as far as the steps of the pipeline have found it: what each step takes and returns."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from app.lenet.box import Box
from app.lenet.canonical.thumbnail import thumbnail
from app.lenet.vocabulary import PictureWarning, RemovedKind

FAINTEST = 6
"""Grey levels between background and ink below which there is nothing: JPEG alone adds as much to empty paper."""


@dataclass(frozen=True, slots=True)
class Levels:
    """Grey levels of light ink on a dark background: the background's median, noise and upper end, and full ink."""

    background: int = 0
    noise: float = 0.0
    floor: float = 0.0
    ink: int = 255

    def at(self, share: float) -> float:
        """Return the grey level at a share of the way from the background's upper end to full ink."""
        return self.floor + share * (self.ink - self.floor)


@dataclass(frozen=True, slots=True)
class Ink:
    """A picture between two steps; fields that no step has set yet keep their defaults.

    `sheet` uint8 [height, width] begins as the picture at working size and ends with the background at 0 and full ink
    at 255; `light` is the light ink before the background was subtracted. `labels` int32 of its shape numbers the
    connected components from 1; `boxes` int32 [components + 1, 4] holds their x, y, width and height, `firm`
    [components + 1] their number of surely inked pixels. `cells` int32 [cells, 4] holds x, y, width and height of the
    boxes of a form or grid, inside their walls, in no order. `shown` is the part of the picture that the sheet shows:
    all of it, or the sheet of paper in it. `box` is in the picture's pixels.
    """

    sheet: MatLike
    shown: Box
    inverted: bool = False
    flattened: bool = False
    removed: tuple[RemovedKind, ...] = ()
    levels: Levels = Levels()
    light: MatLike = field(default_factory=lambda: np.zeros((0, 0), np.uint8))
    labels: MatLike = field(default_factory=lambda: np.zeros((0, 0), np.int32))
    boxes: MatLike = field(default_factory=lambda: np.zeros((1, 4), np.int32))
    firm: NDArray[np.intp] = field(default_factory=lambda: np.zeros(1, np.intp))
    cells: MatLike = field(default_factory=lambda: np.zeros((0, 4), np.int32))
    box: Box | None = None
    warnings: tuple[PictureWarning, ...] = ()

    def removing(self, kind: RemovedKind) -> tuple[RemovedKind, ...]:
        """Return what was removed, with `kind` once."""
        return self.removed if kind in self.removed else (*self.removed, kind)

    def in_picture(self, box: Box) -> Box:
        """Return a box on the sheet in pixels of the picture."""
        return box.rescaled(self.sheet.shape, self.shown.shape).moved(self.shown.x, self.shown.y)

    def on_sheet(self, box: Box) -> Box:
        """Return a box in the picture in pixels of the sheet."""
        return box.moved(-self.shown.x, -self.shown.y).rescaled(self.shown.shape, self.sheet.shape)

    @property
    def blank(self) -> bool:
        """Whether there is no ink at all."""
        return self.levels.ink - self.levels.background < FAINTEST or not self.firm.any()


Step = Callable[[Ink], Ink]


def start(grey: MatLike, side: int) -> Ink:
    """Return the picture [height, width] before the first step, its longer side reduced to at most `side` pixels."""
    height, width = grey.shape
    return Ink(thumbnail(grey, side), Box(0, 0, width, height))
