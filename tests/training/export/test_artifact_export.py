import hashlib
import io
import json
import platform
import shutil
import subprocess
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from PIL import Image

from app import __version__
from app.lenet.inference.calibration import calibrated
from app.lenet.inference.predictor import Predictor
from app.lenet.network import artifact
from app.lenet.network.artifact import ArtifactError
from app.lenet.network.card import Card
from training.data.mnist import Digits, Mnist
from training.export.artifact_export import export_artifact
from training.fitting.loop import fit
from training.recipes import NOTEBOOK

CPU = torch.device("cpu")
RECIPE = replace(NOTEBOOK, name="small", epochs=1, batch_size=32)


def exported(few: Mnist, seed: int, out: Path) -> Path:
    result = fit(RECIPE, few, seed=seed, device=CPU)
    path, _ = export_artifact(result, RECIPE, few, name="small", seed=seed, device=CPU, out=out)
    return path


def test_the_tensors_are_those_of_the_state_dict(notebook_weights: Path) -> None:
    tensors = safetensors.torch.load_file(notebook_weights)
    assert {name: tuple(tensor.shape) for name, tensor in tensors.items()} == {
        "conv1.weight": (6, 1, 5, 5),
        "conv1.bias": (6,),
        "conv2.weight": (16, 6, 5, 5),
        "conv2.bias": (16,),
        "conv3.weight": (120, 16, 5, 5),
        "conv3.bias": (120,),
        "fc1.weight": (84, 120),
        "fc1.bias": (84,),
        "fc2.weight": (10, 84),
        "fc2.bias": (10,),
    }
    assert {tensor.dtype for tensor in tensors.values()} == {torch.float32}


def test_the_card_describes_the_fit(notebook_card: Card, notebook_weights: Path) -> None:
    assert notebook_card.weights_sha256 == hashlib.sha256(notebook_weights.read_bytes()).hexdigest()
    assert (notebook_card.name, notebook_card.architecture, notebook_card.parameters) == ("notebook", "lenet5", 61_706)
    assert notebook_card.recipe == asdict(NOTEBOOK)
    assert (notebook_card.seed, notebook_card.device) == (42, "cpu")
    assert notebook_card.class_names == tuple("0123456789")
    assert notebook_card.input == NOTEBOOK.input
    assert notebook_card.selected_on == "test"
    assert [epoch.epoch for epoch in notebook_card.history] == [1, 2, 3, 4, 5]
    assert timedelta() < datetime.now(UTC) - notebook_card.date < timedelta(hours=1)


def test_the_card_holds_hashes_of_the_data(notebook_card: Card, mnist_root: Path) -> None:
    raw = mnist_root / "MNIST" / "raw"
    assert notebook_card.data_md5 == {
        name: hashlib.md5((raw / name).read_bytes(), usedforsecurity=False).hexdigest()
        for part in ("train", "t10k")
        for name in (f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte")
    }


def test_the_card_holds_the_versions(notebook_card: Card) -> None:
    packages = ("torch", "torchvision", "torchmetrics", "numpy", "pillow", "safetensors")
    expected = {"lenet-digits": __version__, "python": platform.python_version()}
    assert notebook_card.versions == expected | {package: version(package) for package in packages}


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_the_card_holds_the_commit(few: Mnist, tmp_path: Path) -> None:
    card = artifact.load_card(exported(few, 1, tmp_path))
    described = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=Path(__file__).parent, capture_output=True, text=True, check=False
    )
    if described.returncode:
        assert card.git_commit is None
    else:
        assert card.git_commit is not None
        assert card.git_commit.removesuffix("-dirty") == described.stdout.strip()


def test_the_scores_are_those_of_the_weights(notebook_card: Card, notebook_weights: Path, mnist: Mnist) -> None:
    predictor = Predictor(artifact.load(notebook_weights), CPU)
    answers = predictor.logits(mnist.test.inputs(notebook_card.input).numpy()).argmax(1)
    labels = mnist.test.labels.numpy()
    counts = np.bincount(10 * labels + answers, minlength=100).reshape(10, 10)
    scores = notebook_card.scores
    assert scores.evaluated_on == "MNIST test, 10,000 digits"
    assert scores.confusion_matrix == tuple(map(tuple, counts.tolist()))
    assert scores.accuracy == counts.trace() / 10_000
    precision, recall = counts.diagonal() / counts.sum(axis=0), counts.diagonal() / counts.sum(axis=1)
    f1 = 2 * precision * recall / (precision + recall)
    assert [c.precision for c in scores.per_class] == pytest.approx(precision.tolist(), abs=1e-6)
    assert [c.recall for c in scores.per_class] == pytest.approx(recall.tolist(), abs=1e-6)
    assert [c.f1 for c in scores.per_class] == pytest.approx(f1.tolist(), abs=1e-6)
    assert [c.support for c in scores.per_class] == counts.sum(axis=1).tolist()
    assert scores.macro_f1 == pytest.approx(f1.mean(), abs=1e-6)
    last = notebook_card.history[-1]
    assert (scores.mean_of_batches_accuracy, scores.loss) == (last.valid_accuracy, last.valid_loss)


def test_probability_scores_are_those_of_the_served_probabilities(
    notebook_card: Card, notebook_weights: Path, mnist: Mnist
) -> None:
    predictor = Predictor(artifact.load(notebook_weights), CPU)
    probabilities = calibrated(predictor.logits(mnist.test.inputs(notebook_card.input).numpy()), None)
    labels = mnist.test.labels.numpy()
    confidence, correct = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    bins = np.ceil(confidence * 15)
    gaps = [abs(correct[bins == b].sum() - confidence[bins == b].sum()) for b in range(1, 16)]
    scores = notebook_card.scores
    assert scores.ece == pytest.approx(sum(gaps) / 10_000, abs=1e-6)
    assert [one.count for one in scores.reliability] == [n for b in range(1, 16) if (n := (bins == b).sum())]
    assert scores.nll == pytest.approx(-np.log(probabilities[np.arange(10_000), labels]).mean(), abs=1e-6)
    assert scores.brier == pytest.approx(((probabilities - np.eye(10)[labels]) ** 2).sum(axis=1).mean(), abs=1e-6)


def test_weights_fitted_on_all_digits_have_no_calibration(notebook_card: Card) -> None:
    assert notebook_card.calibration is None


def test_the_reference_is_the_first_test_digit(notebook_card: Card, notebook_weights: Path, mnist: Mnist) -> None:
    with Image.open(io.BytesIO(notebook_card.reference.png)) as picture:
        assert np.array_equal(np.asarray(picture), mnist.test.images[0])
    assert notebook_card.reference.digit == mnist.test.labels[0]
    assert Predictor(artifact.load(notebook_weights), CPU).answers_reference()


def test_the_reference_is_a_correctly_classified_digit(few: Mnist, tmp_path: Path) -> None:
    """Otherwise, weights that misclassify the first digit would never pass the health check."""
    labels = few.test.labels.clone()
    labels[:3] = (labels[:3] + 1) % 10
    mnist = Mnist(train=few.train, test=Digits(few.test.images, labels))
    result = fit(replace(RECIPE, epochs=3, learning_rate=0.05), few, seed=1, device=CPU)
    path, evaluation = export_artifact(result, RECIPE, mnist, name="small", seed=1, device=CPU, out=tmp_path)
    first = next(i for i, pair in enumerate(zip(evaluation.answers, labels, strict=True)) if pair[0] == pair[1])
    predictor = Predictor(artifact.load(path), CPU)
    with Image.open(io.BytesIO(predictor.card.reference.png)) as picture:
        assert np.array_equal(np.asarray(picture), few.test.images[first])
    assert first > 0
    assert predictor.answers_reference()


def test_the_shipped_weights_are_those_of_this_fit(notebook_card: Card) -> None:
    """Processors and thread counts round differently, so the test compares figures, not weights."""
    shipped = artifact.load(artifact.SHIPPED / "notebook.safetensors").card
    assert shipped.recipe == notebook_card.recipe
    assert shipped.scores.confusion_matrix == notebook_card.scores.confusion_matrix
    assert shipped.scores.loss == pytest.approx(notebook_card.scores.loss, abs=1e-5)


def test_an_artifact_is_three_files(few: Mnist, tmp_path: Path) -> None:
    path = exported(few, 1, tmp_path / "new" / "out")
    assert path == tmp_path / "new" / "out" / "small.safetensors"
    assert sorted(file.name for file in path.parent.iterdir()) == ["small.json", "small.onnx", "small.safetensors"]
    assert json.loads(path.with_suffix(".json").read_text())["name"] == "small"


def test_weights_without_their_card_do_not_load(few: Mnist, tmp_path: Path) -> None:
    path = exported(few, 1, tmp_path)
    card = path.with_suffix(".json")
    before = card.read_bytes()
    card.unlink()
    (card / "in the way").mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        exported(few, 2, tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["small.json", "small.onnx", "small.safetensors"]
    shutil.rmtree(card)
    card.write_bytes(before)
    with pytest.raises(ArtifactError, match="SHA-256"):
        artifact.load(path)
    exported(few, 2, tmp_path)
    assert artifact.load(path).card.seed == 2
