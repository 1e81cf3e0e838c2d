"""Ablation of the recipe `robust`: the effect of changes to it, on held-out digits, plain and distorted.

`python -m benchmarks.ablation` fits the recipe for 20 epochs without changes, with smoothed labels, and by distillation
from a wider network, which it fits first. It takes twenty minutes on two cores and prints a table and a JSON line.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, kl_div

from app.lenet.network.lenet5 import LeNet5
from training.data.mnist import Mnist, load_mnist
from training.data.splits import hold_out
from training.fitting.fit_calibration import distorted_logits
from training.fitting.loop import fit
from training.fitting.losses import Loss, classification_loss, uniformity
from training.fitting.mixed_batches import OUT_OF_DISTRIBUTION
from training.recipes import ROBUST, Recipe
from training.synthesis.augmentation import Distortion

SEED = 0
SMOOTHING = 0.05
WIDTH = 2
DISTILLATION_TEMPERATURE = 3.0
TEACHER_WEIGHT = 0.7


class WideLeNet5(LeNet5):
    """LeNet-5 with `WIDTH` times the channels in each convolution: the teacher."""

    def __init__(self) -> None:
        """Create the layers."""
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6 * WIDTH, kernel_size=5)
        self.conv2 = nn.Conv2d(6 * WIDTH, 16 * WIDTH, kernel_size=5)
        self.conv3 = nn.Conv2d(16 * WIDTH, 120 * WIDTH, kernel_size=5)
        self.fc1 = nn.Linear(120 * WIDTH, 84)


@dataclass(frozen=True, slots=True)
class AblationResult:
    """A change, the number of held-out digits classified wrongly, and the accuracy on them when distorted."""

    change: str
    wrong: int
    distorted_accuracy: float


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ablation", description=__doc__)
    parser.add_argument("--epochs", type=int, default=20)
    recipe = replace(ROBUST, epochs=parser.parse_args().epochs)
    mnist = load_mnist(Path("data"))
    torch.set_flush_denormal(True)
    exposure = recipe.mixture.exposure if recipe.mixture else 0.0

    def fit_network(make: Callable[[], nn.Module] | None = None, loss: Loss | None = None) -> nn.Module:
        return fit(recipe, mnist, seed=SEED, device=torch.device("cpu"), make=make, loss=loss).module

    results = [
        evaluate_held_out("no change", fit_network(), mnist, recipe),
        evaluate_held_out(
            f"labels smoothed by {SMOOTHING}", fit_network(loss=classification_loss(exposure, SMOOTHING)), mnist, recipe
        ),
    ]
    teacher = fit_network(make=WideLeNet5)
    results.append(evaluate_held_out(f"the teacher, {WIDTH} times as wide", teacher, mnist, recipe))
    results.append(
        evaluate_held_out(
            "distilled from the teacher", fit_network(loss=distillation(teacher, exposure)), mnist, recipe
        )
    )
    print("| change | held-out digits wrong, of 5,000 | accuracy when distorted |\n|---|---|---|")
    for one in results:
        print(f"| {one.change} | {one.wrong} | {one.distorted_accuracy:.2%} |")
    print(json.dumps({"benchmark": "ablation", "epochs": recipe.epochs, "results": [asdict(one) for one in results]}))


def distillation(teacher: nn.Module, exposure: float) -> Loss:
    """Return a student's loss: `TEACHER_WEIGHT` for the teacher's softened probabilities, the rest for the labels.

    Source: Hinton, Vinyals & Dean, "Distilling the Knowledge in a Neural Network" (2015).
    """

    def loss(inputs: Tensor, logits: Tensor, labels: Tensor) -> Tensor:
        outliers = labels == OUT_OF_DISTRIBUTION
        with torch.no_grad():
            targets = (teacher(inputs[~outliers]) / DISTILLATION_TEMPERATURE).softmax(1)
        log_probabilities = (logits[~outliers] / DISTILLATION_TEMPERATURE).log_softmax(1)
        soft = kl_div(log_probabilities, targets, reduction="batchmean") * DISTILLATION_TEMPERATURE**2
        hard = cross_entropy(logits, labels, ignore_index=OUT_OF_DISTRIBUTION)
        digits_loss = TEACHER_WEIGHT * soft + (1 - TEACHER_WEIGHT) * hard
        return digits_loss - exposure * uniformity(logits[outliers]) if exposure else digits_loss

    return loss


def evaluate_held_out(change: str, module: nn.Module, mnist: Mnist, recipe: Recipe) -> AblationResult:
    """Return the scores of `module` on the held-out digits."""
    _, held = hold_out(mnist.train)
    with torch.inference_mode():
        wrong = int((module(held.inputs(recipe.input)).argmax(1) != held.labels).sum())
    logits = distorted_logits(module, held, recipe.input, recipe.distortion or Distortion())
    correct = logits.argmax(1) == held.labels.repeat(len(logits) // len(held.labels))
    return AblationResult(change, wrong, float(correct.float().mean()))


if __name__ == "__main__":
    main()
