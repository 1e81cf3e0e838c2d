import numpy as np

from training.data.mnist import Digits, Mnist
from training.synthesis.page_paper import Form, draw_form
from training.synthesis.pages import MadePage, make_page


def made(seed: int, count: int, digits: Digits) -> list[MadePage]:
    random = np.random.default_rng(seed)
    return [make_page(random, digits) for _ in range(count)]


def test_pages_are_the_same_for_the_same_seed_and_differ_otherwise(few: Mnist) -> None:
    [one] = made(5, 1, few.train)
    [same] = made(5, 1, few.train)
    [other] = made(6, 1, few.train)
    assert np.array_equal(one.grey, same.grey)
    assert one.labels == same.labels
    assert one.grey.shape != other.grey.shape or not np.array_equal(one.grey, other.grey)


def test_owners_lie_on_the_ink_of_their_digits(few: Mnist) -> None:
    for page in made(0, 12, few.train):
        assert page.owners.shape == page.grey.shape
        assert sorted(number for line in page.lines for number in line) == list(range(len(page.labels)))
        assert set(np.unique(page.owners)) <= set(range(len(page.labels) + 1))
        owned = page.owners > 0
        around = np.median(page.grey[~owned])
        assert abs(float(page.grey[owned].mean()) - float(around)) > 5


def test_digits_of_a_line_stand_from_left_to_right(few: Mnist) -> None:
    for page in made(1, 8, few.train):
        for line in page.lines:
            places = [np.flatnonzero((page.owners == number + 1).any(axis=0)) for number in line]
            middles = [float(place.mean()) for place in places if place.size]
            assert middles == sorted(middles)


def test_a_frame_goes_around_its_line_and_not_through_it() -> None:
    form = Form("frame", left=40.0, top=40.0, height=30, cell=35.0, advance=54.0, each=(4,))
    frames = [draw_form(np.random.default_rng(seed), form, np.zeros((110, 300), np.uint8)) for seed in range(20)]
    assert not any(frame[40:70, 40:260].any() for frame in frames)
    for side in (np.s_[:40], np.s_[70:], np.s_[:, :40], np.s_[45:65, 260:]):
        drawn = sum(bool(frame[side].any()) for frame in frames)
        assert 10 <= drawn <= 20
