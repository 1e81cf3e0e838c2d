import pytest
import torch

from app.lenet.network.input_spec import NOTEBOOK_INPUT
from app.lenet.network.lenet5 import LeNet5
from training.data.mnist import Digits, Mnist
from training.fitting.fit_calibration import distorted_logits, fit_calibration, fit_temperature
from training.synthesis.augmentation import Distortion


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_temperature_of_scaled_logits_is_found(temperature: float) -> None:
    generator = torch.Generator().manual_seed(0)
    true_logits = torch.randn(20_000, 10, generator=generator).double() * 2
    labels = torch.multinomial(true_logits.softmax(1), 1, generator=generator).squeeze(1)
    assert fit_temperature(true_logits * temperature, labels) == pytest.approx(temperature, rel=0.05)


def test_the_thresholds_give_the_stored_error_and_share(notebook_module: LeNet5, mnist: Mnist) -> None:
    held = Digits(mnist.test.images[:2000], mnist.test.labels[:2000])
    mild = Distortion().halved()
    calibration = fit_calibration(notebook_module, held, NOTEBOOK_INPUT, mild)
    logits, labels = distorted_logits(notebook_module, held, NOTEBOOK_INPUT, mild), held.labels.repeat(3)
    confidence, answers = (logits / calibration.temperature).softmax(1).max(1)
    sure = (confidence >= calibration.least_confidence) & (logits.logsumexp(1) >= calibration.least_energy)
    assert (answers[sure] != labels[sure]).double().mean().item() == pytest.approx(calibration.error_of_sure, abs=1e-9)
    assert calibration.error_of_sure <= 0.005
    assert sure.double().mean().item() == pytest.approx(calibration.share_sure, abs=1e-9)
    assert calibration.share_sure > 0.5


def test_the_distortions_are_always_the_same(notebook_module: LeNet5, mnist: Mnist) -> None:
    held = Digits(mnist.test.images[:50], mnist.test.labels[:50])
    one, other = (distorted_logits(notebook_module, held, NOTEBOOK_INPUT, Distortion()) for _ in range(2))
    assert torch.equal(one, other)
    assert one.shape == (150, 10)


@pytest.fixture(scope="module")
def notebook_module() -> LeNet5:
    from app.lenet.network import artifact

    module = artifact.load(artifact.SHIPPED / "notebook.safetensors").build()
    assert isinstance(module, LeNet5)
    return module
