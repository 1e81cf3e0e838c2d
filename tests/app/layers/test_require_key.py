"""Only requests with a key are answered, where there is a file of keys."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.api_keys import key_line, new_key
from app.main import create_app
from app.settings import Settings
from tests.image_files import encoded, gradient

KEY = new_key()
PICTURE = encoded(gradient())
PNG = {"content-type": "image/png"}
OPEN = [
    "/health",
    "/health/live",
    "/health/ready",
    "/metrics",
    "/docs",
    "/openapi.json",
    "/static-offline-docs/redoc.standalone.js",
]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    path: Path = tmp_path_factory.mktemp("keys") / "keys"
    path.write_text(key_line("phone", KEY))
    settings = Settings(model="notebook", device="cpu", api_keys_file=path, cors_origins="https://a.example")
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize(
    "headers", [{"authorization": f"Bearer {KEY}"}, {"authorization": f"bearer  {KEY}"}, {"x-api-key": KEY}]
)
@pytest.mark.parametrize("route", ["/predict", "/read", "/predict?include=image"])
def test_a_known_key_is_answered(guarded: TestClient, route: str, headers: dict[str, str]) -> None:
    assert guarded.post(route, content=PICTURE, headers=PNG | headers).status_code == 200


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer"}, {"authorization": f"Basic {KEY}"}, {"x-api-key": KEY[:-1]}]
)
@pytest.mark.parametrize("route", ["/predict", "/predict/batch", "/read", "/nothing", "/health"])
def test_others_are_told_to_send_one(guarded: TestClient, route: str, headers: dict[str, str]) -> None:
    response = guarded.post(route, content=PICTURE, headers=PNG | headers)
    assert (response.status_code, response.json()["error"]["code"]) == (401, "unauthorised")
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("path", OPEN)
def test_health_metrics_and_pages_stay_open(guarded: TestClient, path: str) -> None:
    assert guarded.get(path).status_code == 200
    assert guarded.head(path).status_code == 200


def test_an_unknown_path_needs_a_key(guarded: TestClient) -> None:
    assert guarded.get("/nothing").status_code == 401
    assert guarded.get("/nothing", headers={"x-api-key": KEY}).status_code == 404


def test_the_document_says_which_operations_need_a_key(guarded: TestClient, client: TestClient) -> None:
    document = guarded.get("/openapi.json").json()
    assert set(document["components"]["securitySchemes"]) == {"bearer", "header"}
    needing = {
        path for path, methods in document["paths"].items() for operation in methods.values() if "security" in operation
    }
    assert {"/predict", "/predict/batch", "/read"} <= needing
    assert not needing & set(OPEN)
    assert "unauthorised" in str(document["paths"]["/predict"]["post"]["responses"]["401"])
    assert "securitySchemes" not in client.get("/openapi.json").json()["components"]


def test_a_page_of_an_allowed_origin_may_ask_without_a_key_whether_it_may_send_one(guarded: TestClient) -> None:
    asking = {
        "origin": "https://a.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "x-api-key",
    }
    response = guarded.options("/predict", headers=asking)
    assert (response.status_code, response.headers["access-control-allow-origin"]) == (200, "https://a.example")
    refused = guarded.post("/predict", content=PICTURE, headers=PNG | {"origin": "https://a.example"})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, "https://a.example")
    other = guarded.get("/health/live", headers={"origin": "https://b.example"})
    assert "access-control-allow-origin" not in other.headers


def test_without_origins_there_is_no_cors(client: TestClient) -> None:
    assert (
        "access-control-allow-origin" not in client.get("/health/live", headers={"origin": "https://a.example"}).headers
    )


def test_requests_are_counted_by_the_name_of_their_key(guarded: TestClient) -> None:
    guarded.post("/predict", content=PICTURE, headers=PNG | {"x-api-key": KEY})
    text = guarded.get("/metrics", headers={"accept": "text/plain; version=0.0.4"}).text
    [line] = [line for line in text.splitlines() if line.startswith("lenet_key_requests_total{")]
    assert 'key="phone"' in line
    assert float(line.split()[-1]) >= 1
    assert KEY not in text
