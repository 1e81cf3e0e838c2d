"""Batches from tensors in memory, in the very order that the notebook's `DataLoader`s gave them."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

Batch = tuple[Tensor, Tensor]


@dataclass(frozen=True, slots=True)
class Loader:
    """Batches of `inputs` (N, ...) and `labels` (N,); a new pass over them takes the random draws `DataLoader` takes.

    Every iterator of a `DataLoader` first draws a base seed from the global generator, used or not; a shuffling
    sampler then draws the seed of its own generator. Source: torch/utils/data, `_BaseDataLoaderIter.__init__` and
    `RandomSampler.__iter__`. Leaving a draw out would change every later shuffle.
    """

    inputs: Tensor
    labels: Tensor
    batch_size: int
    shuffle: bool

    def __len__(self) -> int:
        """Return the number of batches."""
        return math.ceil(len(self.labels) / self.batch_size)

    def __iter__(self) -> Iterator[Batch]:
        """Begin a pass."""
        _draw_seed()
        if self.shuffle:
            order = torch.randperm(len(self.labels), generator=torch.Generator().manual_seed(_draw_seed()))
            order = order.to(self.inputs.device)
            return ((self.inputs[chosen], self.labels[chosen]) for chosen in order.split(self.batch_size))
        return zip(self.inputs.split(self.batch_size), self.labels.split(self.batch_size), strict=True)


def _draw_seed() -> int:
    return int(torch.empty((), dtype=torch.int64).random_().item())
