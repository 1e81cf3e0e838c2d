"""What each lever does for the recipe `robust`, judged on the held-out digits, as they are and distorted.

`python -m benchmarks.ablation` fits the recipe over 20 epochs as it is, with smoothed labels, and by distillation from
a wider network that is fitted first by the same code: twenty minutes on two cores. Prints a table and a JSON line.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, kl_div

from app.lenet.network.architectures import LeNet5
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
SOFTNESS = 3.0
TAUGHT = 0.7


class WideLeNet5(LeNet5):
    """LeNet-5 with `WIDTH` times the maps of every convolution, to teach it."""

    def __init__(self) -> None:
        """Create the layers."""
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6 * WIDTH, kernel_size=5)
        self.conv2 = nn.Conv2d(6 * WIDTH, 16 * WIDTH, kernel_size=5)
        self.conv3 = nn.Conv2d(16 * WIDTH, 120 * WIDTH, kernel_size=5)
        self.fc1 = nn.Linear(120 * WIDTH, 84)


@dataclass(frozen=True, slots=True)
class Judged:
    """A lever, how many held-out digits it leaves wrong, and how many of them, distorted, it gets right."""

    lever: str
    wrong: int
    distorted: float


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ablation", description=__doc__)
    parser.add_argument("--epochs", type=int, default=20)
    recipe = replace(ROBUST, epochs=parser.parse_args().epochs)
    mnist = load_mnist(Path("data"))
    torch.set_flush_denormal(True)
    exposure = recipe.mixture.exposure if recipe.mixture else 0.0

    def fitted(make: Callable[[], nn.Module] | None = None, loss: Loss | None = None) -> nn.Module:
        return fit(recipe, mnist, seed=SEED, device=torch.device("cpu"), make=make, loss=loss).module

    judged = [
        judge("as it is", fitted(), mnist, recipe),
        judge(f"labels smoothed by {SMOOTHING}", fitted(loss=classification_loss(exposure, SMOOTHING)), mnist, recipe),
    ]
    teacher = fitted(make=WideLeNet5)
    judged.append(judge(f"the teacher, {WIDTH} times as wide", teacher, mnist, recipe))
    judged.append(judge("distilled from the teacher", fitted(loss=distillation(teacher, exposure)), mnist, recipe))
    print("| lever | held-out digits wrong, of 5,000 | the same, distorted: right |\n|---|---|---|")
    for one in judged:
        print(f"| {one.lever} | {one.wrong} | {one.distorted:.2%} |")
    print(json.dumps({"benchmark": "levers", "epochs": recipe.epochs, "levers": [asdict(one) for one in judged]}))


def distillation(teacher: nn.Module, exposure: float) -> Loss:
    """Return the loss of a pupil: `TAUGHT` parts the teacher's answers, softened, and the rest the labels.

    Source: Hinton, Vinyals & Dean, "Distilling the Knowledge in a Neural Network" (2015).
    """

    def loss(inputs: Tensor, logits: Tensor, labels: Tensor) -> Tensor:
        nothing = labels == OUT_OF_DISTRIBUTION
        with torch.no_grad():
            taught = (teacher(inputs[~nothing]) / SOFTNESS).softmax(1)
        learned = (logits[~nothing] / SOFTNESS).log_softmax(1)
        softened = kl_div(learned, taught, reduction="batchmean") * SOFTNESS**2
        labelled = cross_entropy(logits, labels, ignore_index=OUT_OF_DISTRIBUTION)
        taught_loss = TAUGHT * softened + (1 - TAUGHT) * labelled
        return taught_loss - exposure * uniformity(logits[nothing]) if exposure else taught_loss

    return loss


def judge(lever: str, module: nn.Module, mnist: Mnist, recipe: Recipe) -> Judged:
    """Return how `module` does on the digits that it was not fitted on."""
    _, held = hold_out(mnist.train)
    with torch.inference_mode():
        wrong = int((module(held.inputs(recipe.input)).argmax(1) != held.labels).sum())
    logits = distorted_logits(module, held, recipe.input, recipe.distortion or Distortion())
    right = logits.argmax(1) == held.labels.repeat(len(logits) // len(held.labels))
    return Judged(lever, wrong, float(right.float().mean()))


if __name__ == "__main__":
    main()
