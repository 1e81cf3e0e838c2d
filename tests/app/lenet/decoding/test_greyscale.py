import numpy as np
import pytest
from PIL import Image

from app.lenet.decoding.greyscale import to_grey

INK = np.zeros((8, 8), np.uint8)
INK[2:6, 3:5] = 255  # where the ink is; as an alpha channel, all there is of the drawing


def drawing(ink: tuple[int, int, int], around: tuple[int, int, int]) -> Image.Image:
    """Return ink of one colour, opaque, amid transparent pixels of another."""
    pixels = np.empty((8, 8, 4), np.uint8)
    pixels[..., :3] = around
    pixels[INK > 0, :3] = ink
    pixels[..., 3] = INK
    return Image.fromarray(pixels)


def test_one_bit() -> None:
    assert to_grey(Image.fromarray(INK).convert("1")).tolist() == INK.tolist()


def test_grey_stays_as_it_is() -> None:
    ramp = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert np.array_equal(to_grey(Image.fromarray(ramp)), ramp)


def test_colours_by_their_luma() -> None:
    pixels = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)
    assert to_grey(Image.fromarray(pixels)).tolist() == [[76, 150, 29]]


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr", "HSV", "P"])
def test_other_colour_modes_keep_dark_and_light(mode: str) -> None:
    grey = to_grey(Image.fromarray(INK).convert("RGB").convert(mode))
    assert np.abs(grey.astype(int) - INK).max() <= 1


def test_lab_by_its_lightness() -> None:
    lab = np.zeros((2, 2, 3), np.uint8)
    lab[..., 0] = [[0, 50], [100, 255]]
    assert to_grey(Image.fromarray(lab, "LAB")).tolist() == [[0, 50], [100, 255]]


@pytest.mark.parametrize("around", [(0, 0, 0), (255, 255, 255), (9, 99, 199)])
def test_dark_ink_on_nothing_is_seen_on_white(around: tuple[int, int, int]) -> None:
    assert np.array_equal(to_grey(drawing((0, 0, 0), around)), 255 - INK)


@pytest.mark.parametrize("around", [(0, 0, 0), (255, 255, 255), (9, 99, 199)])
def test_light_ink_on_nothing_is_seen_on_black(around: tuple[int, int, int]) -> None:
    assert np.array_equal(to_grey(drawing((255, 255, 255), around)), INK)


def test_a_cut_out_of_paper_is_laid_on_paper() -> None:
    pixels = np.full((20, 20, 4), 255, np.uint8)
    pixels[8:12, 9:11, :3] = 0
    pixels[:4, :, :] = 0  # a transparent strip
    grey = to_grey(Image.fromarray(pixels))
    assert (grey[:4] == 255).all()
    assert (grey[8:12, 9:11] == 0).all()


def test_half_transparent_ink_is_half_as_dark() -> None:
    pixels = np.zeros((4, 4, 4), np.uint8)
    pixels[1:3, 1:3, 3] = 128
    assert to_grey(Image.fromarray(pixels))[1, 1] == 127


def test_grey_with_alpha_and_palette_with_transparency() -> None:
    with_alpha = Image.merge("LA", (Image.new("L", (8, 8), 0), Image.fromarray(INK)))
    assert np.array_equal(to_grey(with_alpha), 255 - INK)
    palette = Image.fromarray((INK > 0).astype(np.uint8), "P")
    palette.putpalette([0, 0, 0] * 2)
    palette.info["transparency"] = 0
    assert np.array_equal(to_grey(palette), 255 - INK)


def test_a_picture_of_nothing_is_white() -> None:
    assert (to_grey(Image.new("RGBA", (3, 3), (0, 0, 0, 0))) == 255).all()
