"""What a picture of several digits is answered with."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from app.lenet.box import Box
from app.lenet.inference.predictor import Prediction
from app.lenet.vocabulary import ReadingWarning


@dataclass(frozen=True, slots=True)
class Digit:
    """One digit: what the network says of it, and its place in pixels of the picture that was read."""

    prediction: Prediction
    box: Box


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another reading of a line, and its probability."""

    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class ReadLine:
    """The digits of one line, left to right.

    `groups`: numbers that stand apart, each as the range of its digits (first, one after the last). `slope`: rise over
    run, positive downwards. `confidence`: probability of the text; `alternatives` the next likeliest ones.
    """

    digits: tuple[Digit, ...]
    groups: tuple[tuple[int, int], ...]
    box: Box
    slope: float
    confidence: float
    alternatives: tuple[Alternative, ...]

    @property
    def text(self) -> str:
        """The digits in order."""
        return "".join(str(digit.prediction.digit) for digit in self.digits)

    def placed(self, place: Callable[[Box], Box]) -> "ReadLine":
        """The same with every box where `place` puts it."""
        digits = tuple(replace(digit, box=place(digit.box)) for digit in self.digits)
        return replace(self, digits=digits, box=place(self.box))


@dataclass(frozen=True, slots=True)
class Reading:
    """Lines from top to bottom; `rejected` is what was seen and not taken for a digit.

    `confidence`: probability of the whole reading. `unsure`: a digit is unsure, or the confidence is too low.
    `warnings`: "too_much_ink" when not all marks were looked at.
    """

    lines: tuple[ReadLine, ...]
    rejected: tuple[Box, ...]
    confidence: float
    unsure: bool
    warnings: tuple[ReadingWarning, ...]

    def placed(self, place: Callable[[Box], Box]) -> "Reading":
        """The same with every box where `place` puts it."""
        lines = tuple(line.placed(place) for line in self.lines)
        return replace(self, lines=lines, rejected=tuple(place(box) for box in self.rejected))

    def rescaled(self, shape: tuple[int, ...], new_shape: tuple[int, ...]) -> "Reading":
        """The same after its picture is resized; shapes are [height, width]."""
        return self.placed(lambda box: box.rescaled(shape, new_shape))
