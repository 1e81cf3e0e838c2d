"""An artifact on a device: grey pictures in, probabilities out."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from app.lenet.artifact import Artifact
from app.lenet.certainty import calibrated, doubts, energy
from app.lenet.intake import Limits, read_image
from app.lenet.preprocessing import Grey, to_input

# Devices and batch sizes round differently, by some thousandths at most; wrong or damaged weights are off by far more.
REFERENCE_TOLERANCE = 0.05


@dataclass(frozen=True, slots=True)
class Prediction:
    """The likeliest digit, its probability, every class's probability in the card's order, and reasons to doubt."""

    digit: int
    confidence: float
    probabilities: tuple[float, ...]
    reasons: tuple[str, ...]


class Predictor:
    """Answers pictures with the weights of `artifact` on `device`; safe to call from several threads."""

    def __init__(self, artifact: Artifact, device: torch.device) -> None:
        """Build the network and move it to the device; raises `ArtifactError` when the tensors do not fit it."""
        self.card = artifact.card
        self.device = device
        self._module = artifact.build().to(device)

    @torch.inference_mode()
    def logits(self, batch: torch.Tensor) -> torch.Tensor:
        """Return (N, classes) float64 logits, on the CPU, of a (N, 1, size, size) float32 batch."""
        logits: torch.Tensor = self._module(batch.to(self.device))
        return logits.cpu().double()

    def predict(self, greys: Sequence[Grey]) -> list[Prediction]:
        """Return a prediction for each grey picture, in order, from one forward pass."""
        if not greys:
            return []
        certainty = self.card.certainty
        logits = self.logits(to_input(greys, self.card.input))
        rows = zip(calibrated(logits, certainty).tolist(), energy(logits).tolist(), strict=True)
        return [_prediction(row, doubts(max(row), energy_of_it, certainty)) for row, energy_of_it in rows]

    def answers_reference(self) -> bool:
        """Whether the model, now, answers the card's reference picture as it did when it was exported."""
        reference = self.card.reference
        [logits] = self.logits(to_input([read_image(reference.png, Limits()).grey], self.card.input))
        expected = torch.tensor(reference.logits, dtype=torch.float64)
        close = torch.allclose(logits, expected, rtol=0, atol=REFERENCE_TOLERANCE)
        return close and int(logits.argmax()) == reference.digit


def _prediction(row: list[float], reasons: tuple[str, ...]) -> Prediction:
    """Round to 6 decimals, beyond which devices and batch sizes differ; the largest makes the sum 1 again."""
    rounded = [round(probability, 6) for probability in row]
    digit = row.index(max(row))
    rounded[digit] = round(1 - sum(rounded[:digit]) - sum(rounded[digit + 1 :]), 6)
    return Prediction(digit, rounded[digit], tuple(rounded), reasons)
