"""A real Prometheus scrapes two workers under known traffic, and finds exactly the requests that were sent."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import httpx2
import pytest

from tests.image_files import encoded, gradient
from tests.serving import SECONDS, serving, workers_of

pytestmark = pytest.mark.skipif(
    shutil.which("prometheus") is None, reason="prometheus is not installed: apt install prometheus"
)

MONITORING = Path(__file__).parents[2] / "deploy" / "monitoring"
TRAFFIC_SECONDS = 15
PICTURE = encoded(gradient())
BROKEN = b"seven"

Files = list[tuple[str, bytes]]
# Path and files, and the route, status and code that they are counted by.
TRAFFIC: list[tuple[str, Files | None, tuple[str, str, str]]] = [
    ("/predict", [("file", PICTURE)], ("/predict", "200", "")),
    ("/predict?preprocessing=plain", [("file", PICTURE)], ("/predict", "200", "")),
    ("/predict", [("file", BROKEN)], ("/predict", "415", "not_an_image")),
    ("/predict/batch", [("file", PICTURE), ("file", BROKEN), ("file", PICTURE)], ("/predict/batch", "200", "")),
    ("/read", [("file", PICTURE)], ("/read", "200", "")),
    ("/nowhere", None, ("other", "404", "not_found")),
    ("/health/live", None, ("/health/live", "200", "")),
]


@contextlib.contextmanager
def prometheus(target: str, folder: Path) -> Iterator[str]:
    """Run Prometheus by our configuration, but scraping `target`, and every second; give its address."""
    configuration = (MONITORING / "prometheus.yml").read_text()
    for ours, here in (("lenet:8000", target), ("15s", "1s"), ("alerts.yml", str(MONITORING / "alerts.yml"))):
        assert ours in configuration
        configuration = configuration.replace(ours, here)
    (folder / "prometheus.yml").write_text(configuration)
    with socket.create_server(("127.0.0.1", 0)) as free:
        listen = f"127.0.0.1:{free.getsockname()[1]}"
    options = [f"--storage.tsdb.path={folder / 'data'}", f"--web.listen-address={listen}", "--log.level=warn"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            ["prometheus", f"--config.file={folder / 'prometheus.yml'}", *options], stdout=log, stderr=log
        )
        try:
            yield f"http://{listen}"
        finally:
            process.terminate()
            process.wait(SECONDS)


def query(address: str, expression: str) -> dict[tuple[str, ...], float]:
    """Return the values of an expression by the values of its labels, in the order of the labels' names."""
    response = httpx2.get(f"{address}/api/v1/query", params={"query": expression}, timeout=SECONDS)
    return {
        tuple(one["metric"][name] for name in sorted(one["metric"])): float(one["value"][1])
        for one in response.json()["data"]["result"]
    }


def wait_until(address: str, expression: str, expected: float) -> None:
    """Ask until the expression has this value."""
    deadline, found = time.monotonic() + SECONDS, {}
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx2.TransportError, json.JSONDecodeError, KeyError):  # it may be starting
            found = query(address, expression)
            if list(found.values()) == [expected]:
                return
    pytest.fail(f"{expression} is {found} and not {expected}")


def send_traffic(address: str) -> tuple[Counter[tuple[str, str, str]], Counter[str]]:
    """Send requests, each on a connection of its own so that both workers get some.

    Returns the requests by route, status and code, and the digits that were answered by route.
    """
    sent: Counter[tuple[str, str, str]] = Counter()
    digits: Counter[str] = Counter()
    deadline = time.monotonic() + TRAFFIC_SECONDS
    for path, files, outcome in cycle(TRAFFIC):
        response = httpx2.request("POST" if files else "GET", address + path, files=files, timeout=SECONDS)
        assert str(response.status_code) == outcome[1]
        sent[outcome] += 1
        answer = response.json()
        results = answer.get("results", answer.get("digits", [answer]))
        digits[outcome[0]] += sum("digit" in one for one in results)
        if time.monotonic() > deadline:
            return sent, +digits
    raise AssertionError


def test_prometheus_finds_exactly_what_was_sent(tmp_path: Path) -> None:
    with (
        serving(LENET_WORKERS="2") as (process, address),
        prometheus(address.removeprefix("http://"), tmp_path) as server,
    ):
        wait_until(server, "sum(up)", 1)
        sent, digits = send_traffic(address)
        predicted = sent["/predict", "200", ""]
        wait_until(server, 'sum(lenet_http_requests_total{route!="/metrics"})', sent.total())

        counted = query(server, 'sum by (code, route, status) (lenet_http_requests_total{route!="/metrics"})')
        assert counted == {(code, route, status): number for (route, status, code), number in sent.items() if code} | {
            (route, status): number for (route, status, code), number in sent.items() if not code
        }
        latencies = query(server, 'sum by (route) (lenet_http_request_duration_seconds_count{route!="/metrics"})')
        assert latencies["/predict",] == predicted + sent["/predict", "415", "not_an_image"]
        assert query(server, "sum by (route) (lenet_predictions_total) > 0") == {(key,): n for key, n in digits.items()}
        refused = query(server, 'lenet_refusals_total{reason="not_an_image"}')
        broken = sent["/predict", "415", "not_an_image"] + sent["/predict/batch", "200", ""]
        assert list(refused.values()) == [broken]
        assert query(server, "count(process_start_time_seconds)") == {(): 2}
        assert query(server, 'ALERTS{alertstate="firing"}') == {}

        # A worker that dies takes nothing with it, and its successor has its place.
        victim = min(workers_of(process.pid))
        os.kill(victim, signal.SIGKILL)
        wait_until(server, "sum(changes(process_start_time_seconds[1m]))", 1)
        assert query(server, 'sum(lenet_http_requests_total{route!="/metrics"})') == {(): sent.total()}
        assert victim not in workers_of(process.pid)
