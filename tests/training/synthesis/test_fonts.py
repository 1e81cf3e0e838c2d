import numpy as np

from training.synthesis.fonts import printed_character


def extent(picture: np.ndarray) -> tuple[int, int]:
    """Return width and height of the ink."""
    rows, columns = np.nonzero(picture > 40)
    return int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1


def test_printed_digits_vary_in_width_and_weight() -> None:
    random = np.random.default_rng(0)
    zeros = [printed_character(random, "0")[0] for _ in range(200)]
    shapes = [width / height for width, height in map(extent, zeros)]
    assert min(shapes) < 0.5
    assert max(shapes) > 0.85
    ink = [zero.mean() for zero in zeros]
    assert max(ink) > 2 * min(ink)


def test_every_alphabet_of_digits_is_there() -> None:
    """A character that a font lacks would be an empty box, the same for each digit."""
    random = np.random.default_rng(0)
    ones = np.stack([printed_character(random, "1")[0] for _ in range(200)])
    zeros = np.stack([printed_character(random, "0")[0] for _ in range(200)])
    middle = (slice(None), slice(11, 17), slice(12, 16))
    assert (ones[middle].max((1, 2)) > 200).all()
    assert np.median(zeros[middle].mean((1, 2))) < 60
