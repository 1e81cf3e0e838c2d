"""Fixtures for the commands."""

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from tests.image_files import encoded


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("LENET_DEVICE", "cpu")
    monkeypatch.setenv("LENET_WORKERS", "1")
    return CliRunner()


@pytest.fixture
def blank(tmp_path: Path) -> Path:
    path = tmp_path / "blank.png"
    path.write_bytes(encoded(np.full((50, 50), 200, np.uint8)))
    return path
