"""What the service takes: time to the first right answer, memory for each worker, and how it grows with connections.

`python -m benchmarks.footprint` compares a cold start and a worker's memory with a process that only imports torch,
sends 100,000 requests and looks at the memory before and after, and drives 1 and 2 workers over 1 to 512 connections.
Prints tables and a JSON line, and draws the growth to docs/explanation/performance.png. Linux only; wrk must be
installed.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import matplotlib as mpl

from benchmarks.digit_files import Pictures, chosen_digits
from benchmarks.servers import ROOT, THIS, Running, post, running
from benchmarks.wrk import Driven, drive, forms

REQUESTS = 100_000
CONNECTIONS = (1, 8, 32, 128, 512)
WORKERS = (1, 2)
PLOT = ROOT / "docs" / "explanation" / "performance.png"
IMPORT_TORCH = """
import torch
print(open("/proc/self/status").read())
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.footprint", description=__doc__)
    parser.add_argument("--requests", type=int, default=REQUESTS, help="between the two looks at the memory")
    parser.add_argument("--seconds", type=int, default=4, help="of each cell of the table of growth")
    options = parser.parse_args()
    pictures = chosen_digits(64)
    record = {"benchmark": "footprint"} | cold_start(pictures) | memory(pictures, options.requests)
    driven = growth(pictures, options.seconds)
    draw(driven)
    cells = [{"workers": w, "connections": c, "rate": d.rate, "p99": d.p99} for (w, c), d in driven.items()]
    print(json.dumps(record | {"growth": cells}))


def cold_start(pictures: Pictures) -> dict[str, float]:
    """Return seconds to the first right answer and of a bare `import torch`, medians of five after one of each."""
    ours, torch = [], []
    for _ in range(6):
        with running(THIS, pictures.files[0], workers=1) as started:
            ours.append(started.start_seconds)
            assert post(started.address, pictures.files[0]).json()["digit"] == pictures.labels[0]
        before = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import torch"], check=True)
        torch.append(time.perf_counter() - before)
    seconds = {"start_seconds": median(ours[1:]), "import_torch_seconds": median(torch[1:])}
    print("| seconds to the first right answer | `import torch` | ratio |\n|---|---|---|")
    print("| {:.2f} | {:.2f} | {:.2f} |\n".format(*seconds.values(), median(ours[1:]) / median(torch[1:])))
    return seconds


def memory(pictures: Pictures, requests: int) -> dict[str, float]:
    """Return resident megabytes of one worker before and after many requests, and of a bare `import torch`."""
    status = subprocess.run([sys.executable, "-c", IMPORT_TORCH], check=True, capture_output=True, text=True).stdout
    found = {"import_torch_mb": _megabytes(status)}
    with tempfile.TemporaryDirectory() as folder, running(THIS, pictures.files[0], workers=1) as server:
        load = forms(pictures.files, Path(folder))
        drive(server.address, load, connections=32, seconds=2)
        found["first_mb"] = _resident(server)
        sent = 0
        while sent < requests:
            sent += drive(server.address, load, connections=32, seconds=10).requests
        found["last_mb"] = _resident(server)
    print(f"| MB resident, first | after {sent:,} requests | `import torch` |\n|---|---|---|")
    print(f"| {found['first_mb']:.0f} | {found['last_mb']:.0f} | {found['import_torch_mb']:.0f} |\n")
    return found


def growth(pictures: Pictures, seconds: int) -> dict[tuple[int, int], Driven]:
    """Return what wrk saw for each number of workers and of connections; raises `AssertionError` when one failed."""
    driven = {}
    print("| workers | connections | requests/s | p50 ms | p99 ms | failed |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        load = forms(pictures.files, Path(folder))
        for workers in WORKERS:
            with running(THIS, pictures.files[0], workers=workers) as server:
                drive(server.address, load, connections=32, seconds=1)
                for connections in CONNECTIONS:
                    seen = drive(server.address, load, connections=connections, seconds=seconds)
                    driven[workers, connections] = seen
                    print(
                        f"| {workers} | {connections} | {seen.rate:,.0f} | {seen.p50:.2f} | {seen.p99:.2f} "
                        f"| {seen.failed} |"
                    )
                    assert seen.failed == 0
    return driven


def draw(driven: dict[tuple[int, int], Driven]) -> None:
    """Draw requests a second against connections."""
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(6, 3.5), layout="constrained")
    for workers in WORKERS:
        rates = [driven[workers, connections].rate for connections in CONNECTIONS]
        axes.plot(CONNECTIONS, rates, marker="o", label=f"{workers} worker{'s' * (workers > 1)}")
    axes.set(xscale="log", xlabel="connections", ylabel="requests/s", ylim=(0, None))
    axes.set_xticks(CONNECTIONS, [str(connections) for connections in CONNECTIONS])
    axes.legend()
    figure.savefig(PLOT, dpi=120, metadata={"Software": None})


def _resident(server: Running) -> float:
    return sum(_megabytes((process / "status").read_text()) for process in server.processes())


def _megabytes(status: str) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) / 1000 if found else 0.0


if __name__ == "__main__":
    main()
