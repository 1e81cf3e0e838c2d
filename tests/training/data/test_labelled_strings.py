from pathlib import Path

import pytest

from training.data.labelled_folders import LabelError
from training.data.labelled_strings import find_strings


def test_labels_csv_names_subset_and_lines(tmp_path: Path) -> None:
    (tmp_path / "ann-00.png").touch()
    (tmp_path / "labels.csv").write_text("file,subset,text\nann-00.png,printed,12|345\n")
    [found] = find_strings(tmp_path)
    assert (found.subset, found.lines, found.text, found.source) == ("printed", ("12", "345"), "12345", "ann")


def test_names_tell_the_text_where_there_is_no_table(tmp_path: Path) -> None:
    for name in ("042_a.png", "7_b.jpg", "notes.txt", "x_1.png"):
        (tmp_path / name).touch()
    assert [(found.text, found.subset) for found in find_strings(tmp_path)] == [("042", "all"), ("7", "all")]


@pytest.mark.parametrize("row", ["gone.png,a,12", "here.png,a,1x2", "here.png,,12", "here.png,a,|12"])
def test_a_wrong_row_is_said(tmp_path: Path, row: str) -> None:
    (tmp_path / "here.png").touch()
    (tmp_path / "labels.csv").write_text(f"file,subset,text\n{row}\n")
    with pytest.raises(LabelError, match="line 2"):
        find_strings(tmp_path)


def test_an_empty_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="neither"):
        find_strings(tmp_path)
