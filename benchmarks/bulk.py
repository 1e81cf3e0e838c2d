"""Rate of `lenet bulk`, against a plain process pool over the same function, and against size and cores.

`python -m benchmarks.bulk` times whole processes, from the start of Python to the last file written. Pool and command
alternate, and the ratio is the median over the rounds. Then it times growing tables and one worker or two, and the
scoring function alone at growing batch sizes. It prints tables and a JSON line and draws docs/explanation/bulk.png.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib as mpl
import pyarrow as pa
import pyarrow.parquet as pq

from app.bulk.scorer import Scorer
from app.settings import Settings
from benchmarks.digit_files import first_digits
from benchmarks.input_pipeline import encoded, photographed

PLOT = Path(__file__).parent.parent / "docs" / "explanation" / "bulk.png"
AIMS = {"Parquet": 0.8, "small files": 0.6, "photos": 0.8}
WORKERS = 2
BATCHES = (1, 4, 16, 64, 256, 1024)


def main() -> None:
    """Measure, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="pictures of the comparison with a pool")
    parser.add_argument("--photos", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    arguments = parser.parse_args()
    os.environ["LENET_DEVICE"] = "cpu"
    digits = first_digits(200).files
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        archives = {
            "Parquet": table(folder / "rows.parquet", digits, arguments.rows),
            "small files": files(folder / "files", digits, arguments.rows),
            "photos": files(folder / "photos", (encoded(photographed(1000, 1000), "JPEG"),), arguments.photos),
        }
        compared: list[dict[str, Any]] = [
            {"archive": name, "aim": AIMS[name], **compare(archive, folder, arguments.rounds)}
            for name, archive in archives.items()
        ]
        print("| archive | bulk s | pool s | ratio of rates | aim | bulk CPU s | pool CPU s | ratio |")
        print("|---|---|---|---|---|---|---|---|")
        line = "| {archive} | {bulk_wall:.1f} | {pool_wall:.1f} | {wall_ratio:.2f} | {aim} "
        line += "| {bulk_cpu:.1f} | {pool_cpu:.1f} | {cpu_ratio:.2f} |"
        for row in compared:
            print(line.format(**row), flush=True)
        grown: list[dict[str, Any]] = [
            {"rows": rows, "workers": workers} | grow(folder, digits, rows, workers)
            for rows in arguments.sizes
            for workers in (1, WORKERS)
        ]
    print("\n| rows | workers | s | pictures/s | CPU us each |\n|---|---|---|---|---|")
    for row in grown:
        rate, each = row["rows"] / row["seconds"], row["cpu"] / row["rows"]
        print(f"| {row['rows']:,} | {row['workers']} | {row['seconds']:.1f} | {rate:,.0f} | {each * 1e6:.0f} |")
    batches = {size: cost_of_batches(digits, size) for size in BATCHES}
    print("\n| pictures of a forward pass | CPU us each |\n|---|---|")
    for size, each in batches.items():
        print(f"| {size} | {each * 1e6:.1f} |")
    print(json.dumps({"benchmark": "bulk", "compared": compared, "grown": grown, "batches": batches}))
    draw(grown, batches)


def table(path: Path, pictures: tuple[bytes, ...], rows: int) -> Path:
    """Write a Parquet file of so many rows, in row groups of the size that DuckDB writes, and return its path."""
    schema = pa.schema({"id": pa.int64(), "image": pa.binary()})
    with pq.ParquetWriter(path, schema, use_dictionary=False) as writer:  # few pictures, in many copies
        for start in range(0, rows, 122_880):
            ids = range(start, min(start + 122_880, rows))
            writer.write_table(pa.table([list(ids), [pictures[row % len(pictures)] for row in ids]], schema=schema))
    return path


def files(folder: Path, pictures: tuple[bytes, ...], count: int) -> Path:
    """Write so many files, and return their folder."""
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:07}.bin").write_bytes(pictures[number % len(pictures)])
    return folder


def compare(archive: Path, scratch: Path, rounds: int) -> dict[str, float]:
    """Return the medians of wall and CPU seconds of command and pool, and those of the ratios of their rates."""
    target = scratch / "answers"
    commands = {
        "bulk": [sys.executable, "-m", "app", "bulk", str(archive), str(target)],
        "pool": [sys.executable, "-m", "benchmarks.peers.pool", str(archive), str(target), str(WORKERS)],
    }
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            found[name].append(run(command, target, WORKERS))
    row: dict[str, float] = {}
    for at, kind in enumerate(("wall", "cpu")):
        seconds = {name: [times[at] for times in every] for name, every in found.items()}
        row |= {f"{name}_{kind}": median(every) for name, every in seconds.items()}
        row[f"{kind}_ratio"] = median(pool / bulk for pool, bulk in zip(seconds["pool"], seconds["bulk"], strict=True))
    return row


def grow(scratch: Path, pictures: tuple[bytes, ...], rows: int, workers: int) -> dict[str, float]:
    """Return the wall and the CPU seconds that a Parquet file of so many rows takes."""
    path, target = scratch / "grown.parquet", scratch / "answers"
    table(path, pictures, rows)
    seconds, cpu = run([sys.executable, "-m", "app", "bulk", str(path), str(target)], target, workers)
    return {"seconds": seconds, "cpu": cpu}


def run(command: list[str], target: Path, workers: int) -> tuple[float, float]:
    """Return the wall and the CPU seconds that a command and its children take; remove what it has written."""
    started, before = time.perf_counter(), os.times()
    subprocess.run(command, env=os.environ | {"LENET_WORKERS": str(workers)}, check=True, capture_output=True)
    seconds, after = time.perf_counter() - started, os.times()
    shutil.rmtree(target) if target.is_dir() else target.unlink()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, cpu


def cost_of_batches(pictures: tuple[bytes, ...], size: int) -> float:
    """Return the CPU seconds for each picture that the scoring function takes in this process, best of five."""
    scorer = Scorer(Settings(workers=WORKERS), reads=False)
    many = [pictures[number % len(pictures)] for number in range(2048)]
    return (
        min(seconds_of(lambda: [scorer.score(many[at : at + size]) for at in range(0, 2048, size)]) for _ in range(5))
        / 2048
    )


def seconds_of(call: Callable[[], object]) -> float:
    """Return the CPU seconds that a call takes."""
    started = time.process_time()
    call()
    return time.process_time() - started


def draw(grown: list[dict[str, Any]], batches: dict[int, float]) -> None:
    """Plot the rate against size and workers, and the cost of a picture against the batch size."""
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, (rate, cost, right) = plt.subplots(1, 3, figsize=(12, 3.5), layout="constrained")
    for workers in (1, WORKERS):
        rows = [row for row in grown if row["workers"] == workers]
        sizes, label = [row["rows"] for row in rows], f"{workers} worker{'s' * (workers > 1)}"
        rate.plot(sizes, [row["rows"] / row["seconds"] for row in rows], marker="o", label=label)
        cost.plot(sizes, [row["cpu"] / row["rows"] * 1e6 for row in rows], marker="o", label=label)
    rate.set(xscale="log", xlabel="rows of Parquet", ylabel="pictures/s, whole process", ylim=(0, None))
    cost.set(xscale="log", xlabel="rows of Parquet", ylabel="CPU us for each picture", ylim=(0, None))
    rate.legend()
    right.plot(list(batches), [each * 1e6 for each in batches.values()], marker="o")
    right.set(xscale="log", xlabel="pictures of a forward pass", ylabel="CPU us for each picture", ylim=(0, None))
    right.set_xticks(BATCHES, [str(size) for size in BATCHES])
    figure.savefig(PLOT, dpi=120, metadata={"Software": None})


if __name__ == "__main__":
    main()
