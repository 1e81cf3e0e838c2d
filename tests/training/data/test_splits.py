import torch

from training.data.mnist import Mnist
from training.data.splits import hold_out


def test_5000_digits_are_held_out_stratified_by_class(mnist: Mnist) -> None:
    fitted, held = hold_out(mnist.train)
    assert (len(fitted.labels), len(held.labels)) == (55_000, 5_000)
    expected = mnist.train.labels.bincount() / 12
    assert (held.labels.bincount() - expected).abs().max() <= 1


def test_the_split_is_disjoint_and_deterministic(mnist: Mnist) -> None:
    fitted, held = hold_out(mnist.train)
    again, held_again = hold_out(mnist.train)
    assert (held.images == held_again.images).all()
    assert torch.equal(fitted.labels, again.labels)
    together = int(fitted.images.sum(dtype="uint64")) + int(held.images.sum(dtype="uint64"))
    assert together == int(mnist.train.images.sum(dtype="uint64"))
