from dataclasses import replace
from pathlib import Path

import pytest
import torch

from app.lenet.network import artifact
from training.compare import COMPARED, compare_networks, find_fitted
from training.data.mnist import Mnist
from training.recipes import ALEXNET, NOTEBOOK, RECIPES

CPU = torch.device("cpu")
LENET_RECIPE, ALEXNET_RECIPE = replace(NOTEBOOK, epochs=1), replace(ALEXNET, epochs=1)


@pytest.fixture
def out(alexnet_weights: Path, tmp_path: Path) -> Path:
    """A folder that contains AlexNet's artifact, as links because it is large."""
    folder = tmp_path / "artifacts"
    folder.mkdir()
    for path in (alexnet_weights, alexnet_weights.with_suffix(".json")):
        (folder / path.name).symlink_to(path)
    return folder


def run(few: Mnist, out: Path) -> Path:
    reports = out.parent / "reports"
    return compare_networks(LENET_RECIPE, ALEXNET_RECIPE, few, seed=42, device=CPU, out=out, reports=reports, passes=1)


def test_only_missing_artifacts_are_fitted(few: Mnist, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = run(few, out)
    first = capsys.readouterr().out
    assert page == out.parent / "reports" / "compare" / "README.md"
    assert "lenet-5 (mnist) -> acc: " in first
    assert f"already fitted: {out / 'alexnet.safetensors'}\n" in first
    assert "alexnet (mnist)" not in first
    cards = [artifact.load_card(out / f"{name}.safetensors") for name in COMPARED]
    text = page.read_text()
    lenet, alexnet = (f"{card.scores.accuracy:.2%}" for card in cards)
    for row in ("| parameters | 61,706 | 57,029,322 | 924 |", f"| accuracy | {lenet} | {alexnet} | |"):
        assert row in text
        assert row in first
    assert "batch size 128, epochs 1; seed 42, cpu" in " ".join(text.split())

    assert run(few, out) == page
    again = capsys.readouterr().out
    assert [line for line in again.splitlines() if not line.startswith("|")] == [
        f"already fitted: {out / name}.safetensors" for name in COMPARED
    ]


def test_artifacts_of_other_fits_are_not_found(out: Path) -> None:
    assert find_fitted(ALEXNET_RECIPE, 42, CPU, out) == out / "alexnet.safetensors"
    assert find_fitted(replace(ALEXNET_RECIPE, epochs=2), 42, CPU, out) is None
    assert find_fitted(ALEXNET_RECIPE, 43, CPU, out) is None
    assert find_fitted(ALEXNET_RECIPE, 42, torch.device("cuda"), out) is None
    assert find_fitted(LENET_RECIPE, 42, CPU, out) is None


def test_the_compared_recipes_exist() -> None:
    assert [RECIPES[name].architecture for name in COMPARED] == ["lenet5", "alexnet"]
