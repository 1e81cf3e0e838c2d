"""One chain of layers: what is put in it covers every route, the fast path included."""

import subprocess
import sys
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.main import create_app
from app.settings import Settings
from tests.image_files import encoded, gradient

PICTURE = encoded(gradient())


class Stamp:
    """Adds a header to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-stamp", b"1")]
            await send(message)

        await self._app(scope, receive, stamped)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/predict"),
        ("POST", "/predict?preprocessing=plain"),
        ("POST", "/predict/batch"),
        ("POST", "/read"),
        ("GET", "/metrics"),
        ("GET", "/health"),
        ("GET", "/docs"),
        ("GET", "/nowhere"),
        ("GET", "/predict"),
    ],
)
def test_a_layer_added_to_the_application_sees_every_route(method: str, path: str) -> None:
    app = create_app(Settings(model="notebook", device="cpu"))
    app.add_middleware(Stamp)
    with TestClient(app) as client:
        response = client.request(method, path, files={"file": PICTURE} if method == "POST" else None)
    assert response.headers["x-stamp"] == "1"
    assert response.headers["cache-control"] == "no-store"


def test_errors_of_the_fast_path_and_of_the_routes_pass_through_it_too() -> None:
    app = create_app(Settings(model="notebook", device="cpu"))
    app.add_middleware(Stamp)
    with TestClient(app) as client:
        for path in ("/predict", "/predict?preprocessing=auto"):
            response = client.post(path, files={"file": b"seven"})
            assert (response.status_code, response.headers["x-stamp"]) == (415, "1")


def test_importing_the_application_does_nothing() -> None:
    program = "import app.main, sys; assert 'onnxruntime' not in sys.modules and 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], check=True, timeout=60)
