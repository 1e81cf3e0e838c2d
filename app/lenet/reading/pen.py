"""The pen that drew a piece of ink: how wide and how dark its strokes are."""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike

INKED = 127
"""Level above which a pixel of a sheet is surely ink."""


@dataclass(frozen=True, slots=True)
class Pen:
    """Sums over pieces of ink: inked pixels, those of them at an edge, and the levels of the inked ones."""

    area: int = 0
    edge: int = 0
    levels: float = 0.0

    @property
    def width(self) -> float:
        """The strokes' mean width in pixels; 0 without ink."""
        return 2 * self.area / self.edge if self.edge else 0.0

    @property
    def darkness(self) -> float:
        """The mean level of the inked pixels, 255 for full ink."""
        return self.levels / self.area if self.area else 0.0

    @classmethod
    def of(cls, picture: MatLike) -> "Pen":
        """Return the pen of a piece of ink, uint8 [height, width], 255 on 0."""
        mask = cv2.threshold(picture, INKED, 1, cv2.THRESH_BINARY)[1]
        area = cv2.countNonZero(mask)
        inner = cv2.erode(mask, _CROSS, borderType=cv2.BORDER_CONSTANT, borderValue=0)
        levels = cv2.mean(picture, mask)[0] * area
        return cls(area, area - cv2.countNonZero(inner), levels)

    @classmethod
    def of_all(cls, pens: Iterable["Pen"]) -> "Pen":
        """Return the pen of several pieces together."""
        area, edge, levels = 0, 0, 0.0
        for pen in pens:
            area, edge, levels = area + pen.area, edge + pen.edge, levels + pen.levels
        return cls(area, edge, levels)


_CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)
