"""What a picture of several digits is answered with."""

from dataclasses import dataclass

from app.lenet.box import Box
from app.lenet.inference.predictor import Prediction


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
    warnings: tuple[str, ...]
