"""Footprint of the service: time to the first correct answer, memory per worker, and scaling with connections.

`python -m benchmarks.footprint` compares a cold start and a worker's memory with a process that only imports torch. It
compares the memory before and after 100,000 requests, and sends requests to 1 and 2 workers over 1 to 512 connections.
It prints tables and a JSON line and draws the scaling to docs/explanation/performance.png. Linux only; needs wrk.
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

from benchmarks.digit_files import DigitFiles, first_digits
from benchmarks.servers import ROOT, THIS, RunningServer, post, run_server
from benchmarks.wrk import WrkResult, forms, run_wrk

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
    parser.add_argument("--requests", type=int, default=REQUESTS, help="requests between the two memory readings")
    parser.add_argument("--seconds", type=int, default=4, help="seconds for each cell of the scaling table")
    options = parser.parse_args()
    pictures = first_digits(64)
    record = {"benchmark": "footprint"} | cold_start(pictures) | memory(pictures, options.requests)
    results = scaling(pictures, options.seconds)
    draw(results)
    cells = [{"workers": w, "connections": c, "rate": d.rate, "p99": d.p99} for (w, c), d in results.items()]
    print(json.dumps(record | {"scaling": cells}))


def cold_start(pictures: DigitFiles) -> dict[str, float]:
    """Return the seconds to the first correct answer and of `import torch`: medians of five, after a warm-up."""
    service, torch = [], []
    for _ in range(6):
        with run_server(THIS, pictures.files[0], workers=1) as started:
            service.append(started.start_seconds)
            assert post(started.address, pictures.files[0]).json()["digit"] == pictures.labels[0]
        before = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import torch"], check=True)
        torch.append(time.perf_counter() - before)
    seconds = {"start_seconds": median(service[1:]), "import_torch_seconds": median(torch[1:])}
    print("| seconds to the first correct answer | `import torch` | ratio |\n|---|---|---|")
    print("| {:.2f} | {:.2f} | {:.2f} |\n".format(*seconds.values(), median(service[1:]) / median(torch[1:])))
    return seconds


def memory(pictures: DigitFiles, requests: int) -> dict[str, float]:
    """Return the resident megabytes of a worker before and after many requests, and of `import torch`."""
    status = subprocess.run([sys.executable, "-c", IMPORT_TORCH], check=True, capture_output=True, text=True).stdout
    found = {"import_torch_mb": _megabytes(status)}
    with tempfile.TemporaryDirectory() as folder, run_server(THIS, pictures.files[0], workers=1) as server:
        load = forms(pictures.files, Path(folder))
        run_wrk(server.address, load, connections=32, seconds=2)
        found["first_mb"] = _resident(server)
        sent = 0
        while sent < requests:
            sent += run_wrk(server.address, load, connections=32, seconds=10).requests
        found["last_mb"] = _resident(server)
    print(f"| MB resident, first | after {sent:,} requests | `import torch` |\n|---|---|---|")
    print(f"| {found['first_mb']:.0f} | {found['last_mb']:.0f} | {found['import_torch_mb']:.0f} |\n")
    return found


def scaling(pictures: DigitFiles, seconds: int) -> dict[tuple[int, int], WrkResult]:
    """Return wrk's result for each number of workers and connections; raises `AssertionError` if a request failed."""
    results = {}
    print("| workers | connections | requests/s | p50 ms | p99 ms | failed |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        load = forms(pictures.files, Path(folder))
        for workers in WORKERS:
            with run_server(THIS, pictures.files[0], workers=workers) as server:
                run_wrk(server.address, load, connections=32, seconds=1)
                for connections in CONNECTIONS:
                    result = run_wrk(server.address, load, connections=connections, seconds=seconds)
                    results[workers, connections] = result
                    print(
                        f"| {workers} | {connections} | {result.rate:,.0f} | {result.p50:.2f} | {result.p99:.2f} "
                        f"| {result.failed} |"
                    )
                    assert result.failed == 0
    return results


def draw(results: dict[tuple[int, int], WrkResult]) -> None:
    """Plot requests per second against connections."""
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(6, 3.5), layout="constrained")
    for workers in WORKERS:
        rates = [results[workers, connections].rate for connections in CONNECTIONS]
        axes.plot(CONNECTIONS, rates, marker="o", label=f"{workers} worker{'s' * (workers > 1)}")
    axes.set(xscale="log", xlabel="connections", ylabel="requests/s", ylim=(0, None))
    axes.set_xticks(CONNECTIONS, [str(connections) for connections in CONNECTIONS])
    axes.legend()
    figure.savefig(PLOT, dpi=120, metadata={"Software": None})


def _resident(server: RunningServer) -> float:
    return sum(_megabytes((process / "status").read_text()) for process in server.processes())


def _megabytes(status: str) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) / 1000 if found else 0.0


if __name__ == "__main__":
    main()
