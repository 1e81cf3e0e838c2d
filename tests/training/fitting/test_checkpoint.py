from dataclasses import replace
from pathlib import Path

import pytest
import torch

from training.data.mnist import Digits, Mnist
from training.fitting.checkpoint import Checkpoint
from training.fitting.loop import FitResult, fit
from training.recipes import NOTEBOOK, ROBUST, Mixture, Recipe
from training.synthesis.augmentation import Distortion

CPU = torch.device("cpu")
PLAIN = replace(NOTEBOOK, batch_size=64, epochs=3)
MIXED = replace(
    ROBUST,
    batch_size=64,
    epochs=3,
    final_share_at_half_distortion=0.4,
    distortion=Distortion(),
    mixture=Mixture(
        styled=4,
        styled_pool=20,
        degraded=4,
        degraded_pool=20,
        out_of_distribution=8,
        out_of_distribution_pool=20,
        exposure=0.4,
    ),
)


class FailingCheckpoint(Checkpoint):
    """A checkpoint that stores the first epoch and is interrupted after the second."""

    def save(self, state: dict[str, object]) -> None:
        if len(state["history"]) == 2:  # type: ignore[arg-type]
            raise KeyboardInterrupt
        super().save(state)


def are_equal(one: FitResult, other: FitResult) -> bool:
    figures = [[(e.train_loss, e.valid_loss, e.valid_accuracy) for e in result.history] for result in (one, other)]
    tensors = zip(one.module.state_dict().values(), other.module.state_dict().values(), strict=True)
    return figures[0] == figures[1] and all(torch.equal(a, b) for a, b in tensors)


@pytest.mark.parametrize("recipe", [PLAIN, MIXED])
def test_a_resumed_fit_ends_with_the_same_weights(few: Mnist, tmp_path: Path, recipe: Recipe) -> None:
    whole = fit(recipe, few, seed=3, device=CPU)
    path = tmp_path / "unfinished.pt"
    with pytest.raises(KeyboardInterrupt):
        fit(recipe, few, seed=3, device=CPU, checkpoint=FailingCheckpoint(path, recipe, 3))
    resumed = fit(recipe, few, seed=3, device=CPU, checkpoint=Checkpoint(path, recipe, 3))
    assert are_equal(whole, resumed)


def test_another_fit_does_not_load_the_checkpoint(few: Mnist, tmp_path: Path) -> None:
    path = tmp_path / "unfinished.pt"
    Checkpoint(path, PLAIN, 3).save({"history": []})
    assert Checkpoint(path, PLAIN, 3).load() == {"history": []}
    assert Checkpoint(path, PLAIN, 4).load() is None
    assert Checkpoint(path, replace(PLAIN, momentum=0.5), 3).load() is None


def test_delete_removes_the_file(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "unfinished.pt", PLAIN, 3)
    checkpoint.save({"history": []})
    checkpoint.delete()
    checkpoint.delete()
    assert checkpoint.load() is None
    assert list(tmp_path.iterdir()) == []


def test_robust_does_not_see_the_test_set(few: Mnist) -> None:
    """Wrong test labels would change a fit that used them. This one ends with the same weights."""
    wrong = Mnist(train=few.train, test=Digits(few.test.images, (few.test.labels + 1) % 10))
    assert are_equal(fit(MIXED, few, seed=1, device=CPU), fit(MIXED, wrong, seed=1, device=CPU))
