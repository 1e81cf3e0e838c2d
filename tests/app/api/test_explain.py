"""`POST /explain`: the answer of `/predict`, the network's layers and the occlusion."""

import base64
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from numpy.typing import NDArray

from app.main import create_app
from app.settings import Settings
from tests.image_files import encoded

SEVEN = (Path(__file__).parents[3] / "docs" / "examples" / "seven.png").read_bytes()


def explain(client: TestClient, data: bytes, query: str = "") -> Any:
    response = client.post(f"/explain{query}", files={"file": data})
    assert response.status_code == 200
    return response.json()


def numbers(quantised: Any) -> NDArray[np.float64]:
    """What the bytes stand for."""
    steps = np.frombuffer(base64.b64decode(quantised["values"]), np.uint8).reshape(quantised["shape"])
    low, high = quantised["range"]
    return np.asarray(low + steps / 255 * (high - low))


def test_the_answer_is_that_of_predict(robust_client: TestClient) -> None:
    explained = explain(robust_client, SEVEN, "?include=image")
    predicted = robust_client.post("/predict?include=image", files={"file": SEVEN}).json()
    assert predicted["digit"] == 7
    assert {name: explained[name] for name in predicted} == predicted
    assert explained.keys() - predicted.keys() == {"layers", "occlusion"}


@pytest.mark.parametrize("engine", ["onnx", "torch"])
def test_the_layers_end_in_the_answer_under_either_engine(engine: str) -> None:
    app = create_app(Settings.model_validate({"device": "cpu", "engine": engine}))
    with TestClient(app) as client:
        explained = explain(client, SEVEN)
    assert [layer["name"] for layer in explained["layers"]] == [
        "input",
        "conv1",
        "pool1",
        "conv2",
        "pool2",
        "conv3",
        "fc1",
        "fc2",
    ]
    calibration = app.state.operations.service.predictor.card.calibration
    exponentials = np.exp(numbers(explained["layers"][-1]) / calibration.temperature)
    assert exponentials / exponentials.sum() == pytest.approx(explained["probabilities"], abs=0.01)
    assert np.abs(numbers(explained["layers"][1])).max() <= 1  # tanh


def test_the_occlusion_covers_the_picture(robust_client: TestClient) -> None:
    occlusion = explain(robust_client, SEVEN)["occlusion"]
    assert (occlusion["patch"], occlusion["stride"], occlusion["shape"]) == (5, 2, [14, 14])
    change = numbers(occlusion)
    assert change[0, 0] == pytest.approx(0, abs=change.max() / 255)
    assert change.max() > 1


def test_a_blank_picture_and_the_plain_mode_are_explained(robust_client: TestClient) -> None:
    blank = explain(robust_client, encoded(np.full((40, 40), 200, np.uint8)))
    assert blank["unsure"]
    assert not numbers(blank["occlusion"]).any()
    plain = explain(robust_client, SEVEN, "?preprocessing=plain")
    assert plain["occlusion"]["shape"] == [16, 16]


@pytest.mark.parametrize(
    ("data", "query", "status", "code"),
    [
        (b"seven", "", 415, "not_an_image"),
        (b"", "", 422, "empty_file"),
        (SEVEN[:100], "", 422, "damaged_image"),
        (bytes(10_000_001), "", 413, "file_too_large"),
        (SEVEN, "?layers=all", 422, "invalid_parameter"),
    ],
)
def test_the_errors_are_those_of_predict(client: TestClient, data: bytes, query: str, status: int, code: str) -> None:
    for path in ("/explain", "/predict"):
        response = client.post(path + query, files={"file": data})
        assert (response.status_code, response.json()["error"]["code"]) == (status, code)
