from dataclasses import fields, replace

import pytest
import torch
from PIL import Image

from app.lenet.inference.input_tensor import resize_squares
from training.data.mnist import Mnist
from training.synthesis.augmentation import Distortion, distort

NONE = Distortion(**{f.name: 0 for f in fields(Distortion) if f.name != "knots"})


def digits(mnist: Mnist, count: int = 200) -> torch.Tensor:
    return torch.from_numpy(mnist.test.images[:count]).unsqueeze(1).float().div(255)


def distorted(pictures: torch.Tensor, strength: Distortion, seed: int = 0) -> torch.Tensor:
    return distort(pictures, strength, torch.Generator().manual_seed(seed))


def enlarged(mnist: Mnist, count: int = 200) -> torch.Tensor:
    return torch.from_numpy(resize_squares(mnist.test.images[:count], 32).copy()).unsqueeze(1).float().div(255)


@pytest.mark.parametrize("strength", [NONE, Distortion(plain=1.0)])
def test_plain_pictures_are_enlarged_as_by_pillow(mnist: Mnist, strength: Distortion) -> None:
    off = (distorted(digits(mnist), strength) - enlarged(mnist)).abs()
    assert off[:, :, 1:-1, 1:-1].max() <= 1.01 / 255  # Pillow extends the border, grid_sample pads with zeros


def test_only_the_plain_share_is_undistorted(mnist: Mnist) -> None:
    off = (distorted(digits(mnist), Distortion(plain=0.25)) - enlarged(mnist)).abs()[:, :, 1:-1, 1:-1].amax((1, 2, 3))
    assert (off[:50] < 2 / 255).all()
    assert (off[50:] > 0.05).all()


@pytest.mark.parametrize(
    "name",
    ["rotation", "slant", "scale", "aspect", "shift", "elastic", "thicker", "thinner", "gamma", "blurred", "occluded"],
)
def test_each_distortion_alone_changes_digits(mnist: Mnist, name: str) -> None:
    strength = replace(NONE, **{name: getattr(Distortion(thicker=1.0, thinner=1.0, blurred=1.0, occluded=1.0), name)})
    changed = (distorted(digits(mnist), strength) - enlarged(mnist)).abs().amax((1, 2, 3)) > 0.02
    assert changed.float().mean() > 0.5


def test_faintness_and_noise_change_digits(mnist: Mnist) -> None:
    faint = distorted(digits(mnist), replace(NONE, faint=0.5))
    assert faint.amax((1, 2, 3)).min() < 0.7
    noisy = distorted(digits(mnist), replace(NONE, noisy=1.0, noise=0.2))
    assert (noisy[:, :, :3] > 0).float().mean() > 0.2


def test_distorted_pictures_have_the_right_shape_and_range(mnist: Mnist) -> None:
    result = distorted(digits(mnist), Distortion())
    assert result.shape == (200, 1, 32, 32)
    assert result.min() >= 0
    assert result.max() <= 1


def test_the_seed_decides_the_distortions(mnist: Mnist) -> None:
    one, same, other = (distorted(digits(mnist), Distortion(), seed) for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_rotation_is_about_the_centre_of_mass(mnist: Mnist) -> None:
    dot = torch.zeros(50, 1, 28, 28)
    dot[:, :, 14, 14] = 1
    rotated = distorted(dot, replace(NONE, rotation=90.0))
    line = torch.arange(32.0)
    x = (rotated.sum(2) * line).sum((1, 2)) / rotated.sum((1, 2, 3))
    assert (x - (14.5 * 32 / 28 - 0.5)).abs().max() < 0.05


def test_half_strength_halves_all_strengths_but_the_plain_share_and_knots() -> None:
    half = Distortion(plain=0.3, knots=7, rotation=10.0, elastic=2.0).halved()
    assert (half.plain, half.knots, half.rotation, half.elastic) == (0.3, 7, 5.0, 1.0)


def test_distorted_digits_resemble_themselves(mnist: Mnist) -> None:
    """A distorted digit is more similar to its original than to another digit."""
    before, after = enlarged(mnist).flatten(1), distorted(digits(mnist), Distortion()).flatten(1)
    own = torch.cosine_similarity(before, after)
    other = torch.cosine_similarity(before, after.roll(1, 0))
    assert (own > other).float().mean() > 0.85
    assert Image.fromarray((after[0].view(32, 32) * 255).byte().numpy()).size == (32, 32)
