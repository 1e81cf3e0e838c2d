"""Batches of distorted MNIST digits mixed with synthetic pictures."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from app.lenet.inference.input_tensor import standardise
from app.lenet.network.input_spec import InputSpec
from training.data.loaders import LabelledBatch
from training.data.mnist import Digits
from training.recipes import Mixture
from training.synthesis.augmentation import Distortion, distort
from training.synthesis.degradation import degraded_digits
from training.synthesis.handwriting_styles import styled_digits
from training.synthesis.out_of_distribution import out_of_distribution_pictures

OUT_OF_DISTRIBUTION = -1  # the label of a picture that holds no digit


@dataclass(frozen=True, slots=True)
class _Pool:
    """Pictures (N, 1, 28, 28) uint8 and labels (N,), of which `per_batch` are drawn for each batch."""

    pictures: Tensor
    labels: Tensor
    per_batch: int

    def draw(self, generator: torch.Generator) -> LabelledBatch:
        chosen = torch.randint(len(self.labels), (self.per_batch,), generator=generator)
        return self.pictures[chosen], self.labels[chosen]


@dataclass(slots=True)
class MixedLoader:
    """Full batches of `digits` in random order, mixed with pictures from the pools and distorted.

    Inputs are (N, 1, 32, 32) float32, normalised; labels are (N,) int64, `OUT_OF_DISTRIBUTION` where there is no digit.
    All random numbers come from `generator`, so its state is all that a resumed fit needs.
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
        """Make the pools from a seed that the generator draws."""
        mixture = self.mixture
        random = np.random.default_rng(int(torch.randint(2**31, (), generator=self.generator)))
        styled, styled_labels = styled_digits(random, mixture.styled_pool)
        degraded, degraded_labels = degraded_digits(random, mixture.degraded_pool, self.digits)
        outliers = out_of_distribution_pictures(random, mixture.out_of_distribution_pool, self.digits)
        self.pools = (
            _Pool(_as_tensor(styled), torch.from_numpy(styled_labels), mixture.styled),
            _Pool(_as_tensor(degraded), torch.from_numpy(degraded_labels), mixture.degraded),
            _Pool(_as_tensor(outliers), torch.full((len(outliers),), OUT_OF_DISTRIBUTION), mixture.out_of_distribution),
        )

    def __len__(self) -> int:
        """Return the number of batches; an incomplete last one is dropped."""
        return len(self.digits.labels) // self.batch_size

    def __iter__(self) -> Iterator[LabelledBatch]:
        """Start a pass."""
        images, labels = _as_tensor(self.digits.images), self.digits.labels
        order = torch.randperm(len(labels), generator=self.generator)
        for chosen in order[: len(self) * self.batch_size].split(self.batch_size):
            parts = [(images[chosen], labels[chosen]), *(pool.draw(self.generator) for pool in self.pools)]
            yield self._distorted(torch.cat([part for part, _ in parts]), torch.cat([label for _, label in parts]))

    def _distorted(self, pictures: Tensor, labels: Tensor) -> LabelledBatch:
        # Shuffled, because the first pictures of the batch stay plain.
        order = torch.randperm(len(labels), generator=self.generator)
        inputs = distort(pictures[order].float().div_(255), self.distortion, self.generator)
        inputs = standardise(inputs, self.input).contiguous(memory_format=torch.channels_last)
        return inputs.to(self.device), labels[order].to(self.device)


def _as_tensor(pictures: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(pictures)).unsqueeze(1)
