"""Where the time of a request goes: samples of one worker under 32 connections, taken by py-spy, by part of the code.

`python -m benchmarks.request_profile` prints a table and a JSON line. wrk must be installed; py-spy comes with the
`bench` extra, and some systems let only root use it.
"""

import argparse
import json
import pkgutil
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.digit_files import first_digits
from benchmarks.servers import THIS, run_server
from benchmarks.wrk import forms, run_wrk

CONNECTIONS = 32
SAMPLES_PER_SECOND = 500
SPY = str(Path(sys.executable).with_name("py-spy"))

# A sample belongs to the part of its innermost function that the table names: by package, by module, or by
# "module:function". Where two parts name a function, the first counts.
PARTS = {
    "forward pass in ONNX Runtime, shared by a batch": ("app.lenet.network.engines",),
    "resize and normalise, shared by a batch": ("app.lenet.inference.input_tensor",),
    "calibration, rounding and the other parts of a prediction": (
        "app.lenet.inference.answer",
        "app.lenet.inference.calibration",
        "app.lenet.inference.predictor",
    ),
    "collecting a batch and distributing its predictions": ("app.runtime.micro_batching",),
    "decoding the PNG": ("app.lenet.decoding",),
    "canonical form": ("app.lenet.canonical", "app.lenet.inference.preprocessing"),
    "receiving the body and parsing the form": ("app.uploads", "app.runtime.memory_budget"),
    "making the answer and its JSON": ("app.api", "app.layers.fast_path", "app.service"),
    "sending the answer": (
        "app.runtime.gathering_transport",
        "uvicorn.protocols.http.httptools_impl:RequestResponseCycle.send",
    ),
    "layers of FastAPI and Starlette before the fast path": (
        "app.layers",
        "fastapi.applications:FastAPI.__call__",
        "starlette.applications:Starlette.__call__",
        "starlette.middleware.errors",
    ),
}
REST = "uvicorn and the event loop: HTTP parsing, tasks, waiting for sockets"

_FRAME = re.compile(r"(?P<function>.+) \((?P<file>.+?)(:\d+)?\)")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.request_profile", description=__doc__)
    parser.add_argument("--seconds", type=int, default=15)
    seconds = parser.parse_args().seconds
    check_parts()
    shares = profile_requests(seconds)
    print("| part | share |\n|---|---|")
    for part, share in sorted(shares.items(), key=lambda item: -item[1]):
        print(f"| {part} | {share:.0%} |")
    print(json.dumps({"benchmark": "request_profile", "shares": shares}))


def check_parts() -> None:
    """Raise `ImportError` or `AttributeError` when the table names code that no longer exists."""
    for names in PARTS.values():
        for name in names:
            pkgutil.resolve_name(name if ":" in name else f"{name}:")


def profile_requests(seconds: int) -> dict[str, float]:
    """Return each part's share of the samples that py-spy takes in so many seconds."""
    digits = first_digits(64)
    with tempfile.TemporaryDirectory() as folder, run_server(THIS, digits.files[0], workers=1) as server:
        load, samples = forms(digits.files, Path(folder)), Path(folder) / "samples"
        rate, length = ["--rate", str(SAMPLES_PER_SECOND)], ["--duration", str(seconds)]
        where = ["--format", "raw", "--output", str(samples), "--pid", str(server.process.pid)]
        with subprocess.Popen([SPY, "record", *rate, *length, *where], stdout=subprocess.DEVNULL) as spy:
            run_wrk(server.address, load, connections=CONNECTIONS, seconds=seconds + 2)
        assert spy.returncode == 0, "py-spy could not record"
        return shares_of(samples.read_text())


def shares_of(samples: str) -> dict[str, float]:
    """Return the parts' shares of py-spy's samples: each line has a stack of frames, outermost first, and a count."""
    counts: Counter[str] = Counter()
    for line in samples.splitlines():
        stack, _, count = line.rpartition(" ")
        counts[part_of(stack.split(";"))] += int(count)
    return {part: count / counts.total() for part, count in counts.items()}


def part_of(stack: list[str]) -> str:
    """Return the part that a stack of frames, outermost first, belongs to."""
    for frame in reversed(stack):
        for part, names in PARTS.items():
            if any(_is_in(frame, name) for name in names):
                return part
    return REST


def _is_in(frame: str, name: str) -> bool:
    """Return whether a frame, "function (file:line)", runs code of the package, module or function `name`."""
    found = _FRAME.fullmatch(frame)
    if not found:
        return False
    module, _, function = name.partition(":")
    path, file = f"/{module.replace('.', '/')}", f"/{found['file']}"
    in_module = file.endswith(f"{path}.py") or f"{path}/" in file
    return in_module and (not function or f"{found['function']}.".startswith(f"{function}."))


if __name__ == "__main__":
    main()
