"""Several digits in a picture: their order, lines, boxes, what is rejected, and how sure the reading is."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.lenet.canonical.canonical_form import find_ink
from app.lenet.image_types import GreyImage
from app.lenet.inference.predictor import Predictor
from app.lenet.network import artifact
from app.lenet.reading.answer import Reading
from app.lenet.reading.reader import BEAM, MOST_REJECTED, PAGE, Reader, _beam, load_reader
from tests.drawn_digits import five, one, paper, ruled, seven, strokes, zero
from tests.mnist_sample import MnistSample

ROBUST = artifact.SHIPPED / "robust.safetensors"


@pytest.fixture(scope="module")
def reader(robust: Predictor) -> Reader:
    return load_reader(artifact.load(ROBUST), robust)


def texts(reading: Reading) -> list[str]:
    return [line.text for line in reading.lines]


def row(digits: MnistSample, text: str, step: int, size: int = 56) -> GreyImage:
    """MNIST digits, dark on light, their frames `step` pixels apart."""
    page = np.full((120, 60 + step * len(text) + size), 235, np.uint8)
    for number, digit in enumerate(text):
        frame = np.kron(digits.images[digits.labels.index(int(digit))], np.ones((2, 2), np.uint8))
        place = page[30 : 30 + size, 30 + step * number :][:, :size]
        place[:] = np.minimum(place, 235 - frame // 5 * 4)
    return page


def test_digits_are_read_from_left_to_right(reader: Reader) -> None:
    reading = reader.read(one(seven(zero(paper(200, 400), 330, 100), 180, 50), 80, 50))
    assert texts(reading) == ["170"]
    centres = [digit.box.x + digit.box.width // 2 for digit in reading.lines[0].digits]
    assert np.abs(np.array(centres) - [80, 210, 330]).max() <= 4


def test_lines_are_read_from_top_to_bottom(reader: Reader) -> None:
    picture = zero(zero(seven(paper(360, 300), 180, 210), 80, 260), 200, 100)
    assert texts(reader.read(picture)) == ["0", "07"]


def test_sloping_line_is_one_line_and_its_slope_is_told(reader: Reader) -> None:
    picture = paper(300, 600)
    for number in range(5):
        zero(picture, 60 + 110 * number, 80 + 30 * number)
    [line] = reader.read(picture).lines
    assert line.text == "00000"
    assert line.slope == pytest.approx(30 / 110, abs=0.02)


def test_a_detached_bar_is_no_digit_of_its_own(reader: Reader) -> None:
    assert texts(reader.read(five(five(paper(200, 400), 60, 50, gap=8), 240, 50, gap=8))) == ["55"]


def test_touching_digits_are_told_apart(reader: Reader, sample: MnistSample) -> None:
    for text in ("6820", "4917"):
        assert texts(reader.read(row(sample, text, step=36))) == [text]


def test_a_printed_line_and_a_dash_are_no_digits(reader: Reader, sample: MnistSample) -> None:
    page = row(sample, "20", step=120)
    page[58:62, 100:135] = 40
    reading = reader.read(ruled(page, 110, 150))
    assert texts(reading) == ["20"]
    assert any(abs(box.x - 100) <= 3 and abs(box.width - 35) <= 6 for box in reading.rejected)


def test_numbers_that_stand_apart_are_groups(reader: Reader) -> None:
    picture = zero(zero(zero(zero(paper(200, 900), 60, 100), 150, 100), 600, 100), 690, 100)
    assert reader.read(picture).lines[0].groups == ((0, 2), (2, 4))


def test_length_restricts_the_reading(reader: Reader) -> None:
    picture = zero(zero(zero(paper(200, 400), 60, 100), 160, 100), 260, 100)
    assert texts(reader.read(picture, length=3)) == ["000"]
    assert texts(reader.read(picture, length=2)) != ["000"]
    assert all(len(text) == 2 for text in texts(reader.read(picture, length=2)))
    assert texts(reader.read(picture, length=60)) == []


def test_probabilities_of_readings_sum_to_one_at_most(reader: Reader, sample: MnistSample) -> None:
    [line] = reader.read(row(sample, "4917", step=30)).lines
    assert 1 <= len(line.alternatives) <= 3
    total = line.confidence + sum(other.probability for other in line.alternatives)
    assert total <= 1 + 1e-9
    assert line.text not in {other.text for other in line.alternatives}


def test_a_reader_fitted_for_another_network_is_never_sure(reader: Reader, notebook: Predictor) -> None:
    picture = zero(zero(paper(200, 300), 60, 100), 160, 100)
    assert not reader.read(picture).unsure
    assert replace(reader, fitting=False).read(picture).unsure
    assert not load_reader(artifact.load(artifact.SHIPPED / "notebook.safetensors"), notebook).fitting


def test_nothing_is_read_on_empty_paper(reader: Reader) -> None:
    for picture in (paper(), np.zeros((1, 1), np.uint8)):
        reading = reader.read(picture)
        assert (reading.lines, reading.rejected) == ((), ())


def test_a_sudoku_and_more_is_read_whole(reader: Reader) -> None:
    picture = paper(1000, 1000)
    for top in range(15, 985, 41):
        for left in range(25, 980, 41):
            strokes(picture, [(left - 8, top), (left + 8, top), (left, top + 26)], thickness=4)
    assert sum(len(text) for text in texts(reader.read(picture))) == 24 * 24


def test_work_is_bounded_and_said_to_be(reader: Reader) -> None:
    picture = paper(1000, 1000)
    for top in range(5, 985, 22):
        for left in range(8, 985, 20):
            strokes(picture, [(left - 4, top), (left + 4, top), (left, top + 13)], thickness=2)
    reading = reader.read(picture)
    assert reading.warnings == ("too_much_ink",)
    assert len(reading.rejected) <= MOST_REJECTED


def test_a_line_too_long_to_read_does_not_keep_the_next_from_being_read(reader: Reader) -> None:
    picture = paper(1000, 1000)
    for left in range(6, 990, 3):  # a hatching, which may be cut anywhere
        strokes(picture, [(left, 100), (left + 6, 150), (left, 200)], thickness=1)
    reading = reader.read(zero(zero(picture, 300, 600), 420, 600))
    assert texts(reading)[-1] == "00"


def test_fewer_texts_are_followed_up_where_a_length_makes_the_search_long(reader: Reader) -> None:
    picture = zero(zero(zero(paper(200, 400), 60, 100), 160, 100), 260, 100)
    layout = reader.lay_out(find_ink(picture, PAGE))
    assert _beam(layout, None) == BEAM
    assert 1 <= _beam(replace(layout, lines=layout.lines * 3000), 3) < BEAM


def test_no_picture_is_too_small_or_too_odd_to_be_read(reader: Reader) -> None:
    random = np.random.default_rng(0)
    for _ in range(300):
        height, width = random.integers(1, 40, 2)
        reader.read(random.choice(np.array([0, 40, 111, 255], np.uint8), (height, width), p=[0.6, 0.1, 0.1, 0.2]))


def test_weights_beside_an_artifact_must_be_for_it(robust: Predictor, tmp_path: Path) -> None:
    loaded = artifact.load(ROBUST)
    text = ROBUST.with_suffix(".reader.json").read_text()
    (tmp_path / "robust.reader.json").write_text(text.replace(loaded.card.weights_sha256, "0" * 64))
    with pytest.raises(artifact.ArtifactError, match="was fitted for the network 000000000000"):
        load_reader(replace(loaded, path=tmp_path / "robust.safetensors"), robust)
