"""One epoch of a fit: a pass over the training batches, then an evaluation."""

import time
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim.lr_scheduler import LRScheduler
from tqdm import tqdm

from app.lenet.network.card import Epoch
from training.data.loaders import Loader
from training.data.mnist import CLASS_NAMES
from training.evaluation.scores import macro_f1
from training.fitting.losses import Loss
from training.fitting.mixed_batches import OUT_OF_DISTRIBUTION, MixedLoader
from training.recipes import Recipe


@dataclass(frozen=True, slots=True)
class Run:
    """All that changes while a module is fitted."""

    module: nn.Module
    optimiser: torch.optim.Optimizer
    schedule: LRScheduler
    train: Loader | MixedLoader
    loss: Loss

    def state(self) -> dict[str, Any]:
        """Return what `restore` needs to go on with the very same numbers."""
        return {
            "module": self.module.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "random": torch.get_rng_state(),
            "mixed": self.train.generator.get_state() if isinstance(self.train, MixedLoader) else None,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take up a state that was stored."""
        self.module.load_state_dict(state["module"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.schedule.load_state_dict(state["schedule"])
        torch.set_rng_state(state["random"])
        if isinstance(self.train, MixedLoader):
            self.train.generator.set_state(state["mixed"])


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Logits (N, classes) for a loader's pictures in order, with loss and accuracy as means over batches."""

    logits: Tensor
    loss: float
    accuracy: float

    @property
    def answers(self) -> Tensor:
        """The likeliest class of each picture: (N,) int64."""
        return self.logits.argmax(1)


def one_epoch(run: Run, valid: Loader, number: int, recipe: Recipe) -> Epoch:
    """Train for one epoch, evaluate, print the figures of both and return them."""
    started = time.perf_counter()
    train_loss, train_accuracy = train_one_epoch(run, f"epoch {number}/{recipe.epochs}")
    seconds = time.perf_counter() - started
    evaluation = evaluate(run.module, valid)
    epoch = Epoch(
        epoch=number,
        train_loss=train_loss,
        train_accuracy=train_accuracy,
        valid_loss=evaluation.loss,
        valid_accuracy=evaluation.accuracy,
        valid_macro_f1=macro_f1(evaluation.answers, valid.labels, len(CLASS_NAMES)),
        seconds=seconds,
    )
    print(
        f"train | loss {epoch.train_loss:.4f} acc {epoch.train_accuracy:.4f} time {epoch.seconds:.1f}s\n"
        f"valid | loss {epoch.valid_loss:.4f} acc {epoch.valid_accuracy:.4f} macro_f1 {epoch.valid_macro_f1:.4f}",
        flush=True,
    )
    return epoch


def train_one_epoch(run: Run, title: str) -> tuple[float, float]:
    """Take one step for each batch; return loss and accuracy, on pictures of digits, as means over the batches."""
    run.module.train()
    loss_sum = accuracy_sum = 0.0
    with tqdm(total=len(run.train) * run.train.batch_size, desc=title, unit=" images", unit_scale=True) as bar:
        for count, (inputs, labels) in enumerate(run.train, start=1):
            run.optimiser.zero_grad()
            logits = run.module(inputs)
            loss = run.loss(inputs, logits, labels)
            loss.backward()
            run.optimiser.step()
            run.schedule.step()
            loss_sum += loss.item()
            accuracy_sum += _share_right(logits, labels)
            bar.set_postfix_str(f"loss {loss_sum / count:.4f} acc {accuracy_sum / count:.4f}", refresh=False)
            bar.update(run.train.batch_size)
    return loss_sum / len(run.train), accuracy_sum / len(run.train)


@torch.inference_mode()
def evaluate(module: nn.Module, loader: Loader) -> Evaluation:
    """Return the module's logits for the loader's pictures, with loss and accuracy as means over the batches."""
    module.eval()
    loss_sum = accuracy_sum = 0.0
    answered = []
    for inputs, labels in loader:
        logits = module(inputs)
        loss_sum += cross_entropy(logits, labels).item()
        accuracy_sum += _share_right(logits, labels)
        answered.append(logits)
    return Evaluation(torch.cat(answered), loss_sum / len(loader), accuracy_sum / len(loader))


def _share_right(logits: Tensor, labels: Tensor) -> float:
    digits = labels != OUT_OF_DISTRIBUTION
    return ((logits.argmax(1) == labels) & digits).float().sum().item() / int(digits.sum())
