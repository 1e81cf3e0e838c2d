"""Engines for the forward pass on a CPU: time for 1, 8 and 32 pictures on one thread, and predictions that change.

`python -m benchmarks.engines` compares eager torch, frozen TorchScript, torch.compile (which needs a C++ compiler),
ONNX Runtime, and ONNX Runtime with 8-bit weights and activations, calibrated on 500 training digits. "First answer" is
the time from the loaded artifact to the first prediction, including calibration but not imports. It prints a table and
a JSON line.
"""

import json
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import numpy as np
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import nn

from app.lenet.network import artifact
from app.lenet.network.artifact import Artifact
from app.lenet.network.engines import OnnxEngine
from app.lenet.network.onnx_runtime import onnxruntime
from training.data.mnist import Digits, load_mnist

EAGER = "eager torch"
SIZES = (1, 8, 32)
PASSES = 300
CALIBRATED_ON = 500

Forward = Callable[[NDArray[np.float32]], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class EngineTiming:
    """An engine's seconds to its first answer, microseconds by number of pictures, and changed predictions."""

    engine: str
    first_seconds: float
    microseconds: dict[int, float]
    changed: int


class CalibrationDigits(CalibrationDataReader):  # type: ignore[misc,unused-ignore]
    """Gives ONNX Runtime's quantisation one digit at a time."""

    def __init__(self, inputs: NDArray[np.float32]) -> None:
        """Start with the first digit."""
        self._rest: Iterator[NDArray[np.float32]] = iter(inputs)

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        """Return the next digit as a batch of one, or None after the last."""
        one = next(self._rest, None)
        return None if one is None else {"pictures": one[None]}


def main() -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", category=DeprecationWarning)  # TorchScript is deprecated
    loaded = artifact.load(artifact.find("robust", [artifact.SHIPPED]))
    mnist = load_mnist(Path("data"))
    calibration = Digits(mnist.train.images[:CALIBRATED_ON], mnist.train.labels[:CALIBRATED_ON])
    inputs = mnist.test.inputs(loaded.card.input).numpy()
    makers: dict[str, Callable[[], Forward]] = {
        EAGER: lambda: eager(loaded),
        "`torch.jit.freeze`": lambda: frozen(loaded),
        "`torch.compile`": lambda: compiled(loaded),
        "ONNX Runtime": lambda: onnx_runtime(loaded),
        "ONNX Runtime, 8 bits": lambda: quantised(loaded, calibration.inputs(loaded.card.input).numpy()),
    }
    ready = {name: first_answer(make, inputs[:1]) for name, make in makers.items()}
    expected = predictions(ready[EAGER][0], inputs)
    measured = [
        EngineTiming(
            name,
            first_seconds,
            {size: microseconds(forward, inputs[:size]) for size in SIZES},
            changed=int((predictions(forward, inputs) != expected).sum()),
        )
        for name, (forward, first_seconds) in ready.items()
    ]
    print("| engine | first answer, s | 1 picture, us | 8 | 32 | changed of 10,000 |\n|---|---|---|---|---|---|")
    for one in measured:
        times = " | ".join(f"{one.microseconds[size]:,.0f}" for size in SIZES)
        print(f"| {one.engine} | {one.first_seconds:.2f} | {times} | {one.changed} |")
    print(json.dumps({"benchmark": "engines", "engines": [asdict(one) for one in measured]}))


def first_answer(make: Callable[[], Forward], picture: NDArray[np.float32]) -> tuple[Forward, float]:
    """Return an engine and the seconds until its first prediction."""
    started = time.perf_counter()
    forward = make()
    forward(picture)
    return forward, time.perf_counter() - started


def microseconds(forward: Forward, batch: NDArray[np.float32]) -> float:
    """Return the median time of a forward pass."""
    for _ in range(PASSES // 10):
        forward(batch)
    seconds = []
    for _ in range(PASSES):
        started = time.perf_counter()
        forward(batch)
        seconds.append(time.perf_counter() - started)
    return median(seconds) * 1e6


def predictions(forward: Forward, inputs: NDArray[np.float32]) -> NDArray[np.intp]:
    """Return the predicted digits, computed in batches of the largest timed size."""
    batches = (inputs[at : at + SIZES[-1]] for at in range(0, len(inputs), SIZES[-1]))
    return np.concatenate([forward(batch).argmax(1) for batch in batches])


def eager(loaded: Artifact) -> Forward:
    """Return the module in eager mode."""
    return _forward(loaded.build())


def frozen(loaded: Artifact) -> Forward:
    """Return the traced and frozen module."""
    side = loaded.card.input.size
    traced = torch.jit.trace(loaded.build(), torch.zeros(1, 1, side, side))
    return _forward(torch.jit.freeze(traced))


def compiled(loaded: Artifact) -> Forward:
    """Return the module compiled for any batch size."""
    return _forward(torch.compile(loaded.build(), dynamic=True))


def onnx_runtime(loaded: Artifact) -> Forward:
    """Return the engine that the service uses."""
    return OnnxEngine(loaded, 1).logits  # type: ignore[return-value]


def quantised(loaded: Artifact, calibration: NDArray[np.float32]) -> Forward:
    """Return the graph quantised to 8 bits."""
    with tempfile.TemporaryDirectory() as folder:
        plain, prepared, small = (str(Path(folder) / f"{name}.onnx") for name in ("plain", "prepared", "small"))
        Path(plain).write_bytes(loaded.graph())
        quant_pre_process(plain, prepared)
        quantize_static(prepared, small, CalibrationDigits(calibration), quant_format=QuantFormat.QDQ, per_channel=True)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(small, options, providers=["CPUExecutionProvider"])

    def forward(batch: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(session.run(None, {"pictures": batch})[0])

    return forward


def _forward(module: nn.Module | Callable[[torch.Tensor], torch.Tensor]) -> Forward:
    def forward(batch: NDArray[np.float32]) -> NDArray[np.float32]:
        with torch.inference_mode():
            return np.asarray(module(torch.from_numpy(batch)).numpy())

    return forward


if __name__ == "__main__":
    main()
