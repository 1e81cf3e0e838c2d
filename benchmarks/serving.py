"""How fast pictures are answered: this service beside frameworks that do less and services that do the same.

`python -m benchmarks.serving` (wrk must be installed; LitServe and BentoML come with the `bench` extra) starts each
server with two workers, checks its answers, and drives all of them in turn, round after round, with 32 connections and
with one. Absolute figures drift; medians and ratios within a run are what counts. Prints a table and a JSON line.
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

from benchmarks.digit_files import Pictures, chosen_digits
from benchmarks.servers import EMPTY, SERVERS, THIS, Running, post, running
from benchmarks.wrk import Driven, Load, drive, forms, raw

WORKERS = 2
CONNECTIONS = 32
IN_A_BATCH = 64


@dataclass(frozen=True, slots=True)
class Contestant:
    """A server and one way to send it pictures."""

    name: str
    running: Running
    path: str
    load: Load
    pictures: int = 1


@dataclass(frozen=True, slots=True)
class Measured:
    """Medians over the rounds: pictures a second, processor microseconds a picture, latency of a request in ms."""

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
    parser.add_argument("--servers", nargs="+", choices=[server.name for server in SERVERS], help="only these")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4, help="of each server in each round")
    parser.add_argument("--quick", action="store_true", help="one short round, to see that all works")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        parser.error("wrk is needed; Debian and Ubuntu have it as the package wrk")
    if options.quick:
        options.rounds, options.seconds = 1, 1
    pictures = chosen_digits(IN_A_BATCH)
    servers = [s for s in SERVERS if s.installed and (options.servers is None or s.name in options.servers)]
    for server in SERVERS:
        if not server.installed:
            print(f"{server.name} is left out: it is not installed")
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        started = [stack.enter_context(running(s, pictures.files[0], workers=WORKERS)) for s in servers]
        for one in started:
            check(one, pictures)
        contestants = [c for one in started for c in ways(one, pictures, Path(folder))]
        measured = rounds(contestants, count=options.rounds, seconds=options.seconds)
    print(table(measured))
    print(json.dumps({"benchmark": "serving"} | machine() | {"servers": [asdict(one) for one in measured]}))


def check(server: Running, pictures: Pictures) -> None:
    """Raise `AssertionError` unless the server recognises every picture, or says 0 to all where it does no work."""
    for picture, label in zip(pictures.files, pictures.labels, strict=True):
        response = post(server.address, picture)
        assert response.status_code == 200, (server.server.name, response.text)
        assert response.json()["digit"] == (label if server.server.recognises else 0), server.server.name


def ways(server: Running, pictures: Pictures, folder: Path) -> list[Contestant]:
    """Return the ways in which the server is sent pictures: forms, and this service other ways too."""
    form = Contestant(server.server.name, server, "", forms(pictures.files, folder))
    if server.server is not THIS:
        return [form]
    return [
        form,
        Contestant("this service, raw body", server, "", raw(pictures.files, folder)),
        Contestant(
            f"this service, batches of {IN_A_BATCH}",
            server,
            "/batch",
            forms(pictures.files, folder, each=IN_A_BATCH),
            pictures=IN_A_BATCH,
        ),
    ]


def rounds(contestants: Sequence[Contestant], *, count: int, seconds: int) -> list[Measured]:
    """Drive each contestant in turn, `count` times, after a short run that is not counted."""
    many: list[list[Driven]] = [[] for _ in contestants]
    cpu: list[list[float]] = [[] for _ in contestants]
    alone: list[list[Driven]] = [[] for _ in contestants]
    for one in contestants:
        drive(one.running.address + one.path, one.load, connections=CONNECTIONS, seconds=1)
    for _ in range(count):
        for at, one in enumerate(contestants):
            address = one.running.address + one.path
            before = one.running.cpu_seconds()
            many[at].append(drive(address, one.load, connections=CONNECTIONS, seconds=seconds))
            cpu[at].append((one.running.cpu_seconds() - before) / many[at][-1].requests)
            alone[at].append(drive(address, one.load, connections=1, seconds=max(1, seconds // 4)))
    return [
        Measured(
            one.name,
            rate=_median(many[at], lambda driven: driven.rate) * one.pictures,
            cpu_us=median(cpu[at]) / one.pictures * 1e6,
            p50=_median(many[at], lambda driven: driven.p50),
            p99=_median(many[at], lambda driven: driven.p99),
            alone_p50=_median(alone[at], lambda driven: driven.p50),
            failed=sum(driven.failed for driven in (*many[at], *alone[at])),
        )
        for at, one in enumerate(contestants)
    ]


def _median(driven: Sequence[Driven], value: Callable[[Driven], float]) -> float:
    return median(value(one) for one in driven)


def table(measured: Sequence[Measured]) -> str:
    """Return a Markdown table, with ratios to the empty endpoint where that was driven."""
    empty = next((one for one in measured if one.name == EMPTY.name), None)

    def row(one: Measured) -> str:
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

    titles = ["server", "pictures/s", "CPU us each", "p50 ms", "p99 ms", "p50 ms of one connection", "failed"]
    titles += ["rate to empty", "CPU to empty", "p99 to empty", "one connection to empty"] if empty else []
    return "\n".join([f"| {' | '.join(titles)} |", "|---" * len(titles) + "|", *map(row, measured)])


def machine() -> dict[str, object]:
    """Return what the figures were measured on and with."""
    packages = ("fastapi", "starlette", "uvicorn", "python-multipart", "pillow", "torch", "onnxruntime")
    return {
        "processors": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "versions": {package: version(package) for package in packages},
    }


if __name__ == "__main__":
    main()
