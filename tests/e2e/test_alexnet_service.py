"""The service with another network than LeNet-5: nothing but the card says which one it is."""

import base64
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from fastapi.testclient import TestClient
from PIL import Image

from app.lenet.inference.predictor import Predictor
from app.lenet.network import artifact
from app.main import create_app
from app.settings import Settings
from tests.image_files import encoded
from training.data.mnist import Mnist


@pytest.fixture(scope="module")
def alexnet(alexnet_weights: Path) -> Predictor:
    return Predictor(artifact.load(alexnet_weights), torch.device("cpu"))


@pytest.fixture(scope="module")
def client(alexnet_weights: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(model=str(alexnet_weights), device="cpu"))) as client:
        yield client


def test_the_card_names_the_network_and_its_input(alexnet: Predictor) -> None:
    card = alexnet.card
    assert (card.architecture, card.parameters, card.input.size) == ("alexnet", 57_029_322, 63)
    assert alexnet.answers_reference()


def test_is_healthy_and_tells_its_scores(client: TestClient, alexnet: Predictor) -> None:
    model = {"name": "alexnet", "hash": alexnet.card.short_hash}
    assert client.get("/health").json()["model"] == model
    metrics = client.get("/metrics").json()
    assert (metrics["model"], metrics["accuracy"]) == (model, alexnet.card.scores.accuracy)


@pytest.mark.parametrize(("mode", "side"), [("auto", 28), ("plain", 63)])
def test_answers_with_its_own_weights_at_its_own_size(
    client: TestClient, alexnet: Predictor, mnist: Mnist, mode: str, side: int
) -> None:
    digit = mnist.test.images[0]
    files = {"file": encoded(digit)}
    found = client.post(f"/predict?preprocessing={mode}&include=image", files=files).json()
    [expected] = alexnet.predict([digit])
    assert found["probabilities"] == pytest.approx(expected.probabilities, abs=2e-6)
    with Image.open(io.BytesIO(base64.b64decode(found["image"].split(",")[1]))) as seen:
        assert np.asarray(seen).shape == (side, side)


def test_batches_and_pages_are_answered_too(client: TestClient, mnist: Mnist) -> None:
    files = [("file", encoded(digit)) for digit in mnist.test.images[:3]]
    assert [len(found["probabilities"]) for found in client.post("/predict/batch", files=files).json()["results"]] == [
        10,
        10,
        10,
    ]
    page = encoded(np.pad(np.hstack(list(mnist.test.images[:3])), 20))
    reading = client.post("/read", files={"file": page}).json()
    assert reading["digits"]
    assert reading["unsure"]  # the shipped reader was fitted for another network


def test_its_layers_are_not_shown(client: TestClient, mnist: Mnist) -> None:
    response = client.post("/explain", files={"file": encoded(mnist.test.images[0])})
    assert (response.status_code, response.json()["error"]["code"]) == (422, "not_explainable")
