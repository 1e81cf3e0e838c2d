"""Engines compute logits: torch on any device, or ONNX Runtime on the CPU, behind one small interface."""

import logging
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from app.lenet.network.artifact import Artifact
from app.lenet.network.devices import (
    TORCH_REMEDY,
    accelerator_possible,
    accelerator_present,
    installed,
    select_device,
    torch_installed,
)
from app.lenet.vocabulary import EngineName

if TYPE_CHECKING:
    import torch

logger = logging.getLogger(__name__)

SMALL_NETWORK = 1_000_000
"""Parameters up to which a forward pass on the CPU takes less time than handing it to another thread."""

AT_ONCE = 64
"""Pictures in one run of the graph. ONNX Runtime keeps the memory of its largest run: 330 MB for 2,048 pictures. Runs
of so few take a third less time."""


class EngineError(RuntimeError):
    """An engine was named and cannot run this artifact here."""


class Engine(Protocol):
    """Loaded weights; safe to call from several threads. `device` is cpu, cuda or mps."""

    name: str
    device: str

    def logits(self, batch: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return (N, classes) logits of a (N, 1, size, size) batch."""
        ...


class TorchEngine:
    """The artifact's module in eager torch."""

    name = "torch"

    def __init__(self, artifact: Artifact, device: "torch.device", threads: int | None) -> None:
        """Build the network and move it to the device; raises `ArtifactError` when the tensors do not fit it.

        `threads` holds for everything that torch does in this process.
        """
        import torch

        if threads:
            torch.set_num_threads(threads)
        self.device = str(device)
        self._module = artifact.build().to(device)

    def logits(self, batch: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return (N, classes) logits of a (N, 1, size, size) batch."""
        import torch

        with torch.inference_mode():
            logits: torch.Tensor = self._module(torch.from_numpy(batch).to(self.device))
            return np.asarray(logits.cpu().double().numpy())


class OnnxEngine:
    """The artifact's ONNX graph in ONNX Runtime, on the CPU."""

    name = "onnx"
    device = "cpu"

    def __init__(self, artifact: Artifact, threads: int | None) -> None:
        """Load the graph, to run on `threads` threads; raises `ArtifactError` or `EngineError` when that fails.

        A small network runs on one: waking the others would take longer than the computation.
        """
        if not installed("onnxruntime"):
            raise EngineError("the onnx engine needs the package onnxruntime, which is not installed")
        from app.lenet.network.onnx_runtime import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1 if artifact.card.parameters <= SMALL_NETWORK else threads or 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # other workers need the cores
        self._session = onnxruntime.InferenceSession(artifact.graph(), options, providers=["CPUExecutionProvider"])

    def logits(self, batch: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return (N, classes) logits of a (N, 1, size, size) batch."""
        if len(batch) > AT_ONCE:
            return np.concatenate([self.logits(batch[at : at + AT_ONCE]) for at in range(0, len(batch), AT_ONCE)])
        [logits] = self._session.run(None, {"pictures": batch})
        return np.asarray(logits, np.float64)


def load_engine(
    artifact: Artifact, name: EngineName, device: "torch.device | str", threads: int | None = None
) -> Engine:
    """Return the engine called `name`; `auto` is onnx on the CPU where the artifact has a graph, else torch.

    Imports torch, which takes seconds and much memory, only to run it or to look for an accelerator.
    Raises `ArtifactError`, `DeviceError` or `EngineError` when that engine cannot run the artifact on that device.
    """
    wanted = str(device)
    if name == "onnx":
        if wanted not in ("auto", "cpu"):
            raise EngineError(f"the onnx engine computes on the cpu, not on {wanted}")
        return OnnxEngine(artifact, threads)
    if name == "auto" and artifact.card.onnx_sha256 and installed("onnxruntime"):
        if wanted == "auto" and accelerator_possible():
            wanted = str(select_device("auto"))
        elif wanted == "auto" and accelerator_present() and not torch_installed():
            logger.info("if there is an accelerator, torch could use it, but it is not installed; %s", TORCH_REMEDY)
        if wanted in ("auto", "cpu"):
            return OnnxEngine(artifact, threads)
    if wanted in ("auto", "cpu") and not torch_installed():
        raise EngineError(f"the torch engine needs torch, which is not installed; {TORCH_REMEDY}")
    return TorchEngine(artifact, select_device(wanted), threads)
