"""Augmentation: random distortions of whole batches of digits, in tensor code.

The affine map and the elastic displacement together are a linear map from a few random coefficients to a sampling grid.
A batch costs one matrix product and one `grid_sample`, which also enlarges 28x28 to the network's 32x32. MNIST's digits
are centred by mass, and the affine map rotates about that point, so a distorted digit is as centred as in the canonical
form, except for the recipe's shift.
"""

import math
from dataclasses import dataclass, fields, replace
from functools import cache

import torch
from torch import Generator, Tensor
from torch.nn import functional

_IN, _OUT = 28, 32
DISTORTED_SIDE = _OUT
"""Side of a distorted picture, in pixels."""

# MNIST's centre of mass, pixel index 14, in grid_sample's coordinates from -1 to 1.
_CENTRE = (2 * 14 + 1) / _IN - 1
# The standard deviation of the spline is about this share of that of its knots, which are white noise.
_SPLINE_GAIN = 0.48


@dataclass(frozen=True, slots=True, kw_only=True)
class Distortion:
    """Strength of each distortion; zero turns it off. Angles in degrees, lengths in pixels of the 28x28 picture."""

    plain: float = 0.2  # share of the batch without distortions
    rotation: float = 15.0  # uniform, in both directions
    slant: float = 0.25  # horizontal shear, uniform
    scale: float = 0.15  # log of the common scale, uniform
    aspect: float = 0.15  # log of width against height, uniform
    shift: float = 1.0  # uniform in x and y
    elastic: float = 1.0  # standard deviation of the displacement
    knots: int = 7  # of its spline, along a side: fewer are smoother
    thicker: float = 0.25  # share dilated, by part of a pixel
    thinner: float = 0.25  # share eroded, then rescaled to full ink
    gamma: float = 0.4  # log of the exponent on intensity, uniform
    blurred: float = 0.2  # share partly blurred, by a 5x5 binomial kernel
    occluded: float = 0.05  # share with a small patch erased or filled
    faint: float = 0.2  # largest loss of contrast
    noisy: float = 0.1  # share with noise
    noise: float = 0.12  # its largest standard deviation, as a share of full ink

    def halved(self) -> "Distortion":
        """Return these distortions at half strength, with the same share of plain pictures and the same knots."""
        kept = {"plain", "knots"}
        return replace(self, **{f.name: getattr(self, f.name) / 2 for f in fields(self) if f.name not in kept})


def distort(pictures: Tensor, strength: Distortion, generator: Generator) -> Tensor:
    """Distort a shuffled batch (N, 1, 28, 28) float32 in [0, 1]; return (N, 1, 32, 32) in [0, 1].

    The first share `plain` of the batch is only enlarged. Source of the affine and elastic distortions: Simard,
    Steinkraus & Platt, "Best Practices for Convolutional Neural Networks" (2003).
    """
    plain = int(len(pictures) * strength.plain)
    batch = _warped(pictures, plain, strength, generator)
    rest = batch[plain:]
    rest = _thicker_or_thinner(rest, strength, generator)
    rest = _gamma_corrected(rest, strength, generator)
    rest = _blurred(rest, strength, generator)
    rest = _occluded(rest, strength, generator)
    rest = _with_less_contrast(rest, strength, generator)
    batch[plain:] = _with_noise(rest, strength, generator)
    return batch


def _warped(pictures: Tensor, plain: int, strength: Distortion, generator: Generator) -> Tensor:
    count = len(pictures)
    angle = _uniform(count, math.radians(strength.rotation), generator)
    grow = _uniform(count, strength.scale, generator)
    widen = _uniform(count, strength.aspect, generator) / 2
    slant = _uniform(count, strength.slant, generator)
    x_scale, y_scale = (-grow - widen).exp(), (-grow + widen).exp()
    shift = torch.stack([_uniform(count, strength.shift, generator) for _ in "xy"], dim=1)
    rows = torch.empty(count, 2, 3 + strength.knots**2)
    rows[:, :, 0] = _CENTRE + shift * 2 / _IN
    rows[:, :, 1] = torch.stack([x_scale * angle.cos(), y_scale * angle.sin()], dim=1)
    rows[:, :, 2] = torch.stack(
        [x_scale * (slant * angle.cos() - angle.sin()), y_scale * (slant * angle.sin() + angle.cos())], dim=1
    )
    knots = torch.randn(count, 2, strength.knots**2, generator=generator)
    rows[:, :, 3:] = knots * (strength.elastic * 2 / _IN / _SPLINE_GAIN)
    rows[:plain] = 0
    rows[:plain, :, 0] = _CENTRE
    rows[:plain, 0, 1] = rows[:plain, 1, 2] = 1
    # One product for the whole batch: a product of two columns for each picture takes ten times as long.
    grid = (rows.flatten(0, 1) @ _basis(strength.knots).T).view(count, 2, _OUT, _OUT).permute(0, 2, 3, 1)
    return functional.grid_sample(pictures, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


@cache
def _basis(knots: int) -> Tensor:
    """Return the map from (1, x, y, and knots^2 weights of cubic B-splines) to a 32x32 grid: (1024, 3 + knots^2)."""
    line = (torch.arange(_OUT) + 0.5) * 2 / _OUT - 1
    y, x = torch.meshgrid(line, line, indexing="ij")
    affine = torch.stack([torch.ones(_OUT * _OUT), x.flatten() - _CENTRE, y.flatten() - _CENTRE], dim=1)
    distance = ((line[:, None] + 1) / 2 * (knots - 3) + 1 - torch.arange(knots)).abs()
    near, far = 2 / 3 - distance**2 + distance**3 / 2, (2 - distance).clamp(min=0) ** 3 / 6
    spline = torch.where(distance < 1, near, far)
    products = torch.einsum("ia,jb->ijab", spline, spline).reshape(_OUT * _OUT, -1)
    return torch.cat([affine, products], dim=1)


def _thicker_or_thinner(batch: Tensor, strength: Distortion, generator: Generator) -> Tensor:
    """Blend some pictures with their dilation and others with their erosion (greyscale morphology, 3x3)."""
    chosen = _random_indices(batch, strength.thicker + strength.thinner, generator)
    split = round(len(chosen) * strength.thicker / max(strength.thicker + strength.thinner, 1e-9))
    thick, thin = chosen[:split], chosen[split:]
    part = batch[thick]
    batch[thick] = part.lerp(functional.max_pool2d(part, 3, 1, 1), _unit_uniform(len(thick), generator))
    part = batch[thin]
    eroded = part.lerp(-functional.max_pool2d(-part, 3, 1, 1), _unit_uniform(len(thin), generator) * 0.7)
    full = part.amax((1, 2, 3), keepdim=True) / eroded.amax((1, 2, 3), keepdim=True).clamp(min=0.2)
    batch[thin] = eroded * full
    return batch


def _gamma_corrected(batch: Tensor, strength: Distortion, generator: Generator) -> Tensor:
    if not strength.gamma:
        return batch
    chosen = _random_indices(batch, 0.7, generator)
    exponent = _uniform(len(chosen), strength.gamma, generator).exp().view(-1, 1, 1, 1)
    batch[chosen] = batch[chosen].clamp(1e-4, 1).pow(exponent)
    return batch


def _blurred(batch: Tensor, strength: Distortion, generator: Generator) -> Tensor:
    chosen = _random_indices(batch, strength.blurred, generator)
    line = torch.tensor([1.0, 4, 6, 4, 1]) / 16
    part = batch[chosen]
    soft = functional.conv2d(part, (line[:, None] * line).view(1, 1, 5, 5), padding=2)
    batch[chosen] = part.lerp(soft, _unit_uniform(len(chosen), generator))
    return batch


def _occluded(batch: Tensor, strength: Distortion, generator: Generator) -> Tensor:
    chosen = _random_indices(batch, strength.occluded, generator)
    size = 3 + 3 * _unit_uniform(len(chosen), generator)
    y, x = torch.rand(2, len(chosen), 1, 1, 1, generator=generator) * 20 + 6
    line = torch.arange(_OUT)
    inside = ((line[:, None] - y).abs() * 2 < size) & ((line - x).abs() * 2 < size)
    batch[chosen] = torch.where(inside, _unit_uniform(len(chosen), generator).round(), batch[chosen])
    return batch


def _with_less_contrast(batch: Tensor, strength: Distortion, generator: Generator) -> Tensor:
    return batch * (1 - strength.faint * _unit_uniform(len(batch), generator))


def _with_noise(batch: Tensor, strength: Distortion, generator: Generator) -> Tensor:
    chosen = _random_indices(batch, strength.noisy, generator)
    deviation = _unit_uniform(len(chosen), generator) * strength.noise
    grain = torch.randn(len(chosen), 1, _OUT, _OUT, generator=generator) * deviation
    batch[chosen] = (batch[chosen] + grain).clamp_(0, 1)
    return batch


def _random_indices(batch: Tensor, share: float, generator: Generator) -> Tensor:
    """Return the indices of a random share of the batch: (K,)."""
    return torch.randperm(len(batch), generator=generator)[: round(len(batch) * share)]


def _unit_uniform(count: int, generator: Generator) -> Tensor:
    """Return a uniform random number in [0, 1) for each of `count` pictures: (count, 1, 1, 1)."""
    return torch.rand(count, 1, 1, 1, generator=generator)


def _uniform(count: int, limit: float, generator: Generator) -> Tensor:
    """Return uniform random numbers between -limit and limit: (count,)."""
    return (torch.rand(count, generator=generator) * 2 - 1) * limit
