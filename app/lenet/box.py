"""A rectangle in pixels."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle: its left upper pixel (x to the right, y downwards), its width and its height, in pixels."""

    x: int
    y: int
    width: int
    height: int

    @classmethod
    def between(cls, left: int, top: int, right: int, bottom: int) -> "Box":
        """Return the box from a left upper pixel to the column and row after its last."""
        return cls(left, top, right - left, bottom - top)

    @classmethod
    def around(cls, boxes: Sequence["Box"]) -> "Box":
        """Return the smallest box that holds all of one or more."""
        left, top = min(box.x for box in boxes), min(box.y for box in boxes)
        return cls.between(left, top, max(box.x + box.width for box in boxes), max(box.y + box.height for box in boxes))

    @property
    def shape(self) -> tuple[int, int]:
        """Its [height, width]."""
        return self.height, self.width

    def moved(self, x: int, y: int) -> "Box":
        """Return this box so many pixels further to the right and down."""
        return Box(self.x + x, self.y + y, self.width, self.height)

    def rescaled(self, shape: tuple[int, ...], new_shape: tuple[int, ...]) -> "Box":
        """Return the smallest box that holds this one after its picture is resized; shapes are [height, width]."""
        (height, width), (new_height, new_width) = shape, new_shape
        left, right = self.x * new_width // width, -(-(self.x + self.width) * new_width // width)
        top, bottom = self.y * new_height // height, -(-(self.y + self.height) * new_height // height)
        return Box.between(left, top, right, bottom)
