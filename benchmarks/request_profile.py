"""Where the time of a request goes: samples of one worker under 32 connections, by py-spy, put together by parts.

`python -m benchmarks.request_profile` (wrk must be installed; py-spy comes with the `bench` extra) prints a table and a
JSON line. py-spy may have to be run as root.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.digit_files import chosen_digits
from benchmarks.servers import THIS, running
from benchmarks.wrk import drive, forms

CONNECTIONS = 32
SAMPLES_PER_SECOND = 500
SPY = str(Path(sys.executable).with_name("py-spy"))

# A sample belongs to the part that its innermost function of these names is of; file names tell like names apart.
PARTS = {
    "forward pass in ONNX Runtime, shared by a batch": ("OnnxEngine.logits",),
    "resize and normalise, shared by a batch": ("to_input",),
    "calibration, rounding and the other parts of a prediction": ("Predictor.predict",),
    "collecting a batch and handing its predictions out": ("Batcher._turn", "Batcher.submit"),
    "decoding the PNG": ("decode_plain_png",),
    "canonical form": ("prepare ",),
    "reading the body and taking the form apart": ("read_one", "Budget.account", "Account."),
    "making the answer and its JSON": ("prediction_fields", "Direct._answer", "Service.answer"),
    "sending the answer": ("RequestResponseCycle.send", "GatheringTransport."),
    "layers of FastAPI and Starlette before the direct answer": ("FastAPI.__call__", "Starlette.__call__", "Direct."),
}
REST = "uvicorn and the event loop: HTTP parsing, tasks, waiting for sockets"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.request_profile", description=__doc__)
    parser.add_argument("--seconds", type=int, default=15)
    seconds = parser.parse_args().seconds
    shares = breakdown(seconds)
    print("| part | share |\n|---|---|")
    for part, share in sorted(shares.items(), key=lambda item: -item[1]):
        print(f"| {part} | {share:.0%} |")
    print(json.dumps({"benchmark": "breakdown", "shares": shares}))


def breakdown(seconds: int) -> dict[str, float]:
    """Return each part's share of the samples taken in so many seconds."""
    pictures = chosen_digits(64)
    with tempfile.TemporaryDirectory() as folder, running(THIS, pictures.files[0], workers=1) as server:
        load, samples = forms(pictures.files, Path(folder)), Path(folder) / "samples"
        rate, length = ["--rate", str(SAMPLES_PER_SECOND)], ["--duration", str(seconds)]
        where = ["--format", "raw", "--output", str(samples), "--pid", str(server.process.pid)]
        with subprocess.Popen([SPY, "record", *rate, *length, *where], stdout=subprocess.DEVNULL) as spy:
            drive(server.address, load, connections=CONNECTIONS, seconds=seconds + 2)
        assert spy.returncode == 0, "py-spy could not record"
        return shares_of(samples.read_text())


def shares_of(samples: str) -> dict[str, float]:
    """Return the parts' shares of py-spy's samples: lines of functions, outermost first, and a count."""
    counts: Counter[str] = Counter()
    for line in samples.splitlines():
        stack, _, count = line.rpartition(" ")
        counts[part_of(stack.split(";"))] += int(count)
    return {part: count / counts.total() for part, count in counts.items()}


def part_of(stack: list[str]) -> str:
    """Return the part that a stack of functions, outermost first, belongs to."""
    for function in reversed(stack):
        for part, names in PARTS.items():
            if function.startswith(names):
                return part
    return REST


if __name__ == "__main__":
    main()
