"""Imports point inward: training -> app.lenet, app -> app.lenet, and nothing back."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def imports(folder: str) -> set[tuple[str, str]]:
    return {
        (str(path.relative_to(ROOT)), name)
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }


@pytest.mark.parametrize(
    ("folder", "forbidden"),
    [
        ("app/lenet", ("fastapi", "starlette", "uvicorn", "training")),
        ("app", ("training", "torchvision", "torchmetrics", "matplotlib", "tqdm")),
        ("training", ("fastapi", "starlette", "uvicorn")),
    ],
)
def test_no_import_points_outward(folder: str, forbidden: tuple[str, ...]) -> None:
    found = {found for found in imports(folder) if found[1].split(".")[0] in forbidden}
    # Imported only for a card that names AlexNet, as the last test here holds.
    assert found - {("app/lenet/network/alexnet.py", "torchvision.models")} == set()


def test_the_inner_ring_does_not_know_the_rest_of_app() -> None:
    wrong = [i for i in sorted(imports("app/lenet")) if i[1].startswith("app") and not i[1].startswith("app.lenet")]
    assert wrong == []


def test_training_uses_nothing_of_app_but_its_inner_ring() -> None:
    wrong = [i for i in sorted(imports("training")) if i[1].startswith("app.") and not i[1].startswith("app.lenet")]
    assert wrong == []


def test_the_service_runs_without_what_training_needs() -> None:
    program = """
import sys
for name in ("torchvision", "torchmetrics", "matplotlib", "tqdm", "onnx", "onnxscript", "training"):
    sys.modules[name] = None  # makes any import of it fail
from app.main import create_app
from app.settings import Settings
assert create_app(Settings(model="notebook", device="cpu")).state.operations.service.predictor.answers_reference()
"""
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=60)
