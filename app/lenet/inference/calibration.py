"""Calibration and abstention: logits to calibrated probabilities, and the reasons to be unsure of an answer."""

import numpy as np
from numpy.typing import NDArray

from app.lenet.network.card import Calibration
from app.lenet.vocabulary import UnsureReason


def calibrated(logits: NDArray[np.float64], calibration: Calibration | None) -> NDArray[np.float64]:
    """Return probabilities (N, classes) of logits (N, classes); without a calibration, their plain softmax."""
    divided = logits / calibration.temperature if calibration else logits
    exponentials = np.exp(divided - divided.max(axis=1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True))


def energy(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the negative free energy (N,) of logits (N, classes): higher for pictures like the training digits."""
    return np.asarray(np.logaddexp.reduce(logits, axis=1))


def unsure_reasons(confidence: float, energy_of_it: float, calibration: Calibration | None) -> tuple[UnsureReason, ...]:
    """Return the reasons to be unsure of an answer; none where the card stores no calibration."""
    if calibration is None:
        return ()
    low: tuple[UnsureReason, ...] = ("low_confidence",) if confidence < calibration.least_confidence else ()
    return (*low, "unfamiliar") if energy_of_it < calibration.least_energy else low
