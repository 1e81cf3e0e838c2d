"""Fixtures for the tests of training: the notebook's whole fit, run once with its command."""

import contextlib
from pathlib import Path

import pytest
import torch

from app.lenet.network import artifact
from app.lenet.network.card import Card
from tests.mnist_fixtures import alexnet_weights, few, mnist, mnist_root
from training.__main__ import main

__all__ = ["alexnet_weights", "few", "mnist", "mnist_root"]


@pytest.fixture(scope="session")
def notebook_run(mnist_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the notebook's fit: `artifacts/`, `reports/` and the command's output in `stdout.txt`."""
    folder = tmp_path_factory.mktemp("notebook")
    where = ["--data", str(mnist_root), "--out", str(folder / "artifacts"), "--reports", str(folder / "reports")]
    with (folder / "stdout.txt").open("w") as output, contextlib.redirect_stdout(output):
        assert main(["fit", "--device", "cpu", *where]) == 0
    torch.set_flush_denormal(False)  # the command sets it for its process, which is that of all tests here
    return folder


@pytest.fixture(scope="session")
def notebook_weights(notebook_run: Path) -> Path:
    return notebook_run / "artifacts" / "notebook.safetensors"


@pytest.fixture(scope="session")
def notebook_card(notebook_weights: Path) -> Card:
    return artifact.load_card(notebook_weights)
