import numpy as np

from training.synthesis.handwriting_styles import _flagged_one, styled_digits


def test_a_flagged_one_is_wider_at_its_flag_than_at_its_stem() -> None:
    random = np.random.default_rng(0)
    for _ in range(100):
        inked = (_flagged_one(random) > 100).sum(1)
        first, last = np.flatnonzero(inked)[[0, -1]]
        middle = (first + last) // 2
        assert inked[:middle].max() > np.median(inked[middle:last])


def test_a_seed_decides_the_pool() -> None:
    one, same, other = (styled_digits(np.random.default_rng(seed), 100)[0] for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
