import dataclasses
import math

import numpy as np
import pytest

from app.lenet.inference.predictor import Predictor
from app.lenet.network import artifact
from tests.mnist_sample import MnistSample


def test_probabilities_sum_to_one_and_lead_to_the_answer(notebook: Predictor, sample: MnistSample) -> None:
    for prediction in notebook.predict(list(sample.images)):
        assert math.fsum(prediction.probabilities) == pytest.approx(1, abs=1e-12)
        assert prediction.confidence == max(prediction.probabilities)
        assert prediction.probabilities[prediction.digit] == prediction.confidence


def test_a_batch_answers_as_its_pictures_do_alone(notebook: Predictor, sample: MnistSample) -> None:
    digits = list(sample.images[:50])
    alone = [notebook.predict([digit])[0] for digit in digits]
    for one, other in zip(notebook.predict(digits), alone, strict=True):
        assert one.digit == other.digit
        assert one.probabilities == pytest.approx(other.probabilities, abs=2e-6)


def test_no_pictures_give_no_answers(notebook: Predictor) -> None:
    assert notebook.predict([]) == []


def test_pictures_of_any_size_are_answered(notebook: Predictor) -> None:
    pictures = [np.zeros((1, 1), np.uint8), np.full((300, 40), 255, np.uint8)]
    assert len(notebook.predict(pictures)) == 2


def test_the_reference_is_answered_only_by_the_weights_it_was_stored_with(notebook: Predictor) -> None:
    assert notebook.answers_reference()
    shipped = artifact.load(artifact.SHIPPED / "notebook.safetensors")
    tensors = shipped.tensors | {"fc2.bias": shipped.tensors["fc2.bias"] + np.arange(10, dtype=np.float32) * 0.5}
    assert not Predictor(dataclasses.replace(shipped, tensors=tensors), "cpu", "torch").answers_reference()


def test_logits_that_are_no_numbers_are_no_answer() -> None:
    shipped = artifact.load(artifact.SHIPPED / "notebook.safetensors")
    broken = dataclasses.replace(shipped, tensors=shipped.tensors | {"fc2.bias": np.full(10, np.nan, np.float32)})
    with pytest.raises(FloatingPointError, match="not finite"):
        Predictor(broken, "cpu", "torch").predict([np.zeros((28, 28), np.uint8)])


def test_a_smaller_share_of_the_least_energy_makes_more_answers_familiar(robust: Predictor) -> None:
    calibration = robust.card.calibration
    assert calibration
    logits = np.array([[0.8 * calibration.least_energy] + [-50.0] * 9])
    assert robust.predictions(logits)[0].reasons == ("unfamiliar",)
    assert robust.predictions(logits, 0.75)[0].reasons == ()
