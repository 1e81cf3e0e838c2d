"""More photos than can be answered: what is answered and refused, and how long that and a health check take."""

import http.client
import json
import subprocess
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlsplit

from benchmarks.input_pipeline import SEVEN, encoded, photographed
from benchmarks.servers import THIS, run_server

WORKERS = 2
SCRIPT = Path(__file__).with_name("overload.lua")
# The probes begin when the first wave of connections has been answered or refused.
SETTLING_SECONDS = 3
PHOTO_PROBES = 4
PAUSE_SECONDS = 0.05

Latencies = dict[str, list[float]]
"""Milliseconds by what was asked and how it was answered."""


def overload_rows(seconds: int, connections: int = 2500) -> dict[str, float]:
    """Photos of one megapixel over more connections than can be answered; latency in ms, seen by probes beside them."""
    photo = encoded(photographed(1000, 1000), "JPEG")
    with tempfile.TemporaryDirectory() as folder, run_server(THIS, SEVEN.read_bytes(), workers=WORKERS) as server:
        body = Path(folder) / "photo.jpg"
        body.write_bytes(photo)
        alone = _load(server.address, body, connections=16, seconds=seconds).communicate()[0]
        load = _load(server.address, body, connections=connections, seconds=SETTLING_SECONDS + 3 * seconds)
        time.sleep(SETTLING_SECONDS)
        latencies = _probe(urlsplit(server.address).netloc, photo, 2 * seconds)
        found = json.loads(load.communicate()[0].splitlines()[-1])
    few = json.loads(alone.splitlines()[-1])
    answered, refused = found["answered"] / found["seconds"], found["refused"] / found["seconds"]
    return {
        f"{connections:,} connections of photos: answered/s": answered,
        "refused/s": refused,
        "failed": found["failed"],
        "answered, compared with 16 connections": answered / (few["answered"] / few["seconds"]),
        **{f"{name}, p99 ms": quantiles(found, n=100)[-1] for name, found in sorted(latencies.items()) if found[1:]},
    }


def _load(address: str, body: Path, *, connections: int, seconds: int) -> "subprocess.Popen[str]":
    options = ["--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s", "--timeout", "60s"]
    script = ["--script", str(SCRIPT), address, "--", "image/jpeg", str(body), str(connections)]
    return subprocess.Popen(["wrk", *options, *script], stdout=subprocess.PIPE, text=True)


def _probe(host: str, photo: bytes, seconds: int) -> Latencies:
    latencies: Latencies = defaultdict(list)
    until = time.monotonic() + seconds

    def ask(name: str, method: str, path: str, body: bytes | None) -> None:
        while time.monotonic() < until:
            started = time.perf_counter()
            connection = http.client.HTTPConnection(host, timeout=60)
            connection.request(method, path, body, {"content-type": "image/jpeg"} if body else {})
            response = connection.getresponse()
            response.read()
            connection.close()
            status = {200: "answered", 503: "refused"}.get(response.status, "failed")
            latencies[f"{name} {status}"].append(1000 * (time.perf_counter() - started))
            time.sleep(PAUSE_SECONDS)

    threads = [threading.Thread(target=ask, args=("photo", "POST", "/predict", photo)) for _ in range(PHOTO_PROBES)]
    threads.append(threading.Thread(target=ask, args=("health check", "GET", "/health/live", None)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return latencies
