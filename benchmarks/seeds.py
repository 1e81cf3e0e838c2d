"""Accuracy of a recipe over several seeds: mean and standard deviation on MNIST's test set.

`python -m benchmarks.seeds robust --seeds 5` fits the seeds in turn and stores each as an artifact in
`benchmarks/results`. An interrupted run resumes there, and more seeds can be added later.
"""

import argparse
import json
from pathlib import Path
from statistics import mean, stdev

import torch

from app.lenet.network import artifact
from app.lenet.network.card import Card
from app.lenet.network.devices import select_device
from training.compare import find_fitted
from training.data.mnist import load_mnist
from training.export.artifact_export import export_artifact
from training.fitting.checkpoint import Checkpoint
from training.fitting.loop import fit
from training.recipes import RECIPES, Recipe

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Fit the missing seeds and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipe", choices=sorted(RECIPES))
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    torch.set_flush_denormal(True)
    recipe = RECIPES[options.recipe]
    cards = {seed: card_of(recipe, seed) for seed in range(options.seeds)}
    print("| seed | held-out | MNIST test | macro-F1 | minutes |\n|---|---|---|---|---|")
    for seed, card in cards.items():
        best = max(epoch.valid_accuracy for epoch in card.history)
        minutes = sum(epoch.seconds for epoch in card.history) / 60
        print(f"| {seed} | {best:.2%} | {card.scores.accuracy:.2%} | {card.scores.macro_f1:.4f} | {minutes:.1f} |")
    accuracies = [card.scores.accuracy for card in cards.values()]
    f1 = [card.scores.macro_f1 for card in cards.values()]
    if len(cards) > 1:
        spread = {"accuracy": stdev(accuracies), "macro_f1": stdev(f1)}
        print(f"mean {mean(accuracies):.2%} (standard deviation {spread['accuracy']:.2%}), macro-F1 {mean(f1):.4f}")
        record = {"mean": {"accuracy": mean(accuracies), "macro_f1": mean(f1)}, "stdev": spread}
        print(json.dumps({"benchmark": "seeds", "recipe": recipe.name, "accuracies": accuracies} | record))


def card_of(recipe: Recipe, seed: int) -> Card:
    """Return the card of the fit of this recipe and seed, after fitting if there is none."""
    name, device = f"{recipe.name}-{seed}", select_device()
    path = find_fitted(recipe, seed, device, RESULTS, name)
    if path is None:
        mnist = load_mnist(Path("data"))
        checkpoint = Checkpoint(RESULTS / f"{name}.pt", recipe, seed)
        result = fit(recipe, mnist, seed=seed, device=device, checkpoint=checkpoint)
        path, _ = export_artifact(result, recipe, mnist, name=name, seed=seed, device=device, out=RESULTS)
        checkpoint.delete()
    return artifact.load_card(path)


if __name__ == "__main__":
    main()
