import numpy as np
import pytest
import torch

from app.lenet.inference.calibration import calibrated, energy, unsure_reasons
from app.lenet.network.card import Calibration

CERTAINTY = Calibration(
    temperature=2.0,
    least_confidence=0.9,
    least_energy=3.0,
    chosen_on="a test",
    error_of_sure=0.005,
    share_sure=0.95,
)


def test_the_temperature_divides_the_logits() -> None:
    logits = np.array([[2.0, 0.0, -4.0], [900.0, 0.0, -900.0]])
    tensor = torch.from_numpy(logits)
    assert calibrated(logits, CERTAINTY) == pytest.approx((tensor / 2).softmax(1).numpy(), abs=1e-15)
    assert calibrated(logits, None) == pytest.approx(tensor.softmax(1).numpy(), abs=1e-15)


def test_the_answer_stays_whatever_the_temperature() -> None:
    logits = np.random.default_rng(0).normal(size=(100, 10))
    assert np.array_equal(calibrated(logits, CERTAINTY).argmax(1), logits.argmax(1))


def test_energy_is_the_log_of_the_summed_exponentials() -> None:
    assert energy(np.zeros((1, 10))).item() == pytest.approx(2.302585)
    assert energy(np.array([[10.0, 0.0], [1000.0, 0.0]])).tolist() == pytest.approx([10.0000454, 1000.0])


@pytest.mark.parametrize(
    ("confidence", "energy_of_it", "reasons"),
    [
        (0.95, 4.0, ()),
        (0.9, 3.0, ()),
        (0.89, 4.0, ("low_confidence",)),
        (0.95, 2.9, ("unfamiliar",)),
        (0.2, 0.1, ("low_confidence", "unfamiliar")),
    ],
)
def test_an_answer_must_reach_both_thresholds(confidence: float, energy_of_it: float, reasons: tuple[str, ...]) -> None:
    assert unsure_reasons(confidence, energy_of_it, CERTAINTY) == reasons


def test_without_stored_certainty_nothing_is_doubted() -> None:
    assert unsure_reasons(0.1, -5.0, None) == ()
