"""The fit of a recipe: a loop over epochs that keeps the best one."""

import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR, StepLR

from app.lenet.network.architectures import build
from app.lenet.network.card import Epoch
from training.data.loaders import Loader
from training.data.mnist import Digits, Mnist
from training.data.splits import hold_out
from training.fitting.checkpoint import Checkpoint
from training.fitting.epochs import TrainingState, one_epoch
from training.fitting.losses import Loss, classification_loss
from training.fitting.mixed_batches import MixedLoader
from training.recipes import OneCycle, Recipe

# Where OneCycleLR starts, as a share of the peak: its default, after Smith & Topin.
_ONE_CYCLE_START = 1 / 25


@dataclass(frozen=True, slots=True)
class FitResult:
    """The module after its best epoch, and the history of all epochs."""

    module: nn.Module
    history: tuple[Epoch, ...]


def seed_everything(seed: int) -> None:
    """Seed every generator that the notebook seeded."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def fit(
    recipe: Recipe,
    mnist: Mnist,
    *,
    seed: int,
    device: torch.device,
    checkpoint: Checkpoint | None = None,
    make: Callable[[], nn.Module] | None = None,
    loss: Loss | None = None,
) -> FitResult:
    """Fit `recipe` on MNIST, print each epoch's figures, and return the epoch of the best validation accuracy.

    With a checkpoint, the state is stored after each epoch, and an interrupted fit resumes from the last stored one.
    `make` and `loss` replace the recipe's network and its loss.
    """
    train, valid = _loaders(recipe, mnist, seed, device)
    seed_everything(seed)
    module = (make() if make else build(recipe.architecture)).to(device).to(memory_format=torch.channels_last)
    optimiser = torch.optim.SGD(
        module.parameters(),
        lr=recipe.learning_rate,
        momentum=recipe.momentum,
        nesterov=recipe.nesterov,
        weight_decay=recipe.weight_decay,
        fused=True,
    )
    schedule = _schedule(recipe, optimiser, len(train))
    loss = loss or classification_loss(recipe.mixture.exposure if recipe.mixture else 0.0)
    training = TrainingState(module, optimiser, schedule, train, loss)
    history: list[Epoch] = []
    kept: dict[str, Tensor] = {}
    if checkpoint and (stored := checkpoint.load()):
        history, kept = [Epoch(**epoch) for epoch in stored["history"]], stored["kept"]
        training.load_state_dict(stored["training"])
        del stored  # frees the second copy of the weights
        print(f"resuming after epoch {len(history)}")
    full_epochs = recipe.epochs * (1 - recipe.final_share_at_half_distortion)
    for number in range(len(history) + 1, recipe.epochs + 1):
        if recipe.distortion and isinstance(train, MixedLoader) and number > full_epochs:
            train.distortion = recipe.distortion.halved()
        epoch = one_epoch(training, valid, number, recipe)
        if not history or epoch.valid_accuracy > max(past.valid_accuracy for past in history):
            kept = {name: tensor.clone() for name, tensor in module.state_dict().items()}
        history.append(epoch)
        if checkpoint:
            past = [epoch.model_dump() for epoch in history]
            checkpoint.save({"history": past, "kept": kept, "training": training.state_dict()})
    if not kept:
        raise ValueError("a fit needs at least one epoch")
    module.load_state_dict(kept)
    print(f">> best val acc: {max(epoch.valid_accuracy for epoch in history):.4f}")
    return FitResult(module.eval(), tuple(history))


def _loaders(recipe: Recipe, mnist: Mnist, seed: int, device: torch.device) -> tuple[Loader | MixedLoader, Loader]:
    """Return the loaders of the digits to fit on and of those that choose the epoch."""
    fitted_on, held = (mnist.train, mnist.test) if recipe.selected_on == "test" else hold_out(mnist.train)
    valid = plain_loader(held, recipe, device)
    if recipe.distortion is None or recipe.mixture is None:
        return plain_loader(fitted_on, recipe, device, shuffle=True), valid
    train = MixedLoader(
        digits=fitted_on,
        batch_size=recipe.batch_size,
        input=recipe.input,
        distortion=recipe.distortion,
        mixture=recipe.mixture,
        device=device,
        generator=torch.Generator().manual_seed(seed),
    )
    return train, valid


def plain_loader(digits: Digits, recipe: Recipe, device: torch.device, *, shuffle: bool = False) -> Loader:
    """Return batches of the digits without distortions."""
    return Loader(digits.inputs(recipe.input).to(device), digits.labels.to(device), recipe.batch_size, shuffle)


def _schedule(recipe: Recipe, optimiser: torch.optim.Optimizer, batches: int) -> LRScheduler:
    """Return the recipe's schedule, which is stepped after each batch."""
    if isinstance(recipe.schedule, OneCycle):
        return OneCycleLR(
            optimiser,
            max_lr=recipe.learning_rate,
            total_steps=recipe.epochs * batches,
            pct_start=recipe.schedule.rise,
            cycle_momentum=False,
            div_factor=1 / _ONE_CYCLE_START,
            final_div_factor=_ONE_CYCLE_START / recipe.schedule.end,
        )
    return StepLR(optimiser, recipe.schedule.epochs * batches, recipe.schedule.gamma)
