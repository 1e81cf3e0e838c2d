"""Parts of the training set: what is fitted on and what is held out."""

import numpy as np

from training.data.mnist import Digits

HELD_OUT_EVERY = 12  # one in twelve of 60,000 digits is 5,000
_SPLIT_SEED = 1998


def hold_out(digits: Digits) -> tuple[Digits, Digits]:
    """Return the digits to fit on and the one in twelve held out, classes in proportion; always the same ones."""
    labels = digits.labels.numpy()
    shuffled = np.random.default_rng(_SPLIT_SEED).permutation(len(labels))
    by_class = shuffled[np.argsort(labels[shuffled], kind="stable")]
    held = np.zeros(len(labels), bool)
    held[by_class[::HELD_OUT_EVERY]] = True
    return _part(digits, ~held), _part(digits, held)


def _part(digits: Digits, chosen: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Digits:
    return Digits(digits.images[chosen], digits.labels[chosen])
