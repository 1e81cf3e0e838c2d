from dataclasses import replace
from pathlib import Path

import pytest
import torch

from app.lenet.network import artifact
from tests.training.fitting.test_checkpoint import FailingCheckpoint
from training.data.mnist import Mnist
from training.fitting.loop import fit
from training.pipeline import run_recipe
from training.recipes import NOTEBOOK

CPU = torch.device("cpu")
RECIPE = replace(NOTEBOOK, name="small", epochs=3, batch_size=64)


def test_an_interrupted_fit_resumes_and_leaves_artifact_and_report(
    few: Mnist, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "reports" / "named"
    with pytest.raises(KeyboardInterrupt):
        fit(RECIPE, few, seed=3, device=CPU, checkpoint=FailingCheckpoint(folder / "unfinished.pt", RECIPE, 3))
    path = run_recipe(RECIPE, few, name="named", seed=3, device=CPU, out=tmp_path / "out", reports=tmp_path / "reports")
    torch.set_flush_denormal(False)
    printed = capsys.readouterr().out.splitlines()
    assert "resuming after epoch 1" in printed
    card = artifact.load(path).card
    last = card.history[-1]
    assert printed[-3:] == [
        f"lenet-5 (mnist) -> acc: {last.valid_accuracy:.4f} | macro-f1: {last.valid_macro_f1:.4f}",
        f"artifact: {path}",
        f"report: {folder / 'README.md'}",
    ]
    assert (card.name, [epoch.epoch for epoch in card.history]) == ("named", [1, 2, 3])
    assert {file.suffix for file in folder.iterdir()} == {".md", ".png"}
