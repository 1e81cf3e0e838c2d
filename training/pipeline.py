"""From a recipe to its artifact and its report: what `python -m training fit` does, and `compare` twice."""

from pathlib import Path

import torch

from app.lenet.inference.predictor import Predictor
from app.lenet.network import artifact
from app.lenet.network.architectures import ARCHITECTURES
from training.data.mnist import Mnist
from training.evaluation.evaluate import evaluate_corruptions
from training.export.artifact_export import export
from training.fitting.checkpoint import Checkpoint
from training.fitting.loop import fit
from training.recipes import Recipe
from training.reports.fit_report import write_report


def produce(
    recipe: Recipe, mnist: Mnist, *, name: str, seed: int, device: torch.device, out: Path, reports: Path
) -> Path:
    """Fit `recipe`, export it as the artifact `name` into `out`, and write its report into `reports`/`name`.

    Prints the figures on the way and returns the path of the weights. An interrupted fit is gone on with.
    """
    torch.set_flush_denormal(True)  # faster on CPUs, and the figures stay the same
    folder = reports / name
    checkpoint = Checkpoint(folder / "unfinished.pt", recipe, seed)
    fitted = fit(recipe, mnist, seed=seed, device=device, checkpoint=checkpoint)
    path, evaluation = export(fitted, recipe, mnist, name=name, seed=seed, device=device, out=out)
    served = artifact.load(path)
    card = served.card
    title = ARCHITECTURES[recipe.architecture].title.lower()
    print(f"{title} (mnist) -> acc: {evaluation.accuracy:.4f} | macro-f1: {card.scores.macro_f1:.4f}")
    robustness = evaluate_corruptions(Predictor(served, device), mnist.test, "auto") if recipe.distortion else []
    page = write_report(card, mnist.test, evaluation.logits.cpu(), folder, robustness)
    checkpoint.delete()
    print(f"artifact: {path}\nreport: {page}")
    return path
