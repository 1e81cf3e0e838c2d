"""The split of the training set: digits to fit on, and digits held out to choose an epoch and a calibration."""

import numpy as np

from training.data.mnist import Digits

HELD_OUT_EVERY = 12  # one in twelve of 60,000 digits is 5,000
_SPLIT_SEED = 1998


def hold_out(digits: Digits) -> tuple[Digits, Digits]:
    """Return the digits to fit on and the held-out twelfth. The split is stratified by class and always the same."""
    labels = digits.labels.numpy()
    shuffled = np.random.default_rng(_SPLIT_SEED).permutation(len(labels))
    by_class = shuffled[np.argsort(labels[shuffled], kind="stable")]
    held = np.zeros(len(labels), bool)
    held[by_class[::HELD_OUT_EVERY]] = True
    return _part(digits, ~held), _part(digits, held)


def _part(digits: Digits, chosen: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Digits:
    return Digits(digits.images[chosen], digits.labels[chosen])
