"""The table of architectures that a card may name."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from app.lenet.network.alexnet import alexnet
from app.lenet.network.lenet5 import LeNet5


@dataclass(frozen=True, slots=True)
class Architecture:
    """A network's name as people write it, and the function that makes it with fresh weights."""

    title: str
    make: Callable[[], nn.Module]


ARCHITECTURES = {
    "lenet5": Architecture("LeNet-5", LeNet5),
    "alexnet": Architecture("AlexNet", alexnet),
}


def build(architecture: str) -> nn.Module:
    """Return the architecture with fresh weights; raises `KeyError` when it is unknown, or whatever `make` raises."""
    return ARCHITECTURES[architecture].make()
