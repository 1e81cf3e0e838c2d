"""Batches from tensors in memory, in exactly the order of the notebook's `DataLoader`s."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

LabelledBatch = tuple[Tensor, Tensor]


@dataclass(frozen=True, slots=True)
class Loader:
    """Batches of `inputs` (N, ...) and `labels` (N,), drawing the same random numbers as a `DataLoader`.

    Each new iterator of a `DataLoader` draws a base seed from the global generator, whether it needs one or not. If it
    shuffles, its sampler then draws the seed of a generator of its own. Skipping a draw would change every later
    shuffle. Source: torch/utils/data, `_BaseDataLoaderIter.__init__` and `RandomSampler.__iter__`.
    """

    inputs: Tensor
    labels: Tensor
    batch_size: int
    shuffle: bool

    def __len__(self) -> int:
        """Return the number of batches."""
        return math.ceil(len(self.labels) / self.batch_size)

    def __iter__(self) -> Iterator[LabelledBatch]:
        """Start a pass."""
        _draw_seed()
        if self.shuffle:
            order = torch.randperm(len(self.labels), generator=torch.Generator().manual_seed(_draw_seed()))
            order = order.to(self.inputs.device)
            return ((self.inputs[chosen], self.labels[chosen]) for chosen in order.split(self.batch_size))
        return zip(self.inputs.split(self.batch_size), self.labels.split(self.batch_size), strict=True)


def _draw_seed() -> int:
    return int(torch.empty((), dtype=torch.int64).random_().item())
