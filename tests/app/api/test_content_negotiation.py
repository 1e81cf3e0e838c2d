"""Which media type a client of /metrics prefers, and what it then gets."""

import shutil
import subprocess

import pytest
from fastapi.testclient import TestClient
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from app.api.content_negotiation import preferred
from app.api.openapi import MEDIA_TYPES_OF_METRICS

JSON, OPENMETRICS, TEXT = MEDIA_TYPES_OF_METRICS
PROMETHEUS_2 = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
    "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
    "text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
)
CHROMIUM = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", JSON),
        ("*/*", JSON),
        (CHROMIUM, JSON),
        ("application/json", JSON),
        ("application/json, text/plain, */*", JSON),  # axios
        ("application/json;q=0.5, text/plain", TEXT),
        ("text/plain", TEXT),
        ("TEXT/Plain; Version=0.0.4", TEXT),
        ("text/*", TEXT),
        ("text/plain;q=0, */*", JSON),
        ("application/json;q=0, text/plain;q=0.1", TEXT),
        ("application/openmetrics-text;q=0.1, text/plain", TEXT),
        (PROMETHEUS_2, OPENMETRICS),
        (PROMETHEUS_3, OPENMETRICS),
        ("image/png", JSON),
        ("text/plain;q=high", JSON),
        (",;,", JSON),
    ],
)
def test_the_preferred_type_is_chosen(accept: str, media_type: str) -> None:
    assert preferred(accept, MEDIA_TYPES_OF_METRICS)[0] == media_type


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (None, JSON),
        ("*/*", JSON),
        (CHROMIUM, JSON),
        ("text/plain;version=0.0.4", "text/plain; version=0.0.4; charset=utf-8"),
        ("text/*", "text/plain; version=0.0.4; charset=utf-8"),
        ("text/plain;version=new", "text/plain; version=0.0.4; charset=utf-8"),
        (f"{OPENMETRICS};version=1.x", "application/openmetrics-text; version=1.0.0; charset=utf-8"),
        (PROMETHEUS_2, "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"),
    ],
)
def test_metrics_are_answered_as_preferred(client: TestClient, accept: str | None, content_type: str) -> None:
    client.headers.pop("accept", None)
    response = client.get("/metrics", headers={"Accept": accept} if accept else {})
    assert response.headers["content-type"] == content_type
    assert response.headers["vary"] == "Accept"
    if content_type == JSON:
        assert response.json()["model"]["name"] == "notebook"
        return
    parse = parse_openmetrics if content_type.startswith(OPENMETRICS) else parse_text
    found = {sample.name: sample for family in parse(response.text) for sample in family.samples}
    stored = client.get("/metrics").json()
    assert found["lenet_model_accuracy"].value == stored["accuracy"]
    assert found["lenet_model_macro_f1"].value == stored["macro_f1"]
    model = found["lenet_model_info"].labels
    assert (model["name"], model["hash"], model["device"]) == ("notebook", stored["model"]["hash"], "cpu")
    assert found["process_resident_memory_bytes"].labels == {"worker": "0"}
    assert found["process_cpu_seconds_total"].value > 0


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed: apt install prometheus")
def test_names_and_units_are_those_that_prometheus_recommends(client: TestClient) -> None:
    text = client.get("/metrics", headers={"Accept": "text/plain"}).text
    check = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert (check.returncode, check.stdout, check.stderr) == (0, "", "")
