"""Every answer carries the request's id, and every request is counted once, by its route."""

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests.image_files import encoded, gradient

PICTURE = encoded(gradient())
ANY_REQUEST = [
    ("POST", "/predict", 200),
    ("POST", "/predict?preprocessing=plain", 200),
    ("POST", "/predict?mode=plain", 422),
    ("POST", "/predict/batch", 200),
    ("POST", "/read", 200),
    ("GET", "/metrics", 200),
    ("HEAD", "/metrics", 200),
    ("GET", "/health/live", 200),
    ("GET", "/docs", 200),
    ("GET", "/predict", 405),
    ("GET", "/nowhere", 404),
    ("POST", "/predict/", 404),
]


@pytest.fixture
def client() -> Iterator[TestClient]:
    app = create_app(Settings(model="notebook", device="cpu"))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def send(client: TestClient, method: str, path: str, request_id: str = "") -> tuple[int, str, str]:
    """Send a request; return the status, and the id in the header and, of an error, in the envelope."""
    files = {"file": PICTURE} if method == "POST" else None
    response = client.request(method, path, files=files, headers={"X-Request-ID": request_id} if request_id else None)
    in_body = response.json()["error"]["request_id"] if response.is_error else response.headers["x-request-id"]
    return response.status_code, response.headers["x-request-id"], in_body


def counts(client: TestClient, metric: str) -> dict[str, float]:
    """The samples of a metric that are not 0, by their labels as written."""
    text = client.get("/metrics", headers={"Accept": "text/plain"}).text
    samples = re.findall(rf"^{metric}(?:{{(.*)}})? ([\d.e+-]+)$", text, re.M)
    return {labels: float(value) for labels, value in samples if float(value)}


@pytest.mark.parametrize(("method", "path", "status"), ANY_REQUEST)
def test_the_id_is_on_every_answer_and_in_every_error(client: TestClient, method: str, path: str, status: int) -> None:
    assert send(client, method, path, "order-17") == (status, "order-17", "order-17")
    _, made, in_body = send(client, method, path)
    assert re.fullmatch("[0-9a-f]{32}", made)
    assert in_body == made


def test_a_defect_has_an_id_too(client: TestClient) -> None:
    assert isinstance(client.app, FastAPI)
    client.app.state.operations.service.predictor = None
    assert send(client, "POST", "/predict", "order-17") == (500, "order-17", "order-17")
    assert counts(client, "lenet_http_requests_total") == {'code="internal_error",route="/predict",status="500"': 1}


def test_routes_are_counted_by_their_templates_and_unknown_paths_together(client: TestClient) -> None:
    for method, path, _ in ANY_REQUEST:
        send(client, method, path)
    for number in range(20):
        client.get(f"/nowhere/{number}")
    assert counts(client, "lenet_http_requests_total") == {
        'code="",route="/predict",status="200"': 2,
        'code="invalid_parameter",route="/predict",status="422"': 1,
        'code="method_not_allowed",route="/predict",status="405"': 1,
        'code="",route="/predict/batch",status="200"': 1,
        'code="",route="/read",status="200"': 1,
        'code="",route="/metrics",status="200"': 2,
        'code="",route="/health/live",status="200"': 1,
        'code="",route="/docs",status="200"': 1,
        'code="not_found",route="other",status="404"': 22,
    }


def test_routes_are_counted_without_the_path_of_a_proxy_or_a_mount(client: TestClient) -> None:
    assert isinstance(client.app, FastAPI)
    whole = FastAPI()
    whole.mount("/inside", client.app)
    for app, prefix, root_path in ((client.app, "/digits", "/digits"), (whole, "/inside", "")):
        for method, path, status in ANY_REQUEST:
            assert send(TestClient(app, root_path=root_path), method, prefix + path)[0] == status
    labels = " ".join(counts(client, "lenet_http_requests_total"))
    assert set(re.findall('route="(.*?)"', labels)) == {
        "/predict",
        "/predict/batch",
        "/read",
        "/metrics",
        "/health/live",
        "/docs",
        "other",
    }


def test_a_batchs_pictures_are_counted_one_by_one(client: TestClient) -> None:
    files = [("file", PICTURE), ("file", b"seven"), ("file", PICTURE), ("file", b"")]
    digits = [one["digit"] for one in client.post("/predict/batch", files=files).json()["results"] if "digit" in one]
    assert counts(client, "lenet_refusals_total") == {'reason="not_an_image"': 1, 'reason="empty_file"': 1}
    assert digits[0] == digits[1]
    assert counts(client, "lenet_predictions_total") == {f'digit="{digits[0]}",route="/predict/batch"': 2}


def test_the_first_request_has_its_stages_timed(client: TestClient) -> None:
    client.post("/predict", files={"file": PICTURE})
    whole = counts(client, "lenet_http_request_duration_seconds_sum")['route="/predict"']
    stages = counts(client, "lenet_stage_duration_seconds_count")
    assert set(stages) == {
        f'stage="{name}"' for name in ("receive", "decode", "canonical", "queue", "forward", "write")
    }
    seconds = counts(client, "lenet_stage_duration_seconds_sum")
    assert 0 < sum(seconds.values()) <= whole
