"""Standalone files: the served model as one ONNX or PT2 file with normalisation, metadata and a check of its answers.

The graph takes resized grey pixels, (N, 1, size, size) uint8 with light ink on black, and returns logits and calibrated
probabilities. Scaling and normalisation are part of the graph, because their constants belong to the weights. The input
is uint8, because that cannot be mistaken for scaled values. The resize is not part of it, because no runtime's resize
equals Pillow's to the grey level. Nor is the canonical form, which is not tensor code.
"""

import io
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, cast, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram
from torch.onnx import ONNXProgram

from app.lenet.image_types import GreyImage
from app.lenet.inference.calibration import calibrated
from app.lenet.inference.input_tensor import normalise, resize_squares, standardise
from app.lenet.inference.predictor import Predictor
from app.lenet.network.artifact import Artifact
from app.lenet.network.card import Card
from training.data.mnist import Digits

Format = Literal["onnx", "pt2"]
FORMATS: tuple[Format, ...] = get_args(Format)

OPSET = 18
"""Version of ONNX's operators: the default of torch's exporter, which old runtimes read too."""

METADATA_FILE = "metadata.json"
"""The extra file with the metadata in a PT2 archive."""

TOLERANCE = 1e-3
"""Largest difference of a logit or a probability. Another order of summation gives millionths, an error tenths."""

_PIXELS, _BATCH, _OUTPUTS = "pixels", "batch", ("logits", "probabilities")
_BATCH_SIZE = 500

_PACKAGES: dict[Format, tuple[str, ...]] = {"onnx": ("onnx", "onnxruntime", "onnxscript"), "pt2": ()}

Outputs = NDArray[np.float32]
Inference = Callable[[GreyImage], tuple[Outputs, Outputs]]


class StandaloneError(Exception):
    """A standalone file cannot be made or does not answer as its artifact; the message says why in one sentence."""


@dataclass(frozen=True, slots=True)
class StandaloneFile:
    """A checked file: its path, and the largest difference of its logits from the artifact's."""

    path: Path
    difference: float


class ServedModel(nn.Module):
    """The service's computation on resized pictures: (N, 1, size, size) uint8 -> logits, calibrated probabilities."""

    def __init__(self, artifact: Artifact) -> None:
        """Build the network; raises `ArtifactError` if it cannot be built."""
        super().__init__()
        self.network = artifact.build()
        calibration = artifact.card.calibration
        self.input, self.temperature = artifact.card.input, calibration.temperature if calibration else 1.0

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits and probabilities, each (N, classes) float32."""
        logits = self.network(standardise(pixels.float().div_(255), self.input))
        return logits, (logits / self.temperature).softmax(dim=1)


def card_metadata(card: Card) -> dict[str, object]:
    """Return what users of the file need to know, for JSON; the thresholds are None if the card has no calibration."""
    calibration = card.calibration
    return {
        "name": card.name,
        "architecture": card.architecture,
        "weights_sha256": card.weights_sha256,
        "class_names": list(card.class_names),
        "size": card.input.size,
        "mean": card.input.mean,
        "std": card.input.std,
        "resize": f"grey, light ink on black, to {card.input.size} x {card.input.size} by Pillow's bilinear resize",
        "temperature": calibration and calibration.temperature,
        "least_confidence": calibration and calibration.least_confidence,
        "least_energy": calibration and calibration.least_energy,
        "energy": "log of the summed exponentials of the logits",
    }


def require_packages(form: Format) -> None:
    """Raise `StandaloneError` when a package that the format needs is missing."""
    missing = [name for name in _PACKAGES[form] if find_spec(name) is None]
    if missing:
        raise StandaloneError(
            f"{form} files need {', '.join(missing)}, not installed here: pip install 'lenet-digits[train]'"
        )


def export_standalone(artifact: Artifact, form: Format, digits: Digits, folder: Path) -> StandaloneFile:
    """Write the artifact to `folder` as one file; an existing file is replaced only if the new one passes the check.

    Raises `StandaloneError` when a package is missing or the file does not answer `digits` as the artifact does.
    """
    require_packages(form)
    content = {"onnx": _as_onnx, "pt2": _as_pt2}[form](_exported_program(artifact), card_metadata(artifact.card))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{artifact.card.name}.{form}"
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(content)
        difference = check(partial, form, artifact, digits)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return StandaloneFile(path, difference)


def check(path: Path, form: Format, artifact: Artifact, digits: Digits) -> float:
    """Return the largest difference between the logits of the file and those of the service's code for the artifact.

    Raises `StandaloneError` when an answer differs, or a logit or probability differs by more than `TOLERANCE`.
    """
    run: Inference = {"onnx": _run_onnx, "pt2": _run_pt2}[form](path)
    predictor, spec = Predictor(artifact, torch.device("cpu")), artifact.card.input
    changed, differences = 0, []
    for at in range(0, len(digits.images), _BATCH_SIZE):
        images = resize_squares(digits.images[at : at + _BATCH_SIZE], spec.size)
        expected = predictor.logits(normalise(images, spec))
        logits, probabilities = run(images[:, np.newaxis])
        changed += int((logits.argmax(1) != expected.argmax(1)).sum())
        gap = calibrated(expected, artifact.card.calibration) - probabilities
        differences.append([np.abs(expected - logits).max(), np.abs(gap).max()])
    by_logits, by_probabilities = np.max(differences, axis=0).tolist()
    if changed or not (by_logits <= TOLERANCE and by_probabilities <= TOLERANCE):  # `not`, because of NaN
        raise StandaloneError(
            f"the {form} file does not answer as {artifact.card.name}: {changed} of {len(digits.images):,} answers "
            f"differ, logits by up to {by_logits:.2g}, probabilities by up to {by_probabilities:.2g}"
        )
    return float(by_logits)


def _exported_program(artifact: Artifact) -> ExportedProgram:
    size = artifact.card.input.size
    example = torch.zeros(2, 1, size, size, dtype=torch.uint8)
    with torch.no_grad():
        program = torch.export.export(ServedModel(artifact), (example,), dynamic_shapes={_PIXELS: {0: Dim(_BATCH)}})
    for node in program.graph.nodes:
        node.meta.pop("stack_trace", None)  # it contains paths of this machine
    return program


def _as_onnx(program: ExportedProgram, metadata: dict[str, object]) -> bytes:
    import onnx

    exported = torch.onnx.export(
        program,
        dynamo=True,
        opset_version=OPSET,
        input_names=[_PIXELS],
        output_names=_OUTPUTS,
        dynamic_shapes={_PIXELS: {0: _BATCH}},
        verbose=False,
    )
    model = cast(ONNXProgram, exported).model_proto
    onnx.helper.set_model_props(model, {name: json.dumps(value) for name, value in metadata.items()})
    content: bytes = model.SerializeToString()
    return content


def _as_pt2(program: ExportedProgram, metadata: dict[str, object]) -> bytes:
    content = io.BytesIO()
    torch.export.save(program, content, extra_files={METADATA_FILE: json.dumps(metadata, indent=2)})
    return content.getvalue()


def _run_onnx(path: Path) -> Inference:
    from app.lenet.network.onnx_runtime import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])

    def run(pixels: GreyImage) -> tuple[Outputs, Outputs]:
        logits, probabilities = session.run(_OUTPUTS, {_PIXELS: pixels})
        return logits, probabilities

    return run


def _run_pt2(path: Path) -> Inference:
    with path.open("rb") as file:
        module = torch.export.load(file).module()

    @torch.inference_mode()
    def run(pixels: GreyImage) -> tuple[Outputs, Outputs]:
        logits, probabilities = module(torch.from_numpy(pixels.copy()))
        return logits.numpy(), probabilities.numpy()

    return run
