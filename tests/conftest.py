"""What many tests share: MNIST and some of it, weights, and clients of applications that serve them."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from fastapi.testclient import TestClient

from app.lenet.inference.predictor import Predictor
from app.lenet.network import artifact
from app.main import create_app
from app.settings import Settings
from training.data.mnist import Digits, Mnist, load_mnist
from training.export.artifact_export import export_artifact
from training.fitting.loop import fit
from training.recipes import ALEXNET

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session", autouse=True)
def _shipped_alone() -> Iterator[None]:
    """Names are looked up among the shipped artifacts alone, whatever was fitted into ./artifacts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LENET_ARTIFACTS", str(artifact.SHIPPED))
        yield


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
def notebook() -> Predictor:
    return Predictor(artifact.load(artifact.SHIPPED / "notebook.safetensors"), torch.device("cpu"))


@pytest.fixture(scope="session")
def robust() -> Predictor:
    return Predictor(artifact.load(artifact.SHIPPED / "robust.safetensors"), torch.device("cpu"))


@pytest.fixture(scope="session")
def alexnet_weights(few: Mnist) -> Iterator[Path]:
    """The weights of an artifact `alexnet`, fitted for one epoch on a few digits; 228 MB, so written only once."""
    recipe, cpu = replace(ALEXNET, epochs=1), torch.device("cpu")
    with tempfile.TemporaryDirectory() as folder:
        fitted = fit(recipe, few, seed=42, device=cpu)
        path, _ = export_artifact(fitted, recipe, few, name="alexnet", seed=42, device=cpu, out=Path(folder))
        yield path


@pytest.fixture(scope="session")
def client() -> Iterator[TestClient]:
    """A client of the whole application, serving the notebook's weights on the CPU."""
    with TestClient(create_app(Settings(model="notebook", device="cpu")), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="session")
def robust_client() -> Iterator[TestClient]:
    """A client of the whole application as it is without any setting, but on the CPU."""
    with TestClient(create_app(Settings(device="cpu")), raise_server_exceptions=False) as client:
        yield client
