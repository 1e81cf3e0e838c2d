"""When not to answer: logits to calibrated probabilities, and the reasons to doubt them."""

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

LOW_CONFIDENCE = "low_confidence"
UNFAMILIAR = "unfamiliar"


class Certainty(BaseModel):
    """What a card stores about certainty; all of it was chosen on the pictures that `chosen_on` names.

    `temperature` divides the logits (Guo et al., "On Calibration of Modern Neural Networks", 2017). An answer is sure
    when its probability reaches `least_confidence` and its negative free energy, the log of the summed exponentials of
    the undivided logits, reaches `least_energy` (Liu et al., "Energy-based Out-of-distribution Detection", 2020).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    temperature: float = Field(gt=0)
    least_confidence: float = Field(ge=0, le=1)
    least_energy: float
    chosen_on: str
    error_of_sure: float = Field(ge=0, le=1)
    share_sure: float = Field(ge=0, le=1)


def calibrated(logits: NDArray[np.float64], certainty: Certainty | None) -> NDArray[np.float64]:
    """Return probabilities (N, classes) of logits (N, classes); without stored certainty, as the network has them."""
    divided = logits / certainty.temperature if certainty else logits
    exponentials = np.exp(divided - divided.max(axis=1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True))


def energy(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the negative free energy of logits (N, classes), (N,): higher for pictures like those fitted on."""
    return np.asarray(np.logaddexp.reduce(logits, axis=1))


def doubts(confidence: float, energy_of_it: float, certainty: Certainty | None) -> tuple[str, ...]:
    """Return the reasons to doubt an answer; none where the card stores no certainty."""
    if certainty is None:
        return ()
    low = (LOW_CONFIDENCE,) if confidence < certainty.least_confidence else ()
    return (*low, UNFAMILIAR) if energy_of_it < certainty.least_energy else low
