"""`python -m benchmarks.fit_speed`: the notebook's way and our command, the same fit on the same machine in one run.

Each is measured as a whole process, imports included; ours exports an artifact and writes a report besides.
The notebook's way is measured twice: as it is, and with OMP_WAIT_POLICY=PASSIVE. OpenMP's threads otherwise wait for
each other by spinning, on the processors that the loading processes need, and on a machine of few processors that
alone can cost it several times its time; the second figure is the fairer one to compare with.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from app.lenet.network import artifact
from training.data.mnist import load_mnist


@dataclass(frozen=True, slots=True)
class Measured:
    """One way to fit: time by the clock, time of all processors together, and the figures of its last epoch."""

    way: str
    seconds: float
    cpu_seconds: float
    train_loss: float
    train_accuracy: float
    valid_loss: float
    valid_accuracy: float
    macro_f1: float


def main() -> None:
    """Measure both ways and print a Markdown table and a JSON line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fit_speed", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("data"), help="folder of MNIST, fetched when missing")
    parser.add_argument("--epochs", type=int, default=5, help="number of epochs of each (default: 5)")
    options = parser.parse_args()
    load_mnist(options.data)  # fetching is no part of what is measured
    load = os.getloadavg()[0]
    passive = _notebook_way("the notebook's, OpenMP passive", options, os.environ | {"OMP_WAIT_POLICY": "PASSIVE"})
    ours = _our_way(options)
    as_it_is = _notebook_way("the notebook's", options, os.environ)
    print(_table([as_it_is, passive, ours]))
    print(
        json.dumps(
            {
                "benchmark": "training",
                "epochs": options.epochs,
                "ratio": as_it_is.seconds / ours.seconds,
                "ratio_passive": passive.seconds / ours.seconds,
                "ways": [asdict(way) for way in (as_it_is, passive, ours)],
                "processors": os.cpu_count(),
                "load_before": load,
                "load_after": os.getloadavg()[0],
                "machine": platform.machine(),
                "python": platform.python_version(),
                "torch": torch.__version__,
            }
        )
    )


def _notebook_way(way: str, options: argparse.Namespace, environment: Mapping[str, str]) -> Measured:
    command = ["benchmarks.notebook_fit", "--data", str(options.data), "--epochs", str(options.epochs)]
    seconds, cpu_seconds, printed = _run(command, environment)
    figures: dict[str, float] = json.loads(printed.splitlines()[-1])
    return Measured(way, seconds, cpu_seconds, **figures)


def _our_way(options: argparse.Namespace) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        command = ["training", "fit", "--device", "cpu", "--epochs", str(options.epochs), "--data", str(options.data)]
        where = ["--out", f"{folder}/artifacts", "--reports", f"{folder}/reports"]
        seconds, cpu_seconds, _ = _run([*command, *where], os.environ)
        last = artifact.load_card(Path(folder) / "artifacts" / "notebook.safetensors").history[-1]
    return Measured(
        "`python -m training fit`",
        seconds,
        cpu_seconds,
        train_loss=last.train_loss,
        train_accuracy=last.train_accuracy,
        valid_loss=last.valid_loss,
        valid_accuracy=last.valid_accuracy,
        macro_f1=last.valid_macro_f1,
    )


def _run(module: Sequence[str], environment: Mapping[str, str]) -> tuple[float, float, str]:
    """Run a module as a process of its own; return its seconds, its and its children's CPU seconds, and its output."""
    before, started = _children_cpu_seconds(), time.perf_counter()
    command = [sys.executable, "-m", *module]
    ended = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    return time.perf_counter() - started, _children_cpu_seconds() - before, ended.stdout


def _children_cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _table(ways: Sequence[Measured]) -> str:
    first = ways[0].seconds
    rows = [
        f"| {w.way} | {w.seconds:.1f} | {w.cpu_seconds:.1f} | {first / w.seconds:.2f} | {w.train_loss:.4f} "
        f"| {w.train_accuracy:.4f} | {w.valid_loss:.5f} | {w.valid_accuracy:.6f} | {w.macro_f1:.5f} |"
        for w in ways
    ]
    figures = "train loss | train acc | valid loss | valid acc | macro-F1"
    return "\n".join([f"| way | seconds | CPU seconds | times as fast | {figures} |", "|---" * 9 + "|", *rows])


if __name__ == "__main__":
    main()
