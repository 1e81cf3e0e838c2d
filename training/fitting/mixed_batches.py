"""Batches of distorted digits, with digits of other styles, spoilt ones and pictures of no digit among them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from app.lenet.inference.input_tensor import standardise
from app.lenet.network.input_spec import InputSpec
from training.data.loaders import Batch
from training.data.mnist import Digits
from training.recipes import Mixture
from training.synthesis.augmentation import Distortion, distort
from training.synthesis.degradation import spoilt_pool
from training.synthesis.handwriting_styles import styled_pool
from training.synthesis.out_of_distribution import nothing_pool

NOTHING = -1  # the label of a picture that holds no digit


@dataclass(frozen=True, slots=True)
class _Pool:
    """Pictures (N, 1, 28, 28) uint8 and labels (N,), of which `share` are drawn for every batch."""

    pictures: Tensor
    labels: Tensor
    share: int

    def draw(self, generator: torch.Generator) -> Batch:
        chosen = torch.randint(len(self.labels), (self.share,), generator=generator)
        return self.pictures[chosen], self.labels[chosen]


@dataclass(slots=True)
class MixedLoader:
    """A pass over `digits` in random order and full batches, mixed with the pools' pictures and distorted.

    Inputs are (N, 1, 32, 32) float32, normalised; labels (N,) int64, `NOTHING` where there is no digit. Everything
    random comes from `generator`, whose state is all that a resumed fit needs.
    """

    digits: Digits
    batch_size: int
    input: InputSpec
    distortion: Distortion
    mixture: Mixture
    device: torch.device
    generator: torch.Generator
    pools: tuple[_Pool, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Make the pools, from a seed that the generator draws."""
        mixture = self.mixture
        random = np.random.default_rng(int(torch.randint(2**31, (), generator=self.generator)))
        styled, styled_labels = styled_pool(random, mixture.styled_pool)
        spoilt, spoilt_labels = spoilt_pool(random, mixture.spoilt_pool, self.digits)
        nothing = nothing_pool(random, mixture.nothing_pool, self.digits)
        self.pools = (
            _Pool(_as_tensor(styled), torch.from_numpy(styled_labels), mixture.styled),
            _Pool(_as_tensor(spoilt), torch.from_numpy(spoilt_labels), mixture.spoilt),
            _Pool(_as_tensor(nothing), torch.full((len(nothing),), NOTHING), mixture.nothing),
        )

    def __len__(self) -> int:
        """Return the number of batches; a last one that would not be full is left out."""
        return len(self.digits.labels) // self.batch_size

    def __iter__(self) -> Iterator[Batch]:
        """Begin a pass."""
        images, labels = _as_tensor(self.digits.images), self.digits.labels
        order = torch.randperm(len(labels), generator=self.generator)
        for chosen in order[: len(self) * self.batch_size].split(self.batch_size):
            parts = [(images[chosen], labels[chosen]), *(pool.draw(self.generator) for pool in self.pools)]
            yield self._distorted(torch.cat([part for part, _ in parts]), torch.cat([label for _, label in parts]))

    def _distorted(self, pictures: Tensor, labels: Tensor) -> Batch:
        # Shuffled, so that the share that stays plain falls on all sorts.
        order = torch.randperm(len(labels), generator=self.generator)
        inputs = distort(pictures[order].float().div_(255), self.distortion, self.generator)
        inputs = standardise(inputs, self.input).contiguous(memory_format=torch.channels_last)
        return inputs.to(self.device), labels[order].to(self.device)


def _as_tensor(pictures: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(pictures)).unsqueeze(1)
