"""What many tests share: MNIST, the shipped predictor, and a client of an application that serves it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from fastapi.testclient import TestClient

from app.lenet import artifact
from app.lenet.predictor import Predictor
from app.main import create_app
from app.settings import Settings
from training.data import Mnist, load_mnist

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def mnist_root() -> Path:
    return ROOT / "data"


@pytest.fixture(scope="session")
def mnist(mnist_root: Path) -> Mnist:
    return load_mnist(mnist_root)


@pytest.fixture(scope="session")
def notebook() -> Predictor:
    return Predictor(artifact.load(artifact.SHIPPED / "notebook.safetensors"), torch.device("cpu"))


@pytest.fixture(scope="session")
def robust() -> Predictor:
    return Predictor(artifact.load(artifact.SHIPPED / "robust.safetensors"), torch.device("cpu"))


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
