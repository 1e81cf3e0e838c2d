"""Served models as single files to take away: ONNX or PT2, with their preprocessing, facts and a check of answers.

The graph takes grey pixels as the resize gives them, (N, 1, size, size) uint8 with light ink on black, and gives logits
and calibrated probabilities. Scaling and normalisation are in the graph, because they are arithmetic whose constants
belong to the weights; and uint8, because it cannot be mistaken for values scaled already. The resize is not, because
no runtime's own is Pillow's to the grey level; nor is the canonical form, which is no tensor code.
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
"""Version of ONNX's operators: the one that torch's exporter writes by itself, and old runtimes read."""

FACTS = "metadata.json"
"""The extra file that holds the facts in a PT2 archive."""

TOLERANCE = 1e-3
"""Largest difference of a logit or a probability. Sums in another order differ by millionths, wrong ones by tenths."""

_PIXELS, _BATCH, _OUTPUTS = "pixels", "batch", ("logits", "probabilities")
_CHECKED_AT_ONCE = 500

_PACKAGES: dict[Format, tuple[str, ...]] = {"onnx": ("onnx", "onnxruntime", "onnxscript"), "pt2": ()}

Outputs = NDArray[np.float32]
Run = Callable[[GreyImage], tuple[Outputs, Outputs]]


class PortableError(Exception):
    """A file to take away cannot be made or does not answer as its artifact; the message says why in one sentence."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was checked: its path, and how far its logits are, at most, from the artifact's."""

    path: Path
    difference: float


class Served(nn.Module):
    """What the service computes of resized pictures: (N, 1, size, size) uint8 -> logits, calibrated probabilities."""

    def __init__(self, artifact: Artifact) -> None:
        """Build the network; raises `ArtifactError` when that cannot be done."""
        super().__init__()
        self.network = artifact.build()
        certainty = artifact.card.calibration
        self.input, self.temperature = artifact.card.input, certainty.temperature if certainty else 1.0

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Return both, each (N, classes) float32."""
        logits = self.network(standardise(pixels.float().div_(255), self.input))
        return logits, (logits / self.temperature).softmax(dim=1)


def facts(card: Card) -> dict[str, object]:
    """Return what whoever runs the file has to know, as JSON has it; null where the card stores no certainty."""
    certainty = card.calibration
    return {
        "name": card.name,
        "architecture": card.architecture,
        "weights_sha256": card.weights_sha256,
        "class_names": list(card.class_names),
        "size": card.input.size,
        "mean": card.input.mean,
        "std": card.input.std,
        "resize": f"grey, light ink on black, to {card.input.size} x {card.input.size} by Pillow's bilinear resize",
        "temperature": certainty and certainty.temperature,
        "least_confidence": certainty and certainty.least_confidence,
        "least_energy": certainty and certainty.least_energy,
        "energy": "log of the summed exponentials of the logits",
    }


def require_packages(form: Format) -> None:
    """Raise `PortableError` when a package that the format needs is missing."""
    missing = [name for name in _PACKAGES[form] if find_spec(name) is None]
    if missing:
        raise PortableError(
            f"{form} files need packages that are not here, {', '.join(missing)}: pip install 'lenet-digits[train]'"
        )


def export_portable(artifact: Artifact, form: Format, digits: Digits, folder: Path) -> Exported:
    """Write the artifact as one file into `folder`, checked on `digits`; a file of its name stays until that is passed.

    Raises `PortableError` when a package is missing or the file answers the digits otherwise than the artifact does.
    """
    require_packages(form)
    content = {"onnx": _as_onnx, "pt2": _as_pt2}[form](_traced(artifact), facts(artifact.card))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{artifact.card.name}.{form}"
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(content)
        difference = check(partial, form, artifact, digits)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return Exported(path, difference)


def check(path: Path, form: Format, artifact: Artifact, digits: Digits) -> float:
    """Return by how much the logits of the file differ, at most, from those of the service's code for the artifact.

    Raises `PortableError` when a digit is answered otherwise, or a logit or probability is off by over `TOLERANCE`.
    """
    run: Run = {"onnx": _run_onnx, "pt2": _run_pt2}[form](path)
    predictor, spec = Predictor(artifact, torch.device("cpu")), artifact.card.input
    others, differences = 0, []
    for at in range(0, len(digits.images), _CHECKED_AT_ONCE):
        images = resize_squares(digits.images[at : at + _CHECKED_AT_ONCE], spec.size)
        expected = predictor.logits(normalise(images, spec))
        logits, probabilities = run(images[:, np.newaxis])
        others += int((logits.argmax(1) != expected.argmax(1)).sum())
        unlike = calibrated(expected, artifact.card.calibration) - probabilities
        differences.append([np.abs(expected - logits).max(), np.abs(unlike).max()])
    by_logits, by_probabilities = np.max(differences, axis=0).tolist()
    if others or not (by_logits <= TOLERANCE and by_probabilities <= TOLERANCE):  # not-a-number is off too
        raise PortableError(
            f"the {form} file does not answer as {artifact.card.name}: {others} of {len(digits.images):,} digits "
            f"otherwise, logits off by {by_logits:.2g} and probabilities by {by_probabilities:.2g}"
        )
    return float(by_logits)


def _traced(artifact: Artifact) -> ExportedProgram:
    size = artifact.card.input.size
    example = torch.zeros(2, 1, size, size, dtype=torch.uint8)
    with torch.no_grad():
        program = torch.export.export(Served(artifact), (example,), dynamic_shapes={_PIXELS: {0: Dim(_BATCH)}})
    for node in program.graph.nodes:
        node.meta.pop("stack_trace", None)  # with the paths of this machine
    return program


def _as_onnx(program: ExportedProgram, known: dict[str, object]) -> bytes:
    import onnx

    written = torch.onnx.export(
        program,
        dynamo=True,
        opset_version=OPSET,
        input_names=[_PIXELS],
        output_names=_OUTPUTS,
        dynamic_shapes={_PIXELS: {0: _BATCH}},
        verbose=False,
    )
    model = cast(ONNXProgram, written).model_proto
    onnx.helper.set_model_props(model, {name: json.dumps(value) for name, value in known.items()})
    content: bytes = model.SerializeToString()
    return content


def _as_pt2(program: ExportedProgram, known: dict[str, object]) -> bytes:
    content = io.BytesIO()
    torch.export.save(program, content, extra_files={FACTS: json.dumps(known, indent=2)})
    return content.getvalue()


def _run_onnx(path: Path) -> Run:
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])

    def run(pixels: GreyImage) -> tuple[Outputs, Outputs]:
        logits, probabilities = session.run(_OUTPUTS, {_PIXELS: pixels})
        return logits, probabilities

    return run


def _run_pt2(path: Path) -> Run:
    with path.open("rb") as file:
        module = torch.export.load(file).module()

    @torch.inference_mode()
    def run(pixels: GreyImage) -> tuple[Outputs, Outputs]:
        logits, probabilities = module(torch.from_numpy(pixels.copy()))
        return logits.numpy(), probabilities.numpy()

    return run
