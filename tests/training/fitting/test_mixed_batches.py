from dataclasses import replace

import numpy as np
import pytest
import torch

from app.lenet.network.input_spec import NOTEBOOK_INPUT
from training.data.mnist import Mnist
from training.fitting.mixed_batches import NOTHING, MixedLoader
from training.recipes import Mixture
from training.synthesis.augmentation import Distortion
from training.synthesis.degradation import spoilt_pool
from training.synthesis.drawing import place
from training.synthesis.fonts import penned, printed
from training.synthesis.handwriting_styles import styled_pool
from training.synthesis.out_of_distribution import nothing_pool

MIXTURE = Mixture(styled=3, styled_pool=40, spoilt=5, spoilt_pool=40, nothing=7, nothing_pool=40, exposure=0.5)


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


def test_a_batch_holds_the_share_of_every_sort(few: Mnist) -> None:
    batches = list(loader(few))
    assert len(batches) == len(loader(few)) == 5
    for inputs, labels in batches:
        assert inputs.shape == (115, 1, 32, 32)
        assert int((labels == NOTHING).sum()) == 7
        assert labels[labels != NOTHING].min() >= 0


def test_a_pass_shows_no_digit_twice(few: Mnist) -> None:
    numbered = replace(few.train, labels=torch.arange(512))
    train = loader(replace(few, train=numbered))
    train.pools = ()
    shown = torch.cat([labels for _, labels in train])
    assert len(shown.unique()) == 500


def test_a_seed_decides_the_batches(few: Mnist) -> None:
    def first(seed: int) -> torch.Tensor:
        return next(iter(loader(few, seed)))[0]

    assert torch.equal(first(1), first(1))
    assert not torch.equal(first(1), first(2))


def test_inputs_are_normalised_as_for_the_network(few: Mnist) -> None:
    inputs = torch.cat([inputs for inputs, _ in loader(few)])
    assert inputs.min().item() == pytest.approx(-0.1307 / 0.3081, abs=1e-5)
    assert inputs.max().item() <= (1 - 0.1307) / 0.3081 + 1e-5


def test_pools_are_pictures_in_mnists_form_of_all_sorts(few: Mnist) -> None:
    random = np.random.default_rng(0)
    styled, styled_labels = styled_pool(random, 100)
    spoilt, spoilt_labels = spoilt_pool(random, 100, few.train)
    nothing = nothing_pool(random, 100, few.train)
    for pool in (styled, spoilt, nothing):
        assert pool.shape == (100, 28, 28)
        assert pool.dtype == np.uint8
        assert len(np.unique(pool.reshape(100, -1), axis=0)) > 90
    assert set(styled_labels.tolist()) == set(range(10))
    assert set(spoilt_labels.tolist()) == set(range(10))


def test_characters_come_from_the_fonts() -> None:
    random = np.random.default_rng(0)
    for draw in (printed, penned):
        picture, character = draw(random, "A")
        assert character == "A"
        rows, columns = np.nonzero(picture)
        assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20


def test_placing_gives_mnists_form_and_of_nothing_nothing() -> None:
    canvas = np.zeros((112, 112), np.uint8)
    assert not place(canvas).any()
    canvas[20:100, 30:50] = 255
    placed = place(canvas)
    rows, columns = np.nonzero(placed)
    assert int(np.ptp(rows)) + 1 == 20
    assert int(np.ptp(columns)) + 1 == 5
    assert abs(rows.mean() - 14) <= 0.5
