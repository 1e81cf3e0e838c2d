"""All 10,000 of MNIST's test digits through the service and through single steps of it."""

import numpy as np
import pytest
from fastapi.testclient import TestClient

from app.lenet.canonical.canonical_form import canonicalise
from app.lenet.decoding.fast_png import plain_png_pixels, plain_png_size
from app.lenet.inference.calibration import calibrated
from app.lenet.inference.input_tensor import resize, resize_squares
from app.lenet.inference.predictor import Predictor
from app.lenet.network import artifact
from tests.image_files import encoded
from training.data.mnist import Mnist


def test_posted_as_png_9856_are_right(client: TestClient, mnist: Mnist) -> None:
    right = 0
    for at in range(0, 10_000, 50):
        files = [("file", (str(index), encoded(mnist.test.images[index]))) for index in range(at, at + 50)]
        results = client.post("/predict/batch?preprocessing=plain", files=files).json()["results"]
        labels = mnist.test.labels[at : at + 50].tolist()
        right += sum(result["digit"] == label for result, label in zip(results, labels, strict=True))
    assert right == 9_856


def test_predicted_in_one_batch_9856_are_right(notebook: Predictor, mnist: Mnist) -> None:
    predictions = notebook.predict(list(mnist.test.images))
    assert sum(p.digit == label for p, label in zip(predictions, mnist.test.labels.tolist(), strict=True)) == 9_856


@pytest.mark.parametrize("name", ["notebook", "robust"])
def test_both_engines_answer_alike(mnist: Mnist, name: str) -> None:
    found = artifact.load(artifact.SHIPPED / f"{name}.safetensors")
    digits = list(mnist.test.images)
    by_onnx, by_torch = Predictor(found, "cpu", "onnx"), Predictor(found, "cpu", "torch")
    said, said_by_torch = by_onnx.predict(digits), by_torch.predict(digits)
    assert [one.digit for one in said] == [one.digit for one in said_by_torch]
    assert [one.reasons for one in said] == [one.reasons for one in said_by_torch]
    inputs = mnist.test.inputs(found.card.input).numpy()
    probabilities = [calibrated(one.logits(inputs), found.card.calibration) for one in (by_onnx, by_torch)]
    assert np.abs(probabilities[0] - probabilities[1]).max() < 2e-6  # batch sizes make as much of a difference


def test_9997_have_the_canonical_form_already(mnist: Mnist) -> None:
    assert sum(np.array_equal(canonicalise(digit).image, digit) for digit in mnist.test.images) == 9_997


def test_the_fast_png_decoder_gives_pillows_pixels(mnist: Mnist) -> None:
    for digit in mnist.test.images:
        data = encoded(digit)
        assert plain_png_size(data) == (28, 28)
        pixels = plain_png_pixels(data, 28, 28)
        assert pixels is not None
        assert np.array_equal(pixels, digit)


def test_resizing_squares_gives_pillows_bits(mnist: Mnist) -> None:
    digits = mnist.test.images
    assert np.array_equal(resize_squares(digits, 32), np.stack([resize(digit, 32) for digit in digits]))
