"""The colour of a form's print goes, and nothing else does."""

import colorsys
import io

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from app.lenet.canonical.canonical_form import canonicalise
from app.lenet.decoding.decoder import decode
from app.lenet.decoding.image_limits import ImageLimits
from app.lenet.decoding.printed_colour import without_printed_colour
from app.lenet.decoding.reduction import PAGE
from app.lenet.image_types import GreyImage
from app.lenet.inference.preprocessing import preprocess
from tests.drawn_digits import likeness, seven, strokes, vignette, written

Colour = tuple[int, int, int]
Rgb = NDArray[np.uint8]

WHITE, BLACK, RED, BLUE = (250, 250, 250), (40, 40, 45), (225, 80, 75), (35, 50, 140)
DROPPED = {"red": RED, "orange": (240, 140, 60), "magenta": (225, 90, 160), "light blue": (120, 180, 235)}


def empty() -> GreyImage:
    return np.full((300, 400), 255, np.uint8)


def boxes() -> GreyImage:
    """Boxes for the digits of `written`, some of which they cut."""
    page = empty()
    for y in (60, 160):
        for x in (50, 150, 250):
            cv2.rectangle(page, (x, y), (x + 100, y + 65), 0, 2)
    return page


def digits() -> GreyImage:
    return written(empty(), pen=0, thickness=4)


def painted(*layers: tuple[GreyImage, Colour], paper: Colour = WHITE) -> Rgb:
    """Return ink, 0 on 255, laid over each other on paper, as light passes through all of it."""
    light = np.ones((*layers[0][0].shape, 3)) * paper
    for drawn, colour in layers:
        light *= 1 - (255 - drawn[..., np.newaxis]) / 255 * (1 - np.array(colour) / 255)
    return np.asarray(light.round(), np.uint8)


def encoded(rgb: Rgb, kind: str = "JPEG") -> bytes:
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, kind, **({"quality": 85, "subsampling": "4:2:0"} if kind == "JPEG" else {}))
    return file.getvalue()


@pytest.mark.parametrize("paper", [WHITE, (230, 215, 190)])
@pytest.mark.parametrize("name", DROPPED)
def test_print_is_as_light_as_the_paper_and_black_stays_black(name: str, paper: Colour) -> None:
    printed, pen = boxes(), digits()
    grey = without_printed_colour(painted((printed, DROPPED[name]), (pen, BLACK), paper=paper))
    assert grey is not None
    background = int(grey[0, 0])
    assert np.abs(grey[(printed == 0) & (pen == 255)].astype(int) - background).max() < 25
    assert grey[pen == 0].max() < background / 3  # where it crosses the print too


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP"])
def test_the_digits_of_a_form_are_decoded_without_it(kind: str) -> None:
    picture = decode(encoded(painted((boxes(), RED), (digits(), BLUE)), kind), ImageLimits(), PAGE)
    assert picture.removed == ("printed_colour",)
    ink = (picture.grey < 150).astype(np.uint8)
    assert cv2.connectedComponents(ink)[0] == 1 + 6


def test_one_digit_in_its_box_is_the_digit_alone() -> None:
    pen = seven(np.full((200, 200), 255, np.uint8), 70, 50, thickness=10)
    box = np.full((200, 200), 255, np.uint8)
    cv2.rectangle(box, (40, 35), (160, 165), 0, 2)
    digit = preprocess(decode(encoded(painted((box, RED), (pen, BLACK))), ImageLimits()), "auto", 28)
    assert "printed_colour" in digit.removed
    assert likeness(digit.image, canonicalise(pen).image) > 0.95


@pytest.mark.parametrize("degrees", range(0, 360, 45))
def test_all_of_one_hue_stays(degrees: int) -> None:
    red, green, blue = (round(255 * part) for part in colorsys.hsv_to_rgb(degrees / 360, 0.7, 0.8))
    assert without_printed_colour(painted((boxes(), (red, green, blue)), (digits(), (red, green, blue)))) is None
    assert without_printed_colour(painted((digits(), (red, green, blue)))) is None


@pytest.mark.parametrize("pen", [RED, BLUE, (120, 180, 235)])
def test_a_coloured_pen_stays_on_black_print(pen: Colour) -> None:
    assert without_printed_colour(painted((boxes(), BLACK), (digits(), pen))) is None


@pytest.mark.parametrize("colour", DROPPED.values())
def test_a_coloured_digit_stays_beside_black_words(colour: Colour) -> None:
    words = empty()
    cv2.putText(words, "Name Date Total", (20, 30), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 0, 1, cv2.LINE_AA)
    for points in ([(100, 60), (100, 250)], [(150, 60), (120, 180), (260, 180)], [(200, 80), (200, 250)]):
        assert without_printed_colour(painted((words, BLACK), (strokes(empty(), points, pen=0), colour))) is None


def test_a_second_pen_of_the_hue_of_the_rules_stays_dark() -> None:
    rules = empty()
    rules[20::40] = rules[21::40] = 0
    black, blue = seven(empty(), 60, 20, thickness=6), seven(empty(), 240, 150, thickness=6)
    rgb = painted((rules, (120, 180, 235)), (black, BLACK), (blue, (20, 60, 150)))
    grey = without_printed_colour(rgb)
    assert grey is None or np.median(grey[blue == 0]) < 150


def test_grey_print_shadows_and_coloured_paper_change_nothing() -> None:
    grey = painted((boxes(), (130, 130, 130)), (digits(), BLACK))
    shaded = np.dstack([vignette(channel) for channel in np.moveaxis(grey, 2, 0)])
    yellow = painted((boxes(), (130, 130, 130)), (digits(), BLACK), paper=(240, 210, 90))
    for rgb in (grey, shaded, yellow, np.asarray(255 - grey, np.uint8)):
        assert without_printed_colour(rgb) is None
        assert decode(encoded(rgb), ImageLimits(), PAGE).removed == ()
        grey = decode(encoded(rgb, "PNG"), ImageLimits(), PAGE).grey
        assert np.array_equal(grey, np.asarray(Image.fromarray(rgb).convert("L")))


def test_pictures_of_any_size_are_looked_at() -> None:
    for height, width in ((1, 1), (1, 90), (90, 1), (70, 65), (3, 2000)):
        rgb = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
        assert without_printed_colour(rgb) is None
        assert decode(encoded(rgb, "PNG"), ImageLimits(aspect=3000)).removed == ()
