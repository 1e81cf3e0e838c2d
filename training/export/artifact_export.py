"""Export of a finished fit as an artifact: weights, card and ONNX graph."""

import hashlib
import io
import platform
import subprocess
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import torch
from PIL import Image

from app import __version__
from app.lenet.inference.calibration import calibrated
from app.lenet.inference.input_tensor import to_input
from app.lenet.network import artifact
from app.lenet.network.card import Calibration, Card, Reference, Scores
from training.data.mirrors import RAW_MD5
from training.data.mnist import CLASS_NAMES, TEST_SET, Digits, Mnist
from training.data.splits import hold_out
from training.evaluation import scores
from training.export.onnx_graph import onnx_graph
from training.fitting.epochs import Evaluation, evaluate_batches
from training.fitting.fit_calibration import fit_calibration
from training.fitting.loop import FitResult, plain_loader
from training.recipes import Recipe

_PACKAGES = ("torch", "torchvision", "torchmetrics", "numpy", "pillow", "safetensors")
_GIT_SECONDS = 10
# Up to this size ONNX Runtime serves a network, because torch's overhead would dominate. For larger networks the
# overhead is small, and a graph would double the artifact's size.
_GRAPH_PARAMETERS = 1_000_000


def export_artifact(
    result: FitResult, recipe: Recipe, mnist: Mnist, *, name: str, seed: int, device: torch.device, out: Path
) -> tuple[Path, Evaluation]:
    """Score the fit on MNIST's test set and write it to the folder `out` as the artifact `name`.

    Returns the path of the weights and the evaluation on the test digits, in order.
    """
    calibration = _calibration(result, recipe, mnist)
    evaluation = evaluate_batches(result.module, plain_loader(mnist.test, recipe, device))
    weights = artifact.serialise(result.module)
    card = Card(
        name=name,
        architecture=recipe.architecture,
        parameters=sum(parameter.numel() for parameter in result.module.parameters()),
        class_names=CLASS_NAMES,
        input=recipe.input,
        weights_sha256=hashlib.sha256(weights).hexdigest(),
        recipe=asdict(recipe),
        seed=seed,
        device=str(device),
        versions={"lenet-digits": __version__, "python": platform.python_version()}
        | {package: version(package) for package in _PACKAGES},
        git_commit=_git_commit(),
        date=datetime.now(UTC).replace(microsecond=0),
        data_md5=RAW_MD5,
        selected_on=recipe.selected_on,
        history=result.history,
        scores=_scores(evaluation, calibration, mnist.test),
        calibration=calibration,
        reference=_reference(result, recipe, mnist.test, evaluation),
    )
    graph = onnx_graph(result.module, recipe.input) if card.parameters <= _GRAPH_PARAMETERS else None
    return artifact.save(weights, card, out, graph), evaluation


def _calibration(result: FitResult, recipe: Recipe, mnist: Mnist) -> Calibration | None:
    """Return the calibration on held-out digits, or None for recipes that hold out none."""
    if recipe.distortion is None or recipe.selected_on == "test":
        return None
    _, held = hold_out(mnist.train)
    return fit_calibration(result.module, held, recipe.input, recipe.distortion)


def _scores(evaluation: Evaluation, calibration: Calibration | None, test: Digits) -> Scores:
    answers = evaluation.answers.cpu()
    probabilities = torch.from_numpy(calibrated(evaluation.logits.cpu().double().numpy(), calibration))
    reliability = scores.reliability(probabilities, test.labels)
    return Scores(
        evaluated_on=TEST_SET,
        accuracy=scores.accuracy(answers, test.labels),
        macro_f1=scores.macro_f1(answers, test.labels, len(CLASS_NAMES)),
        mean_of_batches_accuracy=evaluation.accuracy,
        loss=evaluation.loss,
        nll=scores.nll(probabilities, test.labels),
        brier=scores.brier(probabilities, test.labels),
        ece=scores.expected_calibration_error(reliability),
        reliability=reliability,
        per_class=scores.per_class(answers, test.labels, CLASS_NAMES),
        confusion_matrix=scores.confusion_matrix(answers, test.labels, len(CLASS_NAMES)),
    )


@torch.inference_mode()
def _reference(result: FitResult, recipe: Recipe, test: Digits, evaluation: Evaluation) -> Reference:
    """Return the first correctly classified test digit, which health checks use."""
    index = int((evaluation.answers.cpu() == test.labels).int().argmax())
    grey = test.images[index]
    png = io.BytesIO()
    Image.fromarray(grey).save(png, "PNG")
    inputs = torch.from_numpy(to_input([grey], recipe.input)).to(next(result.module.parameters()).device)
    [logits] = result.module(inputs).tolist()
    return Reference(png=png.getvalue(), digit=int(test.labels[index]), logits=logits)


def _git_commit() -> str | None:
    """Return this code's commit, with `-dirty` if the work tree differs from it; None outside a checkout."""
    try:
        described = subprocess.run(
            ["git", "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty"],
            cwd=Path(__file__).parent,
            check=True,
            capture_output=True,
            text=True,
            timeout=_GIT_SECONDS,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return described.stdout.strip()
