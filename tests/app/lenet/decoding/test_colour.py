"""Ink that only colour shows."""

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from app.lenet.canonical.canonical_form import canonicalise
from app.lenet.decoding.colour import FAINT, clearest_grey, is_faint
from app.lenet.decoding.decoder import decode
from app.lenet.decoding.image_limits import ImageLimits
from app.lenet.image_types import GreyImage
from tests.drawn_digits import likeness, paper, seven, written

LIGHT_BLUE, YELLOW = (170, 220, 255), (250, 225, 90)


def coloured(drawn: GreyImage, background: tuple[int, int, int], pen: tuple[int, int, int]) -> NDArray[np.uint8]:
    share = ((drawn.astype(np.float64) - drawn.min()) / (int(drawn.max()) - int(drawn.min())))[..., np.newaxis]
    return np.asarray(share * background + (1 - share) * pen, np.uint8)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WebP", "GIF"])
def test_yellow_on_light_blue_is_read(kind: str) -> None:
    file = io.BytesIO()
    Image.fromarray(coloured(seven(paper(), 70, 50), LIGHT_BLUE, YELLOW)).save(file, kind)
    grey = decode(file.getvalue(), ImageLimits()).grey
    assert int(grey.max()) - int(grey.min()) > FAINT
    form = canonicalise(grey)
    assert likeness(form.image, canonicalise(seven(paper(), 70, 50)).image) > 0.9


def test_faint_grey_stays_as_it_is() -> None:
    rgb = coloured(seven(paper(), 70, 50), (200, 200, 200), (180, 180, 180))
    assert is_faint(rgb[..., 0])
    assert clearest_grey(rgb) is None


def test_dark_ink_is_not_faint_however_thin() -> None:
    assert not is_faint(written(paper(800, 600)))
    assert is_faint(paper(1, 1))


def test_a_single_pixel_has_no_clearest_mixture() -> None:
    assert clearest_grey(np.full((1, 1, 3), (200, 10, 90), np.uint8)) is None
