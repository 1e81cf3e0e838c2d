"""The canonical form: what it keeps of a digit, what it takes away, and what it says."""

import cv2
import numpy as np
import pytest

from app.lenet.box import Box
from app.lenet.canonical.canonical_form import canonicalise
from tests.drawn_digits import PAPER, PEN, five, likeness, one, paper, ruled, seven, strokes, zero
from tests.mnist_sample import MnistSample


def test_mnist_digits_are_recognised_as_inverted_and_turned_back(sample: MnistSample) -> None:
    for digit in sample.images:
        canonical = canonicalise(255 - digit)
        assert canonical.inverted
        assert likeness(canonical.image, digit) > 0.99


def test_picture_given_is_neither_changed_nor_shared(sample: MnistSample) -> None:
    digit = sample.images[0].copy()
    canonical = canonicalise(digit)
    canonical.image[:] = 7
    assert np.array_equal(digit, sample.images[0])


@pytest.mark.parametrize("enlarge", [cv2.INTER_LINEAR, cv2.INTER_NEAREST])
def test_mnist_digits_come_back_from_ten_times_the_size(sample: MnistSample, enlarge: int) -> None:
    alike = [
        likeness(canonicalise(cv2.resize(digit, (280, 280), interpolation=enlarge)).image, digit)
        for digit in sample.images
    ]
    assert np.mean(alike) > 0.9


def test_mnist_digits_come_back_from_anywhere_in_a_larger_frame(sample: MnistSample) -> None:
    random = np.random.default_rng(0)
    alike = []
    for digit in sample.images:
        frame = np.zeros((100, 100), np.uint8)
        x, y = random.integers(0, 72, 2)
        frame[y : y + 28, x : x + 28] = digit
        alike.append(likeness(canonicalise(frame).image, digit))
    assert np.mean(alike) > 0.9


def test_longer_side_is_twenty_pixels_centred_by_mass() -> None:
    image = canonicalise(seven(paper(300, 200), 20, 150)).image
    _, _, width, height = cv2.boundingRect(image)
    moments = cv2.moments(image)
    assert max(width, height) == 20
    assert 13.5 <= moments["m10"] / moments["m00"] < 14.5
    assert 13.5 <= moments["m01"] / moments["m00"] < 14.5
    assert image.max() == 255


@pytest.mark.parametrize("scale", [1, 4])
def test_box_is_in_pixels_of_the_picture(scale: int) -> None:
    picture = paper(300, 400)
    cv2.rectangle(picture, (250, 80), (261, 199), PEN, -1)
    picture = picture.repeat(scale, axis=0).repeat(scale, axis=1)
    box = canonicalise(picture).box
    assert box is not None
    expected = np.array([250, 80, 12, 120]) * scale
    assert np.abs(np.array([box.x, box.y, box.width, box.height]) - expected).max() <= 2 * scale


def test_light_ink_on_dark_paper_gives_the_same_digit() -> None:
    picture = seven(paper(), 60, 50)
    dark, light = canonicalise(picture), canonicalise(255 - picture)
    assert (dark.inverted, light.inverted) == (True, False)
    assert np.array_equal(dark.image, light.image)


def test_uneven_light_is_taken_away() -> None:
    plain = canonicalise(seven(paper(), 60, 50))
    light = np.linspace(0.4, 1.0, 200)
    shaded = canonicalise((seven(paper(), 60, 50) * light).astype(np.uint8))
    assert shaded.flattened
    assert not plain.flattened
    assert likeness(shaded.image, plain.image) > 0.95


def test_edge_of_a_shadow_is_not_ink() -> None:
    plain = canonicalise(seven(paper(), 60, 50))
    shadow = np.where(np.arange(200) < 110, 0.5, 1.0)
    shadow = np.convolve(np.pad(shadow, 10, mode="edge"), np.ones(21) / 21, mode="valid")
    shaded = canonicalise((seven(paper(), 60, 50) * shadow).astype(np.uint8))
    assert shaded.flattened
    assert likeness(shaded.image, plain.image) > 0.9


def test_specks_are_dropped() -> None:
    plain = canonicalise(seven(paper(), 60, 50))
    picture = seven(paper(), 60, 50)
    for x, y in ((10, 10), (180, 20), (30, 170), (190, 190)):
        cv2.circle(picture, (x, y), 2, PEN, -1)
    canonical = canonicalise(picture)
    assert canonical.removed == ("specks",)
    assert likeness(canonical.image, plain.image) > 0.99
    assert plain.removed == ()


@pytest.mark.parametrize("squared", [False, True])
@pytest.mark.parametrize("pen", [PEN, 130])
def test_printed_lines_are_dropped(squared: bool, pen: int) -> None:
    plain = canonicalise(zero(paper(300, 300), 150, 150))
    canonical = canonicalise(ruled(zero(paper(300, 300), 150, 150), 37, pen, squared))
    assert "lines" in canonical.removed
    assert likeness(canonical.image, plain.image) > 0.93


def test_detached_bar_of_a_five_is_kept() -> None:
    whole, broken = canonicalise(five(paper(), 60, 50)), canonicalise(five(paper(), 60, 50, gap=8))
    assert broken.removed == ()
    assert likeness(broken.image, whole.image) > 0.8
    assert broken.image[4:9, 14:20].max() == 255


def test_open_four_is_kept() -> None:
    picture = strokes(paper(), [(60, 50), (60, 100), (100, 100)], [(125, 50), (125, 150)])
    canonical = canonicalise(picture)
    assert canonical.box is not None
    assert abs(canonical.box.width - 77) <= 4
    assert canonical.warnings == ()


def test_thin_strokes_stay_bright() -> None:
    thin = canonicalise(seven(np.full((1000, 1000), PAPER, np.uint8), 400, 400, thickness=1)).image
    big = seven(paper(), 60, 50).repeat(10, axis=0).repeat(10, axis=1)
    assert np.count_nonzero(thin > 200) > 40
    assert likeness(thin, canonicalise(big).image) > 0.7


def test_empty_paper_is_blank() -> None:
    noise = np.random.default_rng(0).normal(PAPER, 1.0, (200, 200)).astype(np.uint8)
    for picture in (paper(), np.zeros((28, 28), np.uint8), np.full((5, 7), 128, np.uint8), noise):
        canonical = canonicalise(picture)
        assert canonical.warnings == ("blank",)
        assert canonical.box is None
        assert not canonical.image.any()


def test_faint_ink_is_read_and_said_to_be_of_low_contrast() -> None:
    plain = canonicalise(seven(paper(), 60, 50))
    picture = strokes(paper(), [(60, 50), (120, 50), (80, 150)], pen=PAPER - 20)
    canonical = canonicalise(picture)
    assert canonical.warnings == ("low_contrast",)
    assert likeness(canonical.image, plain.image) > 0.95


def test_two_digits_are_several_objects() -> None:
    picture = seven(zero(paper(200, 300), 70, 100), 180, 50)
    assert canonicalise(picture).warnings == ("several_objects",)


def test_digit_cut_off_at_the_border_is_said_to_touch_it() -> None:
    picture = seven(paper(), 60, 50)
    assert canonicalise(picture).warnings == ()
    cut = canonicalise(np.ascontiguousarray(picture[:120]))
    assert cut.warnings == ("touches_border",)
    assert cut.inverted


def test_strip_along_the_border_is_not_part_of_the_digit() -> None:
    plain = canonicalise(one(paper(), 100, 50))
    picture = one(paper(), 100, 50)
    picture[:8, 30:150] = PEN
    assert likeness(canonicalise(picture).image, plain.image) > 0.99


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 2), (2, 1), (2, 2), (1, 400), (400, 1), (3, 3), (28, 28), (64, 64), (513, 40)]
)
def test_no_picture_is_refused(shape: tuple[int, int]) -> None:
    random = np.random.default_rng(0)
    height, width = shape
    checks = (np.indices(shape).sum(axis=0) % 2 * 255).astype(np.uint8)
    ramp = np.linspace(0, 255, height * width).reshape(shape).astype(np.uint8)
    dot = np.zeros(shape, np.uint8)
    dot[height // 2, width // 2] = 255
    noise = random.integers(0, 256, shape, np.uint8)
    for picture in (np.zeros(shape, np.uint8), np.full(shape, 77, np.uint8), checks, ramp, dot, noise, 255 - dot):
        canonical = canonicalise(picture)
        assert canonical.image.shape == (28, 28)
        assert canonical.image.dtype == np.uint8
        if canonical.box is not None:
            box = canonical.box
            assert 0 <= box.x < box.x + box.width <= width
            assert 0 <= box.y < box.y + box.height <= height


def test_millions_of_marks_are_no_digit() -> None:
    noise = np.random.default_rng(0).choice(np.array([0, 255], np.uint8), (4000, 5000))
    assert canonicalise(noise).image.shape == (28, 28)


def test_box_rescaled_stays_inside_the_picture() -> None:
    assert Box(0, 0, 512, 1).rescaled((1, 512), (3, 1_000_000)) == Box(0, 0, 1_000_000, 3)
    assert Box(1, 2, 3, 4).rescaled((10, 10), (25, 20)) == Box(2, 5, 6, 10)
