"""Log lines of the whole service: what they hold, and what they never hold."""

import json
import re
import signal
import sys
from typing import Any

import httpx2
import pytest
from PIL import Image

from tests.image_files import encoded, gradient
from tests.serving import SECONDS, serving

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
METADATA = "camera-of-the-secret-service"
KEY = "0123456789abcdef-key"
HEADERS = {
    "X-Request-ID": "order-17",
    "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01",
    "Authorization": f"Bearer {KEY}",
    "X-API-Key": KEY,
    "Cookie": f"session={KEY}",
    "User-Agent": KEY,
}


def picture() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = METADATA
    return encoded(gradient(), "JPEG", exif=exif)


def logged(log_format: str) -> list[str]:
    """Start the service with all log lines on, send it a picture in every way and some mistakes; return its lines."""
    with serving(LENET_LOG_FORMAT=log_format, LENET_LOG_LEVEL="debug", LENET_ACCESS_LOG="true", LENET_WORKERS="1") as (
        process,
        address,
    ):
        with httpx2.Client(timeout=SECONDS, headers=HEADERS) as client:
            for path in ("/predict", "/predict/batch", "/read", f"/predict?preprocessing=plain&key={KEY}"):
                client.post(address + path, files={"file": (f"{METADATA}.jpg", picture(), "image/jpeg")})
            client.post(f"{address}/predict", content=picture()[:-100], headers={"content-type": "image/jpeg"})
            client.get(f"{address}/{METADATA}")
        with httpx2.Client(timeout=SECONDS) as client:
            client.get(f"{address}/health/live", headers={"X-Request-ID": f"{METADATA} with spaces"})
        process.send_signal(signal.SIGTERM)
        assert process.stderr
        return process.stderr.read().splitlines()


@pytest.fixture(scope="module")
def console_lines() -> list[str]:
    return logged("console")


@pytest.fixture(scope="module")
def json_lines() -> list[str]:
    return logged("json")


def test_console_lines_have_the_request_and_its_fields(console_lines: list[str]) -> None:
    lines = [line for line in console_lines if "app.access" in line]
    assert len(lines) == 7
    assert re.fullmatch(
        rf"\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d,\d{{3}} INFO \d+ order-17 app\.access: trace_id={TRACE} route=/predict "
        r"status=200 milliseconds=\d+\.\d+ bytes=\d+ digits=1 code=",
        lines[0],
    )


def test_json_lines_have_the_request_and_its_fields(json_lines: list[str]) -> None:
    lines: list[dict[str, Any]] = [json.loads(line) for line in json_lines]
    assert all(
        {"time", "level", "process", "logger", "message", "request_id", "trace_id"} <= line.keys() for line in lines
    )
    assert "uvicorn.error" in {line["logger"] for line in lines}
    requests = [line for line in lines if line["logger"] == "app.access"]
    facts = [(one["route"], one["status"], one["digits"], one["code"]) for one in requests]
    read_digits = facts[2][2]
    assert facts == [
        ("/predict", 200, 1, ""),
        ("/predict/batch", 200, 1, ""),
        ("/read", 200, read_digits, ""),
        ("/predict", 422, 0, "invalid_parameter"),
        ("/predict", 422, 0, "damaged_image"),
        ("other", 404, 0, "not_found"),
        ("/health/live", 200, 0, ""),
    ]
    first = requests[0]
    assert (first["level"], first["request_id"], first["trace_id"]) == ("INFO", "order-17", TRACE)
    assert first["bytes"] > len(picture())
    assert first["milliseconds"] > 0
    assert re.fullmatch("[0-9a-f]{32}", requests[-1]["request_id"])
    assert requests[-1]["trace_id"] == ""


def test_no_line_has_a_picture_its_metadata_or_a_key(console_lines: list[str], json_lines: list[str]) -> None:
    whole = "\n".join(console_lines + json_lines)
    assert "Application shutdown complete" in whole
    for secret in (METADATA, KEY, "Exif", "JFIF", "Bearer"):
        assert secret not in whole


# The service with a defect: its model is missing.
DEFECT = """
from app.commands import service_process

create_app = service_process.create_app

def create_broken_app(settings):
    app = create_app(settings)
    app.state.operations.service.predictor = None
    return app

service_process.create_app = create_broken_app
service_process.run()
"""


def test_the_line_of_a_defect_has_the_request_and_no_access_is_logged_by_default() -> None:
    with serving([sys.executable, "-c", DEFECT], LENET_LOG_FORMAT="json", LENET_WORKERS="1") as (process, address):
        response = httpx2.post(f"{address}/predict", files={"file": picture()}, headers=HEADERS, timeout=SECONDS)
        assert (response.status_code, response.json()["error"]["request_id"]) == (500, "order-17")
        process.send_signal(signal.SIGTERM)
        assert process.stderr
        lines = [json.loads(line) for line in process.stderr]
    [defect] = [line for line in lines if line["level"] == "ERROR"]
    assert (defect["logger"], defect["request_id"], defect["trace_id"]) == ("uvicorn.error", "order-17", TRACE)
    assert "NoneType" in defect["exc_info"]
    assert "app.access" not in {line["logger"] for line in lines}
