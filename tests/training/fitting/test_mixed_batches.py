from dataclasses import replace

import numpy as np
import pytest
import torch

from app.lenet.network.input_spec import NOTEBOOK_INPUT
from training.data.mnist import Mnist
from training.fitting.mixed_batches import OUT_OF_DISTRIBUTION, MixedLoader
from training.recipes import Mixture
from training.synthesis.augmentation import Distortion
from training.synthesis.degradation import degraded_digits
from training.synthesis.drawing import place
from training.synthesis.fonts import hershey_character, printed_character
from training.synthesis.handwriting_styles import styled_digits
from training.synthesis.out_of_distribution import out_of_distribution_pictures

MIXTURE = Mixture(
    styled=3,
    styled_pool=40,
    degraded=5,
    degraded_pool=40,
    out_of_distribution=7,
    out_of_distribution_pool=40,
    exposure=0.5,
)


def loader(few: Mnist, seed: int = 0) -> MixedLoader:
    return MixedLoader(
        digits=few.train,
        batch_size=100,
        input=NOTEBOOK_INPUT,
        distortion=Distortion(),
        mixture=MIXTURE,
        device=torch.device("cpu"),
        generator=torch.Generator().manual_seed(seed),
    )


def test_each_batch_holds_pictures_of_each_kind(few: Mnist) -> None:
    batches = list(loader(few))
    assert len(batches) == len(loader(few)) == 5
    for inputs, labels in batches:
        assert inputs.shape == (115, 1, 32, 32)
        assert int((labels == OUT_OF_DISTRIBUTION).sum()) == 7
        assert labels[labels != OUT_OF_DISTRIBUTION].min() >= 0


def test_no_digit_is_repeated_within_a_pass(few: Mnist) -> None:
    numbered = replace(few.train, labels=torch.arange(512))
    train = loader(replace(few, train=numbered))
    train.pools = ()
    shown = torch.cat([labels for _, labels in train])
    assert len(shown.unique()) == 500


def test_the_seed_decides_the_batches(few: Mnist) -> None:
    def first(seed: int) -> torch.Tensor:
        return next(iter(loader(few, seed)))[0]

    assert torch.equal(first(1), first(1))
    assert not torch.equal(first(1), first(2))


def test_inputs_are_normalised_as_for_the_network(few: Mnist) -> None:
    inputs = torch.cat([inputs for inputs, _ in loader(few)])
    assert inputs.min().item() == pytest.approx(-0.1307 / 0.3081, abs=1e-5)
    assert inputs.max().item() <= (1 - 0.1307) / 0.3081 + 1e-5


def test_synthetic_pictures_vary_and_have_mnists_form(few: Mnist) -> None:
    random = np.random.default_rng(0)
    styled, styled_labels = styled_digits(random, 100)
    degraded, degraded_labels = degraded_digits(random, 100, few.train)
    outliers = out_of_distribution_pictures(random, 100, few.train)
    for pictures in (styled, degraded, outliers):
        assert pictures.shape == (100, 28, 28)
        assert pictures.dtype == np.uint8
        assert len(np.unique(pictures.reshape(100, -1), axis=0)) > 90
    assert set(styled_labels.tolist()) == set(range(10))
    assert set(degraded_labels.tolist()) == set(range(10))


def test_characters_fill_mnists_frame() -> None:
    random = np.random.default_rng(0)
    for draw in (printed_character, hershey_character):
        picture, character = draw(random, "A")
        assert character == "A"
        rows, columns = np.nonzero(picture)
        assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20


def test_place_gives_mnists_form_and_leaves_an_empty_drawing_empty() -> None:
    canvas = np.zeros((112, 112), np.uint8)
    assert not place(canvas).any()
    canvas[20:100, 30:50] = 255
    placed = place(canvas)
    rows, columns = np.nonzero(placed)
    assert int(np.ptp(rows)) + 1 == 20
    assert int(np.ptp(columns)) + 1 == 5
    assert abs(rows.mean() - 14) <= 0.5
