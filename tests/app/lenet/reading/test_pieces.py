import numpy as np

from app.lenet.image_types import GreyImage
from app.lenet.reading.marks import Mark
from app.lenet.reading.pieces import cut
from tests.drawn_digits import strokes


def mark_of(picture: GreyImage) -> Mark:
    height, width = picture.shape
    return Mark(1, 10, 20, 10 + width, 20 + height, int((picture > 127).sum()))


def test_bars_joined_by_a_thin_stroke_are_parted_there() -> None:
    picture = np.zeros((60, 70), np.uint8)
    picture[:, :12] = picture[:, 58:] = picture[28:31] = 255
    pieces = cut(mark_of(picture), picture, height=60)
    assert sum(piece.picture.sum(dtype=int) for piece in pieces) == picture.sum(dtype=int)
    assert pieces[0].cut_left is None
    assert pieces[-1].cut_right is None
    assert all(2 <= (piece.cut_right or 3) <= 8 for piece in pieces)
    assert pieces[0].left == 10
    assert pieces[-1].right == 80


def test_seams_follow_a_slant() -> None:
    picture = strokes(np.zeros((64, 120), np.uint8), [(40, 0), (8, 63)], [(80, 0), (48, 63)], pen=255, thickness=8)
    picture[30:32, 25:66] = 255
    pieces = cut(mark_of(picture), picture, height=64)
    assert len(pieces) >= 2
    assert pieces[0].right > pieces[-1].left  # no straight cut parts the two strokes


def test_a_mark_is_cut_at_a_wall_whatever_ink_there_is() -> None:
    picture = np.full((60, 80), 255, np.uint8)
    assert len(cut(mark_of(picture), picture, height=60)) == 1
    left, right = cut(mark_of(picture), picture, height=60, walls=[46])
    assert left.right == right.left
    assert abs(right.left - 46) <= 2
    assert left.cut_right == right.cut_left == 60


def test_a_narrow_mark_stays_whole() -> None:
    picture = np.full((60, 12), 255, np.uint8)
    [piece] = cut(mark_of(picture), picture, height=60)
    assert piece.whole
