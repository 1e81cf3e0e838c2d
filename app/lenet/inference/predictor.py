"""An artifact on a device: grey pictures in, probabilities out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.lenet.decoding.decoder import decode
from app.lenet.decoding.image_limits import ImageLimits
from app.lenet.image_types import GreyImage
from app.lenet.inference.calibration import calibrated, energy, unsure_reasons
from app.lenet.inference.input_tensor import to_input
from app.lenet.network.artifact import Artifact
from app.lenet.network.card import Calibration
from app.lenet.network.engines import load_engine
from app.lenet.vocabulary import EngineName, UnsureReason

if TYPE_CHECKING:
    import torch

# Rounding differs by device and batch size, by a few thousandths at most; wrong weights are off by far more.
REFERENCE_TOLERANCE = 0.05

_DECIMALS = 6  # of a probability; the next ones differ by device and batch size


@dataclass(frozen=True, slots=True)
class Prediction:
    """The likeliest digit, its probability, that of every class in the card's order, and reasons to be unsure."""

    digit: int
    confidence: float
    probabilities: tuple[float, ...]
    reasons: tuple[UnsureReason, ...]


class Predictor:
    """Predicts digits with the weights of an artifact; safe to call from several threads."""

    def __init__(
        self,
        artifact: Artifact,
        device: "torch.device | str",
        engine: EngineName = "auto",
        *,
        threads: int | None = None,
    ) -> None:
        """Load the weights onto the device; raises `ArtifactError`, `DeviceError` or `EngineError` when that fails.

        `threads` is how many threads compute one batch; None leaves that to the engine.
        """
        self.card = artifact.card
        self.engine = load_engine(artifact, engine, device, threads)

    def logits(self, batch: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return (N, classes) logits of a (N, 1, size, size) batch."""
        return self.engine.logits(batch)

    def predict(self, greys: Sequence[GreyImage]) -> list[Prediction]:
        """Return a prediction for each grey picture, in order, from one forward pass.

        Raises `FloatingPointError` when the weights give logits that are not finite.
        """
        if not greys:
            return []
        return self.predictions(self.logits(to_input(greys, self.card.input)))

    def predictions(self, logits: NDArray[np.float64], familiar: float = 1.0) -> list[Prediction]:
        """Return a prediction for each row of logits (N, classes); raises `FloatingPointError` if not finite.

        `familiar` is the share of the card's least energy from which an answer is familiar.
        """
        calibration = self.card.calibration
        if calibration and familiar != 1:
            calibration = calibration.model_copy(update={"least_energy": familiar * calibration.least_energy})
        if not np.isfinite(logits).all():
            raise FloatingPointError("the weights give logits that are not finite")
        probabilities = calibrated(logits, calibration)
        rows = zip(
            probabilities.tolist(), probabilities.round(_DECIMALS).tolist(), energy(logits).tolist(), strict=True
        )
        return [_prediction(row, rounded, free_energy, calibration) for row, rounded, free_energy in rows]

    def answers_reference(self) -> bool:
        """Return whether the model answers the card's reference picture as it did when it was exported."""
        reference = self.card.reference
        [logits] = self.logits(to_input([decode(reference.png, ImageLimits()).grey], self.card.input))
        close = np.allclose(logits, reference.logits, rtol=0, atol=REFERENCE_TOLERANCE)
        return bool(close) and int(logits.argmax()) == reference.digit


def _prediction(
    row: list[float], rounded: list[float], free_energy: float, calibration: Calibration | None
) -> Prediction:
    """Return the prediction of the probabilities `row`; the largest rounded one is adjusted so that they sum to 1."""
    confidence = max(row)
    digit = row.index(confidence)
    rounded[digit] = 0.0
    rounded[digit] = round(1 - sum(rounded), _DECIMALS)
    return Prediction(digit, rounded[digit], tuple(rounded), unsure_reasons(confidence, free_energy, calibration))
