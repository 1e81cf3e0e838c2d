"""The answer to a picture of one digit: what was made of it for the network, what the network says, and doubts."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.lenet.canonical.pipeline import BLANK
from app.lenet.inference.predictor import Prediction, Predictor
from app.lenet.inference.preprocessing import Prepared


@dataclass(frozen=True, slots=True)
class Answer:
    """A prepared picture and the prediction for it."""

    prepared: Prepared
    prediction: Prediction

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the answer is better not relied upon; none when it is sure."""
        return (*self.prediction.reasons, *(warning for warning in self.prepared.warnings if warning == BLANK))


def answer(predictor: Predictor, prepared: Sequence[Prepared]) -> list[Answer]:
    """Return the answer to each prepared picture, in order, from one forward pass."""
    predictions = predictor.predict([one.seen for one in prepared])
    return [Answer(*pair) for pair in zip(prepared, predictions, strict=True)]
