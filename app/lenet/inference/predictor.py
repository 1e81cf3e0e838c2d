"""An artifact on a device: grey pictures in, probabilities out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.lenet.decoding.decoder import Limits, read_image
from app.lenet.inference.calibration import Certainty, calibrated, doubts, energy
from app.lenet.inference.input_tensor import Grey, to_input
from app.lenet.network.artifact import Artifact
from app.lenet.network.engines import EngineName, load_engine

if TYPE_CHECKING:
    import torch

# Devices and batch sizes round differently, by some thousandths at most; wrong or damaged weights are off by far more.
REFERENCE_TOLERANCE = 0.05

_DECIMALS = 6  # of a probability; beyond them devices and batch sizes differ


@dataclass(frozen=True, slots=True)
class Prediction:
    """The likeliest digit, its probability, every class's probability in the card's order, and reasons to doubt."""

    digit: int
    confidence: float
    probabilities: tuple[float, ...]
    reasons: tuple[str, ...]


class Predictor:
    """Answers pictures with the weights of `artifact`; safe to call from several threads."""

    def __init__(
        self,
        artifact: Artifact,
        device: "torch.device | str",
        engine: EngineName = "auto",
        *,
        threads: int | None = None,
    ) -> None:
        """Load the weights onto the device; raises `ArtifactError`, `DeviceError` or `EngineError` when it cannot be.

        `threads` is how many may compute one batch; None leaves that to the engine.
        """
        self.card = artifact.card
        self.engine = load_engine(artifact, engine, device, threads)

    def logits(self, batch: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return (N, classes) logits of a (N, 1, size, size) batch."""
        return self.engine.logits(batch)

    def predict(self, greys: Sequence[Grey]) -> list[Prediction]:
        """Return a prediction for each grey picture, in order, from one forward pass.

        Raises `FloatingPointError` when the weights give none.
        """
        if not greys:
            return []
        return self.predictions(self.logits(to_input(greys, self.card.input)))

    def predictions(self, logits: NDArray[np.float64]) -> list[Prediction]:
        """Return what logits (N, classes) say of each picture; raises `FloatingPointError` unless all are finite."""
        certainty = self.card.certainty
        if not np.isfinite(logits).all():
            raise FloatingPointError("the weights give logits that are not finite")
        probabilities = calibrated(logits, certainty)
        rows = zip(
            probabilities.tolist(), probabilities.round(_DECIMALS).tolist(), energy(logits).tolist(), strict=True
        )
        return [_prediction(row, rounded, energy_of_it, certainty) for row, rounded, energy_of_it in rows]

    def answers_reference(self) -> bool:
        """Whether the model, now, answers the card's reference picture as it did when it was exported."""
        reference = self.card.reference
        [logits] = self.logits(to_input([read_image(reference.png, Limits()).grey], self.card.input))
        close = np.allclose(logits, reference.logits, rtol=0, atol=REFERENCE_TOLERANCE)
        return bool(close) and int(logits.argmax()) == reference.digit


def _prediction(row: list[float], rounded: list[float], energy_of_it: float, certainty: Certainty | None) -> Prediction:
    """Return what the probabilities `row` say; of the rounded ones the largest makes the sum 1 again."""
    confidence = max(row)
    digit = row.index(confidence)
    rounded[digit] = 0.0
    rounded[digit] = round(1 - sum(rounded), _DECIMALS)
    return Prediction(digit, rounded[digit], tuple(rounded), doubts(confidence, energy_of_it, certainty))
