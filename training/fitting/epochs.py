"""One epoch of a fit: training on all batches, then validation."""

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
from training.fitting.random_state import get_random_state, set_random_state
from training.recipes import Recipe


@dataclass(frozen=True, slots=True)
class TrainingState:
    """Everything that changes during a fit."""

    module: nn.Module
    optimiser: torch.optim.Optimizer
    schedule: LRScheduler
    train: Loader | MixedLoader
    loss: Loss

    @property
    def device(self) -> torch.device:
        """The device that the module is on."""
        return next(self.module.parameters()).device

    def state_dict(self) -> dict[str, Any]:
        """Return what `load_state_dict` needs to resume the fit with exactly the same numbers."""
        return {
            "module": self.module.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "random": get_random_state(self.device),
            "mixed": self.train.generator.get_state() if isinstance(self.train, MixedLoader) else None,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore a state that `state_dict` returned."""
        self.module.load_state_dict(state["module"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.schedule.load_state_dict(state["schedule"])
        set_random_state(state["random"], self.device)
        if isinstance(self.train, MixedLoader):
            self.train.generator.set_state(state["mixed"])


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Logits (N, classes) of a loader's pictures, in order; loss and accuracy are means over the batches."""

    logits: Tensor
    loss: float
    accuracy: float

    @property
    def answers(self) -> Tensor:
        """The most likely class of each picture: (N,) int64."""
        return self.logits.argmax(1)


def one_epoch(state: TrainingState, valid: Loader, number: int, recipe: Recipe) -> Epoch:
    """Train for one epoch, validate, print the figures of both and return them."""
    started = time.perf_counter()
    train_loss, train_accuracy = train_one_epoch(state, f"epoch {number}/{recipe.epochs}")
    seconds = time.perf_counter() - started
    evaluation = evaluate_batches(state.module, valid)
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


def train_one_epoch(state: TrainingState, title: str) -> tuple[float, float]:
    """Take an optimiser step for each batch; return loss and accuracy on digits, as means over the batches."""
    state.module.train()
    loss_sum = accuracy_sum = 0.0
    with tqdm(total=len(state.train) * state.train.batch_size, desc=title, unit=" images", unit_scale=True) as bar:
        for count, (inputs, labels) in enumerate(state.train, start=1):
            state.optimiser.zero_grad()
            logits = state.module(inputs)
            loss = state.loss(inputs, logits, labels)
            loss.backward()
            state.optimiser.step()
            state.schedule.step()
            loss_sum += loss.item()
            accuracy_sum += _accuracy_on_digits(logits, labels)
            bar.set_postfix_str(f"loss {loss_sum / count:.4f} acc {accuracy_sum / count:.4f}", refresh=False)
            bar.update(state.train.batch_size)
    return loss_sum / len(state.train), accuracy_sum / len(state.train)


@torch.inference_mode()
def evaluate_batches(module: nn.Module, loader: Loader) -> Evaluation:
    """Return the module's logits for the loader's pictures, with loss and accuracy."""
    module.eval()
    loss_sum = accuracy_sum = 0.0
    all_logits = []
    for inputs, labels in loader:
        logits = module(inputs)
        loss_sum += cross_entropy(logits, labels).item()
        accuracy_sum += _accuracy_on_digits(logits, labels)
        all_logits.append(logits)
    return Evaluation(torch.cat(all_logits), loss_sum / len(loader), accuracy_sum / len(loader))


def _accuracy_on_digits(logits: Tensor, labels: Tensor) -> float:
    digits = labels != OUT_OF_DISTRIBUTION
    return ((logits.argmax(1) == labels) & digits).float().sum().item() / int(digits.sum())
