"""Pages on their side: which are turned, and where the boxes are then."""

import numpy as np
import pytest

from app.lenet.box import Box
from app.lenet.image_types import GreyImage
from app.lenet.inference.predictor import Predictor
from app.lenet.network import artifact
from app.lenet.reading.answer import Reading
from app.lenet.reading.reader import Reader, load_reader
from tests.drawn_digits import five, one, paper, seven, strokes, zero


@pytest.fixture(scope="module")
def reader(robust: Predictor) -> Reader:
    return load_reader(artifact.load(artifact.SHIPPED / "robust.safetensors"), robust)


def text(reading: Reading) -> str:
    return " ".join(line.text for line in reading.lines)


def number() -> GreyImage:
    """7257 on a page whose margins differ, so that every side is told from the others."""
    picture = five(seven(seven(paper(220, 620), 60, 40), 420, 40), 300, 40)
    return strokes(picture, [(180, 60), (200, 40), (230, 45), (235, 75), (175, 140), (240, 140)])


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_page_on_another_side_is_read_and_its_boxes_are_where_its_digits_are(reader: Reader, quarters: int) -> None:
    upright = reader.read(number())
    assert (text(upright), upright.warnings) == ("7257", ())
    picture = np.ascontiguousarray(np.rot90(number(), quarters))
    reading = reader.read(picture)
    assert (text(reading), reading.warnings) == ("7257", ("turned",))
    [line], [upright_line] = reading.lines, upright.lines
    boxes = [box_of(inked(picture, digit.box)) for digit in line.digits]
    assert boxes == [box_of(np.rot90(inked(number(), digit.box), quarters)) for digit in upright_line.digits]
    assert box_of(inked(picture, line.box)) == box_of(np.rot90(inked(number(), upright_line.box), quarters))


def inked(picture: GreyImage, box: Box) -> GreyImage:
    """The picture's ink inside the box, 1 on 0."""
    mask = np.zeros_like(picture)
    place = slice(box.y, box.y + box.height), slice(box.x, box.x + box.width)
    mask[place] = picture[place] < 130
    return mask


def box_of(mask: GreyImage) -> tuple[int, int, int, int]:
    """The first and last rows and columns that hold ink."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(rows[0]), int(rows[-1]), int(columns[0]), int(columns[-1])


def test_column_of_digits_stays_as_it_is(reader: Reader) -> None:
    reading = reader.read(one(five(seven(zero(paper(700, 200), 100, 80), 70, 180), 70, 350), 100, 530))
    assert (text(reading), reading.warnings) == ("0 7 5 1", ())


def test_dashes_below_one_another_are_not_ones(reader: Reader) -> None:
    picture = paper(700, 200)
    for top in range(60, 700, 100):
        strokes(picture, [(50, top), (150, top)])
    assert "turned" not in reader.read(picture).warnings


def test_lone_one_and_lone_dash_stay_as_they_are(reader: Reader) -> None:
    assert text(reader.read(one(paper(), 100, 50))) == "1"
    assert reader.read(strokes(paper(), [(50, 100), (150, 100)])).warnings == ()
