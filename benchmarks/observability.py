"""What it costs to be observable: this service, and the same service without metrics, or without request ids as well.

`python -m benchmarks.observability` sends requests to each in turn, in many short rounds, and prints a table and a JSON
line. Ratios are medians of the rounds' own ratios to the service without metrics. wrk must be installed.
"""

import argparse
import contextlib
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from benchmarks.digit_files import first_digits
from benchmarks.servers import RunningServer, Server, run_server
from benchmarks.wrk import Load, forms, run_wrk

WORKERS = 2
CONNECTIONS = 32
PICTURES = 64
ACCESS_LOG = {"LENET_ACCESS_LOG": "true", "LENET_LOG_FORMAT": "json", "LENET_LOG_LEVEL": "info"}


def service(name: str) -> Server:
    """Return this service, which may leave something out."""
    return Server(name, lambda _port, _workers: [sys.executable, "-m", "benchmarks.peers.ablated"], recognises=True)


BASE = service("without metrics")
SERVERS: dict[Server, dict[str, str]] = {
    BASE: {"ABLATED": "metrics"},
    service("as shipped"): {},
    service("without metrics and request ids"): {"ABLATED": "recording"},
    service("with the access log, as JSON"): ACCESS_LOG,
}


@dataclass(frozen=True, slots=True)
class Cost:
    """Medians over the rounds: requests per second, CPU microseconds of a request, and their ratios to `BASE`."""

    name: str
    rate: float
    cpu_us: float
    rate_ratio: float
    cpu_ratio: float


@dataclass(frozen=True, slots=True)
class _Round:
    rate: float
    cpu_us: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.observability", description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--seconds", type=int, default=1, help="seconds for each server and round")
    options = parser.parse_args()
    digits = first_digits(PICTURES)
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        load = forms(digits.files, Path(folder))
        log = stack.enter_context((Path(folder) / "log").open("wb"))
        running = [
            stack.enter_context(run_server(server, digits.files[0], workers=WORKERS, log=log, **variables))
            for server, variables in SERVERS.items()
        ]
        for one in running:
            measure(one, load, options.seconds)
        rounds = [[measure(one, load, options.seconds) for one in running] for _ in range(options.rounds)]
    costs = [cost(server.name, at, rounds) for at, server in enumerate(SERVERS)]
    print("| service | requests/s | CPU us | rate ratio | CPU ratio |\n|---|---|---|---|---|")
    for row in costs:
        print(f"| {row.name} | {row.rate:,.0f} | {row.cpu_us:.0f} | {row.rate_ratio:.3f} | {row.cpu_ratio:.3f} |")
    print(json.dumps({"benchmark": "observability", "results": [asdict(row) for row in costs]}))


def measure(server: RunningServer, load: Load, seconds: int) -> _Round:
    """Send requests for so many seconds."""
    before = server.cpu_seconds()
    result = run_wrk(server.address, load, connections=CONNECTIONS, seconds=seconds)
    assert result.failed == 0, server.server.name
    return _Round(result.rate, (server.cpu_seconds() - before) / result.requests * 1e6)


def cost(name: str, at: int, rounds: list[list[_Round]]) -> Cost:
    """Return the medians of one server, the `at`-th of each round; `BASE` is the first."""

    def ratio(value: Callable[[_Round], float]) -> float:
        return median(value(one[at]) / value(one[0]) for one in rounds)

    return Cost(
        name,
        rate=median(one[at].rate for one in rounds),
        cpu_us=median(one[at].cpu_us for one in rounds),
        rate_ratio=ratio(lambda one: one.rate),
        cpu_ratio=ratio(lambda one: one.cpu_us),
    )


if __name__ == "__main__":
    main()
