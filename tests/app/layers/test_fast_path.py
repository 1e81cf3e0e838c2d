"""The answers that are written without the framework are those that it would give, and those that are documented."""

from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image, ImageDraw

from app.api import schemas
from app.main import create_app
from app.settings import Settings
from tests.image_files import encoded, gradient

ID = {"X-Request-ID": "one-and-the-same"}  # it is in the answers, and else it would be new each time
SEVEN = (Path(__file__).parents[3] / "docs" / "examples" / "seven.png").read_bytes()


def page(text: str) -> Image.Image:
    image = Image.new("L", (100, 100), 255)
    ImageDraw.Draw(image).text((30, 10), text, 0, font_size=60)
    return image


def squared() -> Image.Image:
    image = Image.new("L", (400, 400), 250)
    draw = ImageDraw.Draw(image)
    for at in range(20, 400, 40):
        draw.line((at, 0, at, 400), 190)
        draw.line((0, at, 400, at), 190)
    draw.text((150, 100), "7", 20, font_size=180)
    return image


PICTURES = {
    "a digit": SEVEN,
    "dark on light": encoded(page("7")),
    "a letter": encoded(page("W")),
    "two digits": encoded(page("77")),
    "nothing": encoded(np.full((50, 50), 200, np.uint8)),
    "squared paper": encoded(squared()),
    "a JPEG": encoded(page("3"), "JPEG"),
    "a gradient": encoded(gradient(200, 300)),
    "a long TIFF": encoded(np.zeros((10, 300), np.uint8), "TIFF"),
    "an animation": encoded(page("1"), "GIF", save_all=True, append_images=[page("2")]),
    "one pixel": encoded(np.zeros((1, 1), np.uint8)),
    "no picture": b"seven",
    "no bytes": b"",
    "cut off": SEVEN[:100],
    "too large": bytes(10_000_001),
    "too long": encoded(np.zeros((4, 204), np.uint8)),
}


@pytest.mark.parametrize("name", PICTURES)
def test_the_answer_is_the_endpoints_and_the_documented_one(robust_client: TestClient, name: str) -> None:
    direct = robust_client.post("/predict", files={"file": PICTURES[name]}, headers=ID)
    endpoint = robust_client.post(
        "/predict?preprocessing=auto", files={"file": PICTURES[name]}, headers=ID
    )  # names the default
    assert direct.status_code == endpoint.status_code
    assert direct.content == endpoint.content
    assert direct.headers == endpoint.headers
    if direct.status_code == 200:
        schema = schemas.Prediction.model_validate_json(direct.content, strict=True, extra="forbid")
        assert schema.model_dump(mode="json", exclude_unset=True) == direct.json()
    else:
        schemas.ErrorEnvelope.model_validate_json(direct.content, strict=True, extra="forbid")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{}", "application/json"),
        (b"", ""),
        (b"--b\r\n", "multipart/form-data; boundary=b"),
        (b"--b--\r\n", "multipart/form-data; boundary=b"),
        (SEVEN, "image/png"),
        (SEVEN, "application/octet-stream"),
    ],
)
def test_other_bodies_are_answered_as_by_the_endpoint(
    robust_client: TestClient, body: bytes, content_type: str
) -> None:
    answers = [
        robust_client.post(f"/predict{query}", content=body, headers=ID | {"content-type": content_type})
        for query in ("", "?preprocessing=auto")
    ]
    assert answers[0].status_code == answers[1].status_code
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize("names", [["a digit"], list(PICTURES), ["a digit"] * 65, []])
def test_a_batchs_answer_is_the_endpoints(robust_client: TestClient, names: list[str]) -> None:
    files = [("file", PICTURES[name]) for name in names]
    direct = robust_client.post("/predict/batch", files=files, headers=ID)
    endpoint = robust_client.post("/predict/batch?preprocessing=auto", files=files, headers=ID)
    assert direct.status_code == endpoint.status_code
    assert direct.content == endpoint.content
    assert direct.headers == endpoint.headers
    if direct.status_code == 200:
        schemas.Batch.model_validate_json(direct.content, strict=True, extra="forbid")


def test_it_answers_under_a_prefix_too() -> None:
    app = create_app(Settings(model="notebook", device="cpu"))
    app.router.routes.clear()  # so that nothing else answers
    with TestClient(app, "http://testserver/digits", root_path="/digits") as client:
        assert client.post("/predict", files={"file": SEVEN}).json()["digit"] == 7
        assert client.post("/predict/batch", files={"file": SEVEN}).json()["results"][0]["digit"] == 7
        assert client.post("/read", files={"file": SEVEN}).status_code == 404
