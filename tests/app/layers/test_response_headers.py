"""The headers that every response has."""

import pytest
from fastapi.testclient import TestClient

from tests.image_files import encoded, gradient


@pytest.mark.parametrize("path", ["/metrics", "/health/live", "/docs", "/openapi.json", "/nothing", "/predict"])
def test_every_response_is_marked(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


def test_so_is_a_prediction(client: TestClient) -> None:
    response = client.post("/predict", content=encoded(gradient()), headers={"content-type": "image/png"})
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "content-security-policy" not in response.headers


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_pages_load_nothing_from_elsewhere(client: TestClient, path: str) -> None:
    policy = client.get(path).headers["content-security-policy"]
    assert policy.startswith("default-src 'self';")
    assert "http" not in policy
