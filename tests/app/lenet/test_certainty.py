import pytest
import torch

from app.lenet.certainty import Certainty, calibrated, doubts, energy

CERTAINTY = Certainty(
    temperature=2.0,
    least_confidence=0.9,
    least_energy=3.0,
    chosen_on="a test",
    error_of_sure=0.005,
    share_sure=0.95,
)


def test_the_temperature_divides_the_logits() -> None:
    logits = torch.tensor([[2.0, 0.0, -4.0]], dtype=torch.float64)
    assert torch.allclose(calibrated(logits, CERTAINTY), torch.tensor([[1.0, 0.0, -2.0]]).double().softmax(1))
    assert torch.allclose(calibrated(logits, None), logits.softmax(1))


def test_the_answer_stays_whatever_the_temperature() -> None:
    logits = torch.randn(100, 10, generator=torch.Generator().manual_seed(0))
    assert torch.equal(calibrated(logits, CERTAINTY).argmax(1), logits.argmax(1))


def test_energy_is_the_log_of_the_summed_exponentials() -> None:
    assert energy(torch.zeros(1, 10)).item() == pytest.approx(2.302585)
    assert energy(torch.tensor([[10.0, 0.0]])).item() == pytest.approx(10.0000454)


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
    assert doubts(confidence, energy_of_it, CERTAINTY) == reasons


def test_without_stored_certainty_nothing_is_doubted() -> None:
    assert doubts(0.1, -5.0, None) == ()
