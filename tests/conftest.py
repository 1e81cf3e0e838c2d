"""Fixtures that all tests share: shipped weights, clients of applications that serve them, and a few digits."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.lenet.inference.predictor import Predictor
from app.lenet.network import artifact
from app.main import create_app
from app.settings import Settings
from tests.mnist_sample import MnistSample, load_sample


@pytest.fixture(scope="session", autouse=True)
def _shipped_alone() -> Iterator[None]:
    """Names are looked up among the shipped artifacts alone, whatever was fitted into ./artifacts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LENET_ARTIFACTS", str(artifact.SHIPPED))
        yield


@pytest.fixture(scope="session")
def sample() -> MnistSample:
    return load_sample()


@pytest.fixture(scope="session")
def notebook() -> Predictor:
    return Predictor(artifact.load(artifact.SHIPPED / "notebook.safetensors"), "cpu")


@pytest.fixture(scope="session")
def robust() -> Predictor:
    return Predictor(artifact.load(artifact.SHIPPED / "robust.safetensors"), "cpu")


@pytest.fixture(scope="session")
def client() -> Iterator[TestClient]:
    """A client of the whole application, serving the notebook's weights on the CPU."""
    with TestClient(create_app(Settings(model="notebook", device="cpu")), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="session")
def robust_client() -> Iterator[TestClient]:
    """A client of the whole application with its default settings, on the CPU."""
    with TestClient(create_app(Settings(device="cpu")), raise_server_exceptions=False) as client:
        yield client
