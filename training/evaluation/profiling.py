"""Profile of a network: size, operations, latency and correct predictions of its artifact, run by the serving code."""

import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from app.lenet.inference.predictor import Predictor
from app.lenet.network import artifact
from app.lenet.network.artifact import Artifact
from app.lenet.network.card import Card
from training.data.mnist import Digits

PASSES = 200
"""Number of forward passes; the latency is their median."""

_WARM_UP = 10
_BATCH = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkProfile:
    """The figures of one artifact.

    `megabytes`: size of the weights' file, in 10^6 bytes. `mflops`: 10^6 floating-point operations of convolutions and
    matrix products in the forward pass of one picture, where a multiplication with an addition counts as two.
    `milliseconds`: the latency of that pass on one CPU thread. `connected`: number of weights in fully connected
    layers. `correct`: which test digits are classified correctly, (N,) bool.
    """

    card: Card
    megabytes: float
    mflops: float
    milliseconds: float
    connected: int
    correct: Tensor

    @property
    def epoch_seconds(self) -> float:
        """The median time to train for one epoch, validation excluded."""
        return median(epoch.seconds for epoch in self.card.history)


def profile_network(path: Path, test: Digits, passes: int = PASSES) -> NetworkProfile:
    """Profile the artifact whose weights file is `path`; raises `ArtifactError` when it cannot be served."""
    loaded = artifact.load(path)
    predictor = Predictor(loaded, "cpu", "torch")  # only small networks have a graph for ONNX Runtime
    return NetworkProfile(
        card=loaded.card,
        megabytes=path.stat().st_size / 1e6,
        mflops=mflops(loaded),
        milliseconds=latency(predictor, passes),
        connected=sum(tensor.size for tensor in loaded.tensors.values() if tensor.ndim == 2),
        correct=correct_predictions(predictor, test),
    )


@torch.inference_mode()
def mflops(loaded: Artifact) -> float:
    """Return the millions of floating-point operations in the forward pass of one picture."""
    side = loaded.card.input.size
    with FlopCounterMode(display=False) as counter:
        loaded.build()(torch.zeros(1, 1, side, side))
    flops: int = counter.get_total_flops()
    return flops / 1e6


def latency(predictor: Predictor, passes: int = PASSES) -> float:
    """Return the milliseconds of a forward pass of one picture on one thread: the median of `passes`."""
    picture, threads = _one_picture(predictor), torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        seconds = [_seconds(predictor, picture) for _ in range(_WARM_UP + passes)]
    finally:
        torch.set_num_threads(threads)
    return 1000 * median(seconds[_WARM_UP:])


def correct_predictions(predictor: Predictor, test: Digits) -> Tensor:
    """Return which of the test digits are classified correctly: (N,) bool."""
    inputs = test.inputs(predictor.card.input).split(_BATCH)
    return torch.cat([torch.from_numpy(predictor.logits(batch.numpy()).argmax(1)) for batch in inputs]) == test.labels


def _seconds(predictor: Predictor, picture: NDArray[np.float32]) -> float:
    started = time.perf_counter()
    predictor.logits(picture)
    return time.perf_counter() - started


def _one_picture(predictor: Predictor) -> NDArray[np.float32]:
    side = predictor.card.input.size
    return np.zeros((1, 1, side, side), np.float32)
