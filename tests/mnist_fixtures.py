"""Fixtures of the tests that need MNIST and training; their conftest files import them."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from training.data.mnist import Digits, Mnist, load_mnist
from training.export.artifact_export import export_artifact
from training.fitting.loop import fit
from training.recipes import ALEXNET

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def mnist_root() -> Path:
    return ROOT / "data"


@pytest.fixture(scope="session")
def mnist(mnist_root: Path) -> Mnist:
    return load_mnist(mnist_root)


@pytest.fixture(scope="session")
def few(mnist: Mnist) -> Mnist:
    """MNIST's first 512 training and 256 test digits."""
    return Mnist(
        train=Digits(mnist.train.images[:512], mnist.train.labels[:512]),
        test=Digits(mnist.test.images[:256], mnist.test.labels[:256]),
    )


@pytest.fixture(scope="session")
def alexnet_weights(few: Mnist) -> Iterator[Path]:
    """The weights of an artifact `alexnet`, fitted for one epoch on a few digits; 228 MB, so written only once."""
    recipe, cpu = replace(ALEXNET, epochs=1), torch.device("cpu")
    with tempfile.TemporaryDirectory() as folder:
        result = fit(recipe, few, seed=42, device=cpu)
        path, _ = export_artifact(result, recipe, few, name="alexnet", seed=42, device=cpu, out=Path(folder))
        yield path
