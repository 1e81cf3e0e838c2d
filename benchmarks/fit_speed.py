"""Speed of the fit: the notebook's code against `python -m training fit`, the same fit on the same machine in one run.

`python -m benchmarks.fit_speed` measures each as a whole process, imports included. The command also exports an
artifact and writes a report. The notebook's code is measured twice: without changes and with OMP_WAIT_POLICY=PASSIVE.
By default, OpenMP's threads spin while they wait, on the processors that the data loader's processes need. With few
processors that alone can take several times as long, so the second figure is the fairer comparison.
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
class FitTiming:
    """One way to fit: wall-clock time, CPU time, and the figures of the last epoch."""

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
    parser.add_argument("--data", type=Path, default=Path("data"), help="folder of MNIST, downloaded if missing")
    parser.add_argument("--epochs", type=int, default=5, help="number of epochs (default: 5)")
    options = parser.parse_args()
    load_mnist(options.data)  # the download is not measured
    load = os.getloadavg()[0]
    passive = _time_notebook("notebook, OpenMP passive", options, os.environ | {"OMP_WAIT_POLICY": "PASSIVE"})
    command = _time_command(options)
    unchanged = _time_notebook("notebook", options, os.environ)
    print(_table([unchanged, passive, command]))
    print(
        json.dumps(
            {
                "benchmark": "fit_speed",
                "epochs": options.epochs,
                "ratio": unchanged.seconds / command.seconds,
                "ratio_passive": passive.seconds / command.seconds,
                "ways": [asdict(way) for way in (unchanged, passive, command)],
                "processors": os.cpu_count(),
                "load_before": load,
                "load_after": os.getloadavg()[0],
                "machine": platform.machine(),
                "python": platform.python_version(),
                "torch": torch.__version__,
            }
        )
    )


def _time_notebook(way: str, options: argparse.Namespace, environment: Mapping[str, str]) -> FitTiming:
    command = ["benchmarks.notebook_fit", "--data", str(options.data), "--epochs", str(options.epochs)]
    seconds, cpu_seconds, printed = _run(command, environment)
    figures: dict[str, float] = json.loads(printed.splitlines()[-1])
    return FitTiming(way, seconds, cpu_seconds, **figures)


def _time_command(options: argparse.Namespace) -> FitTiming:
    with tempfile.TemporaryDirectory() as folder:
        command = ["training", "fit", "--device", "cpu", "--epochs", str(options.epochs), "--data", str(options.data)]
        where = ["--out", f"{folder}/artifacts", "--reports", f"{folder}/reports"]
        seconds, cpu_seconds, _ = _run([*command, *where], os.environ)
        last = artifact.load_card(Path(folder) / "artifacts" / "notebook.safetensors").history[-1]
    return FitTiming(
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
    """Run a module in a new process; return its seconds, its CPU seconds with its children's, and its output."""
    before, started = _children_cpu_seconds(), time.perf_counter()
    command = [sys.executable, "-m", *module]
    ended = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    return time.perf_counter() - started, _children_cpu_seconds() - before, ended.stdout


def _children_cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _table(ways: Sequence[FitTiming]) -> str:
    first = ways[0].seconds
    rows = [
        f"| {w.way} | {w.seconds:.1f} | {w.cpu_seconds:.1f} | {first / w.seconds:.2f} | {w.train_loss:.4f} "
        f"| {w.train_accuracy:.4f} | {w.valid_loss:.5f} | {w.valid_accuracy:.6f} | {w.macro_f1:.5f} |"
        for w in ways
    ]
    figures = "train loss | train acc | valid loss | valid acc | macro-F1"
    return "\n".join([f"| way | seconds | CPU seconds | speed-up | {figures} |", "|---" * 9 + "|", *rows])


if __name__ == "__main__":
    main()
