import numpy as np
import pytest

from app.lenet.canonical.canonical_form import canonicalise
from app.lenet.canonical.ink import start
from app.lenet.canonical.stripes import unify_stripes
from tests.drawn_digits import likeness, one, paper, seven
from tests.mnist_sample import MnistSample


@pytest.mark.parametrize("columns", [slice(0, 50), slice(50, None), slice(60, 130)])
@pytest.mark.parametrize("across", [False, True])
def test_a_digit_on_striped_paper_is_the_digit(columns: slice, across: bool) -> None:
    picture = seven(paper(), 60, 50)
    striped = picture.copy()
    part = (columns, slice(None)) if across else (slice(None), columns)
    striped[part] = 255 - striped[part]
    canonical = canonicalise(striped)
    assert "stripes" in canonical.removed
    assert likeness(canonical.image, canonicalise(picture).image) > 0.95


def test_digits_are_not_striped(sample: MnistSample) -> None:
    for digit in sample.images:
        for picture in (digit, 255 - digit):
            ink = start(picture, 384)
            assert unify_stripes(ink) is ink


def test_a_tightly_cropped_one_is_no_stripe() -> None:
    picture = one(paper(), 100, 50)
    rows, columns = np.nonzero(picture != picture[0, 0])
    tight = np.ascontiguousarray(picture[rows.min() : rows.max() + 1, columns.min() - 5 : columns.max() + 6])
    ink = start(tight, 384)
    assert unify_stripes(ink) is ink


def test_shading_is_no_stripe() -> None:
    picture = seven(paper(), 60, 50)
    picture[:, :60] = (picture[:, :60] * 0.7).astype(np.uint8)
    assert "stripes" not in canonicalise(picture).removed
