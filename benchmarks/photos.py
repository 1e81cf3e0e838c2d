"""Photos of 1 and 12 megapixels, sent to this service and to the simple one: a load of `benchmarks.serving`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.input_pipeline import encoded, photographed
from benchmarks.servers import RunningServer
from benchmarks.wrk import Load, forms, run_wrk

CONNECTIONS = 8
SIZES = {"1 megapixel": (1000, 1000), "12 megapixels": (3000, 4000)}
"""Heights and widths."""


@dataclass(frozen=True, slots=True)
class PhotoResult:
    """Photos per second and CPU milliseconds per photo, medians over the rounds, and the least ratio of the rates."""

    size: str
    rate: float
    simple_rate: float
    cpu_ms: float
    simple_cpu_ms: float
    ratio: float
    least_ratio: float
    failed: int


@dataclass(frozen=True, slots=True)
class _Round:
    rate: float
    cpu_ms: float
    failed: int


def compare_photos(
    this: RunningServer, simple: RunningServer, folder: Path, *, count: int, seconds: int
) -> list[PhotoResult]:
    """Send photos of each size to both servers in turn, `count` times, every time over connections of its own."""
    results = []
    for size, shape in SIZES.items():
        load = forms([encoded(photographed(*shape), "JPEG")], folder)
        rounds = [[_send(one, load, seconds) for one in (this, simple)] for _ in range(count)]
        ours, theirs = zip(*rounds, strict=True)
        ratios = [first.rate / second.rate for first, second in rounds]
        results.append(
            PhotoResult(
                size,
                rate=median(one.rate for one in ours),
                simple_rate=median(one.rate for one in theirs),
                cpu_ms=median(one.cpu_ms for one in ours),
                simple_cpu_ms=median(one.cpu_ms for one in theirs),
                ratio=median(ratios),
                least_ratio=min(ratios),
                failed=sum(one.failed for both in rounds for one in both),
            )
        )
    return results


def photo_table(results: Sequence[PhotoResult]) -> str:
    """Return a Markdown table."""
    titles = ["photos of", "this service /s", "simple FastAPI /s", "rate to simple", "least of a round"]
    titles += ["CPU ms each", "simple: CPU ms each", "failed"]
    rows = [
        f"| {one.size} | {one.rate:,.0f} | {one.simple_rate:,.0f} | {one.ratio:.2f} | {one.least_ratio:.2f} "
        f"| {one.cpu_ms:.1f} | {one.simple_cpu_ms:.1f} | {one.failed} |"
        for one in results
    ]
    return "\n".join([f"| {' | '.join(titles)} |", "|---" * len(titles) + "|", *rows])


def _send(server: RunningServer, load: Load, seconds: int) -> _Round:
    before = server.cpu_seconds()
    result = run_wrk(server.address, load, connections=CONNECTIONS, seconds=seconds)
    return _Round(result.rate, (server.cpu_seconds() - before) / max(result.requests, 1) * 1e3, result.failed)
