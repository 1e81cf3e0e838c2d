"""The answer to a picture of one digit: decoded picture in, digit and all that is to be said of it out."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.lenet.canonical import BLANK
from app.lenet.intake import Picture
from app.lenet.predictor import Prediction, Predictor
from app.lenet.preparation import Prepared, Preprocessing, prepare


@dataclass(frozen=True, slots=True)
class Answer:
    """The picture, what was made of it for the network, and what the network says."""

    picture: Picture
    prepared: Prepared
    prediction: Prediction

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the answer is better not relied upon; none when it is sure."""
        return (*self.prediction.reasons, *(warning for warning in self.prepared.warnings if warning == BLANK))


def answer(predictor: Predictor, pictures: Sequence[Picture], preprocessing: Preprocessing) -> list[Answer]:
    """Return the answer to each picture, in order, from one forward pass."""
    prepared = [prepare(picture, preprocessing) for picture in pictures]
    predictions = predictor.predict([one.seen for one in prepared])
    return [Answer(*parts) for parts in zip(pictures, prepared, predictions, strict=True)]
