"""Throughput and latency: this service against frameworks that do less and services that do the same.

`python -m benchmarks.serving` starts each server with two workers, checks its answers, and sends requests to all of
them in turn, in several rounds, with 32 connections and with one. Photos of 1 and 12 megapixels go over 8 connections
to this service and to the simple one. Absolute figures drift between runs, so compare medians and ratios within a run.
It prints tables and a JSON line. wrk must be installed; LitServe and BentoML come with the `bench` extra.
"""

import argparse
import contextlib
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

from benchmarks.digit_files import DigitFiles, first_digits
from benchmarks.photos import PhotoResult, compare_photos, photo_table
from benchmarks.servers import EMPTY, RAY, RAY_HAPROXY, SERVERS, SIMPLE, THIS, RunningServer, post, run_server
from benchmarks.wrk import Load, WrkResult, forms, raw, run_wrk

WORKERS = 2
CONNECTIONS = 32
IN_A_BATCH = 64


@dataclass(frozen=True, slots=True)
class Scenario:
    """A server and a way to send it pictures."""

    name: str
    running: RunningServer
    path: str
    load: Load
    pictures: int = 1


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """Medians over the rounds: pictures per second, CPU microseconds per picture, latency of a request in ms."""

    name: str
    rate: float
    cpu_us: float
    p50: float
    p99: float
    alone_p50: float
    failed: int


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving", description=__doc__)
    known = (*SERVERS, RAY, RAY_HAPROXY)
    parser.add_argument("--servers", nargs="+", choices=[s.name for s in known], help="only these servers")
    parser.add_argument("--load", choices=("digits", "photos"), help="only this load")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4, help="seconds for each server and round")
    parser.add_argument("--quick", action="store_true", help="one short round, as a test")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        parser.error("wrk is not installed; on Debian and Ubuntu: apt install wrk")
    if options.quick:
        options.rounds, options.seconds = 1, 1
    pictures = first_digits(IN_A_BATCH)
    chosen = [s for s in known if s.name in options.servers] if options.servers else SERVERS
    servers = [s for s in chosen if s.installed]
    for server in chosen:
        if not server.installed:
            print(f"skipping {server.name}: not installed")
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        started = [stack.enter_context(run_server(s, pictures.files[0], workers=WORKERS)) for s in servers]
        for one in started:
            check(one, pictures)
        results: list[ScenarioResult] = []
        photos: list[PhotoResult] = []
        if options.load != "photos":
            scenarios = [c for one in started for c in server_scenarios(one, pictures, Path(folder))]
            results = run_rounds(scenarios, count=options.rounds, seconds=options.seconds)
            print(table(results))
            print("MB of memory: " + ", ".join(f"{one.server.name} {one.megabytes():.0f}" for one in started))
        both = {one.server: one for one in started}
        if options.load != "digits" and THIS in both and SIMPLE in both:
            counts = {"count": options.rounds, "seconds": options.seconds}
            photos = compare_photos(both[THIS], both[SIMPLE], Path(folder), **counts)
            print(photo_table(photos))
    rows = {"servers": [asdict(one) for one in results], "photos": [asdict(one) for one in photos]}
    print(json.dumps({"benchmark": "serving"} | machine() | rows))


def check(server: RunningServer, pictures: DigitFiles) -> None:
    """Raise `AssertionError` unless the server recognises each picture, or returns 0 if it does no recognition."""
    for picture, label in zip(pictures.files, pictures.labels, strict=True):
        response = post(server.address, picture)
        assert response.status_code == 200, (server.server.name, response.text)
        assert response.json()["digit"] == (label if server.server.recognises else 0), server.server.name


def server_scenarios(server: RunningServer, pictures: DigitFiles, folder: Path) -> list[Scenario]:
    """Return the scenarios of a server: forms, and for this service also raw bodies and batches."""
    form = Scenario(server.server.name, server, "", forms(pictures.files, folder))
    if server.server is not THIS:
        return [form]
    return [
        form,
        Scenario("this service, raw body", server, "", raw(pictures.files, folder)),
        Scenario(
            f"this service, batches of {IN_A_BATCH}",
            server,
            "/batch",
            forms(pictures.files, folder, each=IN_A_BATCH),
            pictures=IN_A_BATCH,
        ),
    ]


def run_rounds(scenarios: Sequence[Scenario], *, count: int, seconds: int) -> list[ScenarioResult]:
    """Send requests in each scenario in turn, `count` times, after a short warm-up."""
    many: list[list[WrkResult]] = [[] for _ in scenarios]
    cpu: list[list[float]] = [[] for _ in scenarios]
    alone: list[list[WrkResult]] = [[] for _ in scenarios]
    for one in scenarios:
        run_wrk(one.running.address + one.path, one.load, connections=CONNECTIONS, seconds=1)
    for _ in range(count):
        for at, one in enumerate(scenarios):
            address = one.running.address + one.path
            before = one.running.cpu_seconds()
            many[at].append(run_wrk(address, one.load, connections=CONNECTIONS, seconds=seconds))
            cpu[at].append((one.running.cpu_seconds() - before) / many[at][-1].requests)
            alone[at].append(run_wrk(address, one.load, connections=1, seconds=max(1, seconds // 4)))
    return [
        ScenarioResult(
            one.name,
            rate=_median(many[at], lambda result: result.rate) * one.pictures,
            cpu_us=median(cpu[at]) / one.pictures * 1e6,
            p50=_median(many[at], lambda result: result.p50),
            p99=_median(many[at], lambda result: result.p99),
            alone_p50=_median(alone[at], lambda result: result.p50),
            failed=sum(result.failed for result in (*many[at], *alone[at])),
        )
        for at, one in enumerate(scenarios)
    ]


def _median(results: Sequence[WrkResult], value: Callable[[WrkResult], float]) -> float:
    return median(value(one) for one in results)


def table(results: Sequence[ScenarioResult]) -> str:
    """Return a Markdown table, with ratios to the empty endpoint if that was measured."""
    empty = next((one for one in results if one.name == EMPTY.name), None)

    def row(one: ScenarioResult) -> str:
        ratios = (
            (one.rate / empty.rate, one.cpu_us / empty.cpu_us, one.p99 / empty.p99, one.alone_p50 / empty.alone_p50)
            if empty
            else ()
        )
        figures = [
            f"{one.rate:,.0f}",
            f"{one.cpu_us:.0f}",
            f"{one.p50:.2f}",
            f"{one.p99:.2f}",
            f"{one.alone_p50:.3f}",
            str(one.failed),
        ]
        return " | ".join(["", one.name, *figures, *(f"{ratio:.2f}" for ratio in ratios), ""]).strip()

    titles = ["server", "pictures/s", "CPU us per picture", "p50 ms", "p99 ms", "p50 ms of one connection", "failed"]
    titles += ["rate to empty", "CPU to empty", "p99 to empty", "one connection to empty"] if empty else []
    return "\n".join([f"| {' | '.join(titles)} |", "|---" * len(titles) + "|", *map(row, results)])


def machine() -> dict[str, object]:
    """Return the machine and the versions of the packages."""
    packages = ("fastapi", "starlette", "uvicorn", "python-multipart", "pillow", "torch", "onnxruntime")
    return {
        "processors": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "versions": {package: version(package) for package in packages},
    }


if __name__ == "__main__":
    main()
