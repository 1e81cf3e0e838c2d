"""LeNet-5 beside AlexNet: both fitted by the same loop, measured by the same code, and reported on."""

import json
from dataclasses import asdict
from pathlib import Path

import torch

from app.lenet.network import artifact
from app.lenet.network.artifact import ArtifactError
from training.data.mnist import Mnist
from training.evaluation.profiling import PASSES, measure
from training.pipeline import produce
from training.recipes import Recipe
from training.reports.comparison_page import FOLDER, table, write_comparison

COMPARED = ("notebook", "alexnet")
"""The recipes' names: LeNet-5's first."""


def compare(
    lenet: Recipe,
    alexnet: Recipe,
    mnist: Mnist,
    *,
    seed: int,
    device: torch.device,
    out: Path,
    reports: Path,
    passes: int = PASSES,
) -> Path:
    """Fit each recipe as the artifact of its name in `out`, unless that is there; measure both and print the table.

    `passes` is how many forward passes the latency is measured over. Returns the path of the page in `reports`.
    """
    paths = [
        fitted(recipe, seed, device, out)
        or produce(recipe, mnist, name=recipe.name, seed=seed, device=device, out=out, reports=reports)
        for recipe in (lenet, alexnet)
    ]
    torch.set_flush_denormal(False)  # which a fit sets and the service does not
    both = [measure(path, mnist.test, passes) for path in paths]
    print(table(*both))
    return write_comparison(*both, folder=reports / FOLDER)


def fitted(recipe: Recipe, seed: int, device: torch.device, out: Path, name: str | None = None) -> Path | None:
    """Return the weights in `out` that this very recipe and seed gave on this device; None when there are none.

    They are looked for under `name`, the recipe's unless given.
    """
    path = out / f"{name or recipe.name}.safetensors"
    try:
        card = artifact.load(path).card
    except ArtifactError:
        return None
    of_this_fit = json.loads(json.dumps(asdict(recipe))), seed, str(device)  # as JSON, which has no tuples
    if (card.recipe, card.seed, card.device) != of_this_fit:
        return None
    print(f"already fitted: {path}")
    return path
