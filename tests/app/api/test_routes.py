import base64
import io
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image, ImageDraw

from app.lenet.network import artifact
from app.main import create_app
from app.settings import Settings
from tests.image_files import encoded
from tests.mnist_sample import MnistSample

SEVEN = Path(__file__).parents[3] / "docs" / "examples" / "seven.png"


def upload(client: TestClient, data: bytes, path: str = "/predict") -> Any:
    return client.post(path, files={"file": ("picture", data)})


def test_a_picture_is_answered(client: TestClient) -> None:
    response = upload(client, SEVEN.read_bytes())
    assert response.status_code == 200
    answer = response.json()
    assert answer["digit"] == 7
    assert answer["confidence"] == answer["probabilities"][7] > 0.99
    assert math.fsum(answer["probabilities"]) == pytest.approx(1, abs=1e-12)
    card = artifact.load_card(artifact.SHIPPED / "notebook.safetensors")
    assert answer["model"] == {"name": "notebook", "hash": card.weights_sha256[:12]}
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"])
def test_every_accepted_format_is_answered(client: TestClient, kind: str) -> None:
    seven = Image.open(SEVEN).convert("RGB")
    assert upload(client, encoded(seven, kind)).json()["digit"] == 7


def test_the_whole_body_may_be_the_picture(client: TestClient) -> None:
    response = client.post("/predict", content=SEVEN.read_bytes(), headers={"content-type": "image/png"})
    assert response.json() == upload(client, SEVEN.read_bytes()).json()


def test_one_by_one_the_answers_are_the_batchs(client: TestClient, sample: MnistSample) -> None:
    pictures = [encoded(digit) for digit in sample.images[:20]]
    batch = client.post("/predict/batch", files=[("file", ("p", picture)) for picture in pictures]).json()["results"]
    for picture, together in zip(pictures, batch, strict=True):
        alone = upload(client, picture).json()
        assert alone["digit"] == together["digit"]
        assert alone["probabilities"] == pytest.approx(together["probabilities"], abs=2e-6)


def test_the_report_says_what_was_done(client: TestClient) -> None:
    seven = np.asarray(Image.open(SEVEN))
    page = np.full((120, 100), 255, np.uint8)
    page[40:96, 30:86] = 255 - np.kron(seven, np.ones((2, 2), np.uint8))
    answer = upload(client, encoded(page)).json()
    assert answer["digit"] == 7
    assert answer["warnings"] == []
    report = answer["preprocessing"]
    assert (report["mode"], report["inverted"], report["flattened"], report["removed"]) == ("auto", True, False, [])
    assert report["source"] == {"format": "PNG", "width": 100, "height": 120, "frames": 1}
    rows, columns = np.nonzero(page < 255)
    box = report["box"]
    assert abs(box["x"] - columns.min()) <= 2
    assert abs(box["y"] - rows.min()) <= 2
    assert abs(box["x"] + box["width"] - 1 - columns.max()) <= 2
    assert abs(box["y"] + box["height"] - 1 - rows.max()) <= 2


def test_boxes_are_in_the_pixels_of_the_picture_as_it_was_sent(client: TestClient) -> None:
    large = Image.new("L", (4000, 3000), 255)
    large.paste(0, (1000, 600, 1400, 2600))
    box = upload(client, encoded(large, "JPEG")).json()["preprocessing"]["box"]
    assert [box[side] for side in ("x", "y", "width", "height")] == pytest.approx([1000, 600, 400, 2000], abs=24)


def test_plain_leaves_the_picture_as_it_is(client: TestClient) -> None:
    negative = encoded(255 - np.asarray(Image.open(SEVEN)))
    plain = client.post("/predict?preprocessing=plain", files={"file": negative}).json()
    auto = client.post("/predict?preprocessing=auto", files={"file": negative}).json()
    assert auto["digit"] == 7
    assert plain["probabilities"] != auto["probabilities"]
    assert plain["preprocessing"] | {"source": None} == {
        "mode": "plain",
        "inverted": False,
        "box": None,
        "flattened": False,
        "removed": [],
        "source": None,
    }


@pytest.mark.parametrize(("mode", "side"), [("auto", 28), ("plain", 32)])
def test_what_the_network_saw_can_be_asked_for(client: TestClient, mode: str, side: int) -> None:
    path = f"/predict?include=image&preprocessing={mode}"
    url = client.post(path, files={"file": SEVEN.read_bytes()}).json()["image"]
    image = Image.open(io.BytesIO(base64.b64decode(url.removeprefix("data:image/png;base64,"))))
    assert (image.size, image.mode) == ((side, side), "L")
    assert "image" not in upload(client, SEVEN.read_bytes()).json()


def test_the_default_weights_are_sure_of_a_digit_and_unsure_of_a_letter(robust_client: TestClient) -> None:
    seven = upload(robust_client, SEVEN.read_bytes()).json()
    assert (seven["digit"], seven["unsure"], seven["reasons"], seven["model"]["name"]) == (7, False, [], "robust")
    page = Image.new("L", (100, 100), 255)
    ImageDraw.Draw(page).text((30, 10), "W", 0, font_size=60)
    letter = upload(robust_client, encoded(page)).json()
    assert letter["unsure"]
    assert set(letter["reasons"]) <= {"low_confidence", "unfamiliar"}
    assert robust_client.get("/metrics").json()["others"][0]["model"]["name"] == "notebook"


def test_a_picture_of_nothing_is_answered_with_a_warning(client: TestClient) -> None:
    response = upload(client, encoded(np.full((50, 50), 200, np.uint8)))
    assert response.status_code == 200
    assert response.json()["warnings"] == response.json()["reasons"] == ["blank"]
    assert response.json()["unsure"]
    assert response.json()["preprocessing"]["box"] is None


@pytest.mark.parametrize("query", ["preprocessing=magic", "include=everything", "preproccessing=plain", "a=b"])
@pytest.mark.parametrize("path", ["/predict", "/predict/batch", "/read"])
def test_other_parameters_are_refused(client: TestClient, path: str, query: str) -> None:
    response = client.post(f"{path}?{query}", files={"file": SEVEN.read_bytes()})
    assert (response.status_code, response.json()["error"]["code"]) == (422, "invalid_parameter")
    assert query.split("=", maxsplit=1)[0] in response.json()["error"]["message"]


def test_a_number_is_read_from_left_to_right_and_line_by_line(client: TestClient, sample: MnistSample) -> None:
    labels = sample.labels
    first = {digit: sample.images[labels.index(digit)] for digit in range(10)}
    page = np.full((160, 200), 255, np.uint8)
    for row, number in enumerate(("2026", "731")):
        for column, digit in enumerate(number):
            page[20 + 60 * row :, 20 + 40 * column :][:28, :28] = 255 - first[int(digit)]
    reading = client.post("/read", files={"file": encoded(page)}).json()
    assert reading["text"] == "2026\n731"
    assert [digit["line"] for digit in reading["digits"]] == [0, 0, 0, 0, 1, 1, 1]
    for column, digit in enumerate(reading["digits"][:4]):
        assert 20 + 40 * column <= digit["box"]["x"] < 48 + 40 * column
        assert math.fsum(digit["probabilities"]) == pytest.approx(1, abs=1e-12)
    assert [line["text"] for line in reading["lines"]] == ["2026", "731"]
    assert [line["groups"] for line in reading["lines"]] == [["2026"], ["731"]]
    assert all(0 < line["confidence"] <= 1 for line in reading["lines"])
    assert reading["warnings"] == []
    only = client.post("/read?length=3", files={"file": encoded(page)}).json()
    assert all(len(line["text"]) == 3 for line in only["lines"])
    assert only["lines"][-1]["text"] == "731"
    plain = client.post("/read?preprocessing=plain", files={"file": encoded(page)}).json()
    assert [digit["box"] for digit in plain["digits"]] == [digit["box"] for digit in reading["digits"]]


def test_the_ink_of_a_page_can_be_asked_for_with_its_boxes(robust_client: TestClient) -> None:
    page = Image.new("L", (300, 120), 255)
    ImageDraw.Draw(page).text((30, 10), "1 7", 0, font_size=80)
    data = encoded(page)
    reading = robust_client.post("/read?include=image", files={"file": data}).json()
    with Image.open(io.BytesIO(base64.b64decode(reading["image"].removeprefix("data:image/png;base64,")))) as image:
        pixels = np.asarray(image)
    assert pixels.shape == (120, 300, 3)
    assert reading["text"] == "17"
    coloured = (pixels.max(axis=2) != pixels.min(axis=2)).any(axis=0)
    for digit in reading["digits"]:
        assert coloured[digit["box"]["x"] - 1]
        assert coloured[digit["box"]["x"] + digit["box"]["width"]]
    assert "image" not in robust_client.post("/read", files={"file": data}).json()


def test_nothing_to_read_is_an_empty_text(client: TestClient) -> None:
    reading = client.post("/read", files={"file": encoded(np.full((40, 40), 9, np.uint8))}).json()
    assert (reading["text"], reading["digits"]) == ("", [])


def test_a_bad_picture_in_a_batch_spoils_no_other(client: TestClient) -> None:
    seven = SEVEN.read_bytes()
    files = [("file", ("p", data)) for data in (seven, b"", b"seven", seven[:60], bytes(10_000_001), seven)]
    response = client.post("/predict/batch", files=files)
    assert response.status_code == 200
    first, empty, text, cut, large, last = response.json()["results"]
    assert first["digit"] == last["digit"] == 7
    assert [bad["error"]["code"] for bad in (empty, text, cut, large)] == [
        "empty_file",
        "not_an_image",
        "damaged_image",
        "file_too_large",
    ]


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 422, "empty_file"),
        (b"seven", 415, "not_an_image"),
        (b"%PDF-1.7", 415, "format_not_accepted"),
        (SEVEN.read_bytes()[:100], 422, "damaged_image"),
        (bytes(10_000_001), 413, "file_too_large"),
        (encoded(np.zeros((10_000, 5_001), np.uint8)), 413, "too_many_pixels"),
        (encoded(np.zeros((4, 204), np.uint8)), 422, "extreme_aspect"),
    ],
)
def test_bad_pictures_are_refused_with_a_stable_code(client: TestClient, data: bytes, status: int, code: str) -> None:
    response = upload(client, data)
    assert response.status_code == status
    assert response.json()["error"]["code"] == code
    assert response.json()["error"]["message"]
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/predict", 405, "method_not_allowed"),
        ("POST", "/predict/", 404, "not_found"),
        ("DELETE", "/health", 405, "method_not_allowed"),
        ("POST", "/predict", 422, "missing_file"),
        ("GET", "/static-offline-docs/nothing.js", 404, "not_found"),
    ],
)
def test_the_frameworks_own_errors_use_the_envelope(
    client: TestClient, method: str, path: str, status: int, code: str
) -> None:
    response = client.request(method, path)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


def test_two_files_are_one_too_many(client: TestClient) -> None:
    files = [("file", ("p", SEVEN.read_bytes()))] * 2
    response = client.post("/predict", files=files)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "several_files")


def test_65_files_are_one_too_many_for_a_batch(client: TestClient) -> None:
    response = client.post("/predict/batch", files=[("file", ("p", SEVEN.read_bytes()))] * 65)
    assert (response.status_code, response.json()["error"]["code"]) == (413, "too_many_files")


def test_metrics_are_the_cards(client: TestClient) -> None:
    metrics = client.get("/metrics").json()
    card = artifact.load_card(artifact.SHIPPED / "notebook.safetensors")
    assert metrics["accuracy"] == card.scores.accuracy == 0.9856
    assert metrics["macro_f1"] == card.scores.macro_f1 == pytest.approx(0.9855717420578003, abs=1e-6)
    assert (metrics["evaluated_on"], metrics["selected_on"]) == ("MNIST test, 10,000 digits", "test")
    assert metrics["weights_sha256"] == card.weights_sha256
    assert [scores["name"] for scores in metrics["per_class"]] == list("0123456789")
    assert sum(scores["support"] for scores in metrics["per_class"]) == 10_000


def test_the_other_shipped_artifacts_are_in_the_metrics(client: TestClient) -> None:
    shipped = {path.stem for path in artifact.SHIPPED.glob("*.safetensors")}
    others = client.get("/metrics").json()["others"]
    assert {other["model"]["name"] for other in others} == shipped - {"notebook"}
    robust = next(other for other in others if other["model"]["name"] == "robust")
    scores = json.loads((artifact.SHIPPED / "robust.json").read_bytes())["scores"]
    assert {name: robust[name] for name in ("accuracy", "per_class", "reliability")}.items() <= scores.items()


@pytest.mark.parametrize("name", ["notebook", "robust"])
def test_the_bins_of_a_shipped_card_make_its_calibration_error(name: str) -> None:
    scores = artifact.load_card(artifact.SHIPPED / f"{name}.safetensors").scores
    gaps = sum(one.count * abs(one.confidence - one.accuracy) for one in scores.reliability)
    assert gaps / 10_000 == pytest.approx(scores.ece, abs=1e-12)
    assert sum(one.count for one in scores.reliability) == 10_000
    assert sum(one.count * one.accuracy for one in scores.reliability) == pytest.approx(10_000 * scores.accuracy)


@pytest.mark.parametrize("name", ["notebook", "robust"])
def test_the_whole_card_can_be_asked_for(client: TestClient, robust_client: TestClient, name: str) -> None:
    response = {"notebook": client, "robust": robust_client}[name].get("/model")
    assert response.status_code == 200
    assert response.json() == json.loads((artifact.SHIPPED / f"{name}.json").read_bytes())


def test_health_is_of_the_model_now(client: TestClient) -> None:
    health = client.get("/health").json()
    assert (health["status"], health["device"], health["model"]["name"]) == ("ok", "cpu", "notebook")
    assert health["uptime_seconds"] > 0
    assert client.get("/health/live").json() == client.get("/health/ready").json() == {"status": "ok"}


def test_a_model_that_answers_wrongly_is_not_ready() -> None:
    app = create_app(Settings(model="notebook", device="cpu", engine="torch"))
    app.state.operations.service.predictor.engine._module.fc2.bias.data.add_(1.0)  # as a fault in memory would
    with TestClient(app) as client:
        for path in ("/health", "/health/ready"):
            response = client.get(path)
            assert (response.status_code, response.json()["error"]["code"]) == (503, "not_ready")
            assert response.headers["retry-after"] == "1"
        assert client.get("/health/live").status_code == 200


def test_a_full_line_answers_503_and_when_to_come_again() -> None:
    app = create_app(Settings(model="notebook", device="cpu", max_waiting=0))
    pool = app.state.operations.service._pool
    pool._under_way = pool._most  # every thread is taken
    with TestClient(app) as client:
        response = upload(client, encoded(np.zeros((300, 300), np.uint8)))
    assert (response.status_code, response.json()["error"]["code"]) == (503, "overloaded")
    assert response.headers["retry-after"] == "1"


def test_too_many_bytes_under_way_answer_503() -> None:
    app = create_app(Settings(model="notebook", device="cpu", max_held_bytes=200))
    with TestClient(app) as client:
        response = upload(client, SEVEN.read_bytes())
    assert (response.status_code, response.json()["error"]["code"]) == (503, "overloaded")


def test_a_defect_is_told_in_the_envelope_and_tells_nothing_else() -> None:
    app = create_app(Settings(model="notebook", device="cpu"))
    app.state.operations.service.predictor = None
    with TestClient(app, raise_server_exceptions=False) as client:
        response = upload(client, SEVEN.read_bytes())
    assert (response.status_code, response.json()["error"]["code"]) == (500, "internal_error")
    assert response.headers["cache-control"] == "no-store"
    assert "NoneType" not in response.text


@pytest.mark.parametrize("path", ["/nowhere", "/static/1/nowhere.js", "/static-offline-docs/nowhere.js"])
@pytest.mark.parametrize("root_path", ["", "/digits"])
def test_what_is_not_there_is_named_as_it_was_asked_for(client: TestClient, path: str, root_path: str) -> None:
    response = TestClient(client.app, root_path=root_path).get(root_path + path)
    assert (response.status_code, response.json()["error"]["message"]) == (404, f"there is nothing at {path}")


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/openapi.json", "/metrics", "/model", "/health", "/health/live", "/health/ready"]
)
def test_head_is_get_without_a_body(client: TestClient, path: str) -> None:
    get, head = client.get(path, follow_redirects=False), client.head(path, follow_redirects=False)
    assert head.status_code == get.status_code < 400
    assert head.content == b""
    for name in ("content-type", "cache-control"):
        assert head.headers.get(name) == get.headers.get(name)
