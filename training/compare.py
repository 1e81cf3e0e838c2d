"""Comparison of LeNet-5 and AlexNet: fits both with the same loop, profiles both with the same code, writes a page."""

import json
from dataclasses import asdict
from pathlib import Path

import torch

from app.lenet.network import artifact
from app.lenet.network.artifact import ArtifactError
from training.data.mnist import Mnist
from training.evaluation.profiling import PASSES, profile_network
from training.pipeline import run_recipe
from training.recipes import Recipe
from training.reports.comparison_page import FOLDER, comparison_table, write_comparison

COMPARED = ("notebook", "alexnet")
"""Names of the recipes, LeNet-5's first."""


def compare_networks(
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
    """Fit each recipe that has no artifact in `out` yet, profile both networks and print a table.

    The latency is measured over `passes` forward passes. Returns the path of the page in `reports`.
    """
    paths = [
        find_fitted(recipe, seed, device, out)
        or run_recipe(recipe, mnist, name=recipe.name, seed=seed, device=device, out=out, reports=reports)
        for recipe in (lenet, alexnet)
    ]
    torch.set_flush_denormal(False)  # a fit sets it, the service does not
    both = [profile_network(path, mnist.test, passes) for path in paths]
    print(comparison_table(*both))
    return write_comparison(*both, folder=reports / FOLDER)


def find_fitted(recipe: Recipe, seed: int, device: torch.device, out: Path, name: str | None = None) -> Path | None:
    """Return the weights in `out` of a fit of this recipe and seed on this device, or None.

    `name` is the artifact's name, by default the recipe's.
    """
    path = out / f"{name or recipe.name}.safetensors"
    try:
        card = artifact.load(path).card
    except ArtifactError:
        return None
    wanted = json.loads(json.dumps(asdict(recipe))), seed, str(device)  # compared as JSON, which has no tuples
    if (card.recipe, card.seed, card.device) != wanted:
        return None
    print(f"already fitted: {path}")
    return path
