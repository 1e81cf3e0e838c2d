"""What a picture of several digits is answered with."""

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

    def rescaled(self, shape: tuple[int, ...], new_shape: tuple[int, ...]) -> "ReadLine":
        """The same after its picture is resized; shapes are [height, width]."""
        digits = tuple(replace(digit, box=digit.box.rescaled(shape, new_shape)) for digit in self.digits)
        return replace(self, digits=digits, box=self.box.rescaled(shape, new_shape))


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

    def rescaled(self, shape: tuple[int, ...], new_shape: tuple[int, ...]) -> "Reading":
        """The same after its picture is resized; shapes are [height, width]."""
        lines = tuple(line.rescaled(shape, new_shape) for line in self.lines)
        return replace(self, lines=lines, rejected=tuple(box.rescaled(shape, new_shape) for box in self.rejected))
