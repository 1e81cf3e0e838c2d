from pathlib import Path

import numpy as np
import pytest

from app.lenet.decoding.image_limits import ImageLimits
from app.lenet.inference.predictor import Predictor
from app.lenet.network import artifact
from app.lenet.reading.reader import load_reader
from tests.drawn_digits import paper, seven, zero
from tests.image_files import encoded
from training.evaluation.strings import Read, as_records, as_table, edit_distance, evaluate_strings, scores
from training.reports.strings_page import write_strings_page


@pytest.fixture(scope="module")
def reads(robust: Predictor, tmp_path_factory: pytest.TempPathFactory) -> list[Read]:
    """A page read right, one with a wrong label, and one that is no picture."""
    folder = tmp_path_factory.mktemp("strings")
    page = encoded(seven(zero(paper(200, 300), 70, 100), 180, 50))
    (folder / "a-0.png").write_bytes(page)
    (folder / "a-1.png").write_bytes(page)
    (folder / "b-0.png").write_bytes(b"no picture")
    (folder / "labels.csv").write_text("file,subset,text\na-0.png,one,07\na-1.png,one,0|17\nb-0.png,two,12\n")
    reader = load_reader(artifact.load(artifact.SHIPPED / "robust.safetensors"), robust)
    return evaluate_strings(reader, folder, ImageLimits())


@pytest.mark.parametrize(
    ("one", "other", "edits"), [("", "12", 2), ("123", "123", 0), ("123", "13", 1), ("12", "21", 2), ("189", "785", 2)]
)
def test_edit_distance(one: str, other: str, edits: int) -> None:
    assert edit_distance(one, other) == edit_distance(other, one) == edits


def test_every_subset_has_a_row_and_so_have_all(reads: list[Read]) -> None:
    one, two, every = scores(reads)
    assert (one.subset, one.pictures, one.right) == ("one", 2, 0.5)
    assert one.digit_error_rate == pytest.approx(1 / 5)
    assert (one.sure, one.error_of_sure) == (1.0, 0.5)
    assert (two.right, two.digit_error_rate, two.sure) == (0.0, 1.0, 0.0)
    assert (every.subset, every.pictures, every.digits) == ("all", 3, 7)
    assert every.deviation > 0
    assert as_table([one, two, every]).count("\n") == 4
    assert [row["subset"] for row in as_records([one, two, every])] == ["one", "two", "all"]


def test_the_page_shows_readings_with_most_errors_first(reads: list[Read], tmp_path: Path) -> None:
    shown = [read for read in reads if read.lines]
    page = write_strings_page(shown, scores(shown), "Strings", tmp_path)
    text = page.read_text()
    assert text.index("a-1.png") < text.index("a-0.png")
    assert "0|17" in text
    from PIL import Image

    with Image.open(tmp_path / "sheet-1.png") as sheet:
        assert np.asarray(sheet).std() > 10
