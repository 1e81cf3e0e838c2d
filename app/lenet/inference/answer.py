"""The answer to a picture of one digit: how it was preprocessed, the prediction, and the reasons to be unsure."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.lenet.inference.predictor import Prediction, Predictor
from app.lenet.inference.preprocessing import PreprocessedDigit
from app.lenet.vocabulary import UnsureReason


@dataclass(frozen=True, slots=True)
class Answer:
    """A preprocessed picture and the prediction for it."""

    preprocessed: PreprocessedDigit
    prediction: Prediction

    @property
    def reasons(self) -> tuple[UnsureReason, ...]:
        """The reasons to be unsure; none when the answer is sure."""
        reasons = self.prediction.reasons
        return (*reasons, "blank") if "blank" in self.preprocessed.warnings else reasons


def answer(predictor: Predictor, digits: Sequence[PreprocessedDigit]) -> list[Answer]:
    """Return the answer to each preprocessed picture, in order, from one forward pass."""
    predictions = predictor.predict([digit.image for digit in digits])
    return [Answer(*pair) for pair in zip(digits, predictions, strict=True)]
