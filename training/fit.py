"""The fit: an epoch of training, an evaluation, and the loop around them that keeps the best epoch."""

import random
import time
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from tqdm import tqdm

from app.lenet.card import Epoch
from app.lenet.model import ARCHITECTURES
from training.data import CLASS_NAMES, Mnist
from training.loaders import Loader
from training.recipes import Recipe
from training.scores import macro_f1


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Answers (N,) int64 to a loader's pictures in order, with loss and accuracy as means over batches."""

    answers: Tensor
    loss: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Fit:
    """The module as it was after its best epoch, that epoch's evaluation, and the history of all epochs."""

    module: nn.Module
    evaluation: Evaluation
    history: tuple[Epoch, ...]


def seed_everything(seed: int) -> None:
    """Seed every generator that the notebook seeded."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def fit(recipe: Recipe, mnist: Mnist, *, seed: int, device: torch.device) -> Fit:
    """Fit `recipe` on MNIST, printing each epoch's figures, and return its epoch of best validation accuracy."""
    train = Loader(
        mnist.train.inputs(recipe.input).to(device), mnist.train.labels.to(device), recipe.batch_size, shuffle=True
    )
    valid = Loader(
        mnist.test.inputs(recipe.input).to(device), mnist.test.labels.to(device), recipe.batch_size, shuffle=False
    )
    seed_everything(seed)
    module = ARCHITECTURES[recipe.architecture]().to(device).to(memory_format=torch.channels_last)
    optimiser = torch.optim.SGD(
        module.parameters(),
        lr=recipe.learning_rate,
        momentum=recipe.momentum,
        weight_decay=recipe.weight_decay,
        fused=True,
    )
    schedule = torch.optim.lr_scheduler.StepLR(optimiser, recipe.step_size, recipe.gamma)
    history: list[Epoch] = []
    kept: tuple[Evaluation, dict[str, Tensor]] | None = None
    for number in range(1, recipe.epochs + 1):
        started = time.perf_counter()
        train_loss, train_accuracy = train_one_epoch(module, train, optimiser, f"epoch {number}/{recipe.epochs}")
        seconds = time.perf_counter() - started
        evaluation = evaluate(module, valid)
        schedule.step()
        history.append(
            Epoch(
                epoch=number,
                train_loss=train_loss,
                train_accuracy=train_accuracy,
                valid_loss=evaluation.loss,
                valid_accuracy=evaluation.accuracy,
                valid_macro_f1=macro_f1(evaluation.answers, valid.labels, len(CLASS_NAMES)),
                seconds=seconds,
            )
        )
        _print_epoch(history[-1])
        if kept is None or evaluation.accuracy > kept[0].accuracy:
            kept = evaluation, {name: tensor.clone() for name, tensor in module.state_dict().items()}
    if kept is None:
        raise ValueError("a fit needs at least one epoch")
    best, state = kept
    module.load_state_dict(state)
    print(f">> best val acc: {best.accuracy:.4f}")
    return Fit(module.eval(), best, tuple(history))


def train_one_epoch(
    module: nn.Module, loader: Loader, optimiser: torch.optim.Optimizer, title: str
) -> tuple[float, float]:
    """Take one step for each batch of `loader`; return loss and accuracy as means over the batches."""
    module.train()
    loss_sum = accuracy_sum = 0.0
    with tqdm(total=len(loader.labels), desc=title, unit=" images", unit_scale=True) as bar:
        for count, (inputs, labels) in enumerate(loader, start=1):
            optimiser.zero_grad()
            logits = module(inputs)
            loss = cross_entropy(logits, labels)
            loss.backward()
            optimiser.step()
            loss_sum += loss.item()
            accuracy_sum += _share_right(logits, labels)
            bar.set_postfix_str(f"loss {loss_sum / count:.4f} acc {accuracy_sum / count:.4f}", refresh=False)
            bar.update(len(labels))
    return loss_sum / len(loader), accuracy_sum / len(loader)


@torch.inference_mode()
def evaluate(module: nn.Module, loader: Loader) -> Evaluation:
    """Return the module's answers to `loader`'s pictures, with loss and accuracy as means over the batches."""
    module.eval()
    loss_sum = accuracy_sum = 0.0
    answers = []
    for inputs, labels in loader:
        logits = module(inputs)
        loss_sum += cross_entropy(logits, labels).item()
        accuracy_sum += _share_right(logits, labels)
        answers.append(logits.argmax(1))
    return Evaluation(torch.cat(answers), loss_sum / len(loader), accuracy_sum / len(loader))


def _share_right(logits: Tensor, labels: Tensor) -> float:
    return (logits.argmax(1) == labels).float().mean().item()


def _print_epoch(epoch: Epoch) -> None:
    print(
        f"train | loss {epoch.train_loss:.4f} acc {epoch.train_accuracy:.4f} time {epoch.seconds:.1f}s\n"
        f"valid | loss {epoch.valid_loss:.4f} acc {epoch.valid_accuracy:.4f} macro_f1 {epoch.valid_macro_f1:.4f}",
        flush=True,
    )
