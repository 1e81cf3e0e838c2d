"""From a recipe to its artifact and its report: `python -m training fit` runs this once, `compare` twice."""

from pathlib import Path

import torch

from app.lenet.inference.predictor import Predictor
from app.lenet.network import artifact
from app.lenet.network.architectures import ARCHITECTURES
from training.data.mnist import Mnist
from training.evaluation.evaluate import evaluate_corruptions
from training.export.artifact_export import export_artifact
from training.fitting.checkpoint import Checkpoint
from training.fitting.loop import fit
from training.recipes import Recipe
from training.reports.fit_report import write_report


def run_recipe(
    recipe: Recipe, mnist: Mnist, *, name: str, seed: int, device: torch.device, out: Path, reports: Path
) -> Path:
    """Fit `recipe`, export it to `out` as the artifact `name`, and write its report to `reports`/`name`.

    Prints figures as it goes and returns the path of the weights. An interrupted fit resumes from its last completed
    epoch.
    """
    torch.set_flush_denormal(True)  # faster on CPUs, with the same figures
    folder = reports / name
    checkpoint = Checkpoint(folder / "unfinished.pt", recipe, seed)
    result = fit(recipe, mnist, seed=seed, device=device, checkpoint=checkpoint)
    path, evaluation = export_artifact(result, recipe, mnist, name=name, seed=seed, device=device, out=out)
    served = artifact.load(path)
    card = served.card
    title = ARCHITECTURES[recipe.architecture].title.lower()
    print(f"{title} (mnist) -> acc: {evaluation.accuracy:.4f} | macro-f1: {card.scores.macro_f1:.4f}")
    robustness = evaluate_corruptions(Predictor(served, device), mnist.test, "auto") if recipe.distortion else []
    page = write_report(card, mnist.test, evaluation.logits.cpu(), folder, robustness)
    checkpoint.delete()
    print(f"artifact: {path}\nreport: {page}")
    return path
