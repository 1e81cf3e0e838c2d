from pathlib import Path

import pytest

from training.data.labelled_folders import LabelError, find_labelled_files


def found(root: Path, *files: str) -> list[tuple[str, int, str]]:
    for name in files:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return [(str(file.path.relative_to(root)), file.label, file.group) for file in find_labelled_files(root)]


def test_the_digit_at_the_end_of_the_stem_is_the_label(tmp_path: Path) -> None:
    assert found(tmp_path, "img_7.png", "ben_2024_0.jpeg", "_3.bmp") == [
        ("_3.bmp", 3, "."),
        ("ben_2024_0.jpeg", 0, "."),
        ("img_7.png", 7, "."),
    ]


def test_a_folder_named_after_a_digit_labels_its_files(tmp_path: Path) -> None:
    assert found(tmp_path, "0/a.png", "9/a.png", "9/b.png") == [
        ("0/a.png", 0, "."),
        ("9/a.png", 9, "."),
        ("9/b.png", 9, "."),
    ]


def test_the_group_is_the_nested_folder(tmp_path: Path) -> None:
    assert found(tmp_path, "phone/dim/x_4.png", "phone/y_5.png", "pen/6/z.png") == [
        ("pen/6/z.png", 6, "pen"),
        ("phone/dim/x_4.png", 4, "phone/dim"),
        ("phone/y_5.png", 5, "phone"),
    ]


def test_the_stem_overrides_the_folder(tmp_path: Path) -> None:
    assert found(tmp_path, "3/seen_8.png") == [("3/seen_8.png", 8, "3")]


def test_files_without_a_label_are_ignored(tmp_path: Path) -> None:
    labelled = found(tmp_path, "a_1.png", "README.md", "a_12.png", "b_x.png", "12/c.png", "d1.png", "5/.DS_Store")
    assert labelled == [("a_1.png", 1, ".")]


def test_the_roots_own_name_is_not_a_label(tmp_path: Path) -> None:
    with pytest.raises(LabelError):
        found(tmp_path / "5", "a.png")


@pytest.mark.parametrize("name", ["empty", "missing"])
def test_a_folder_without_labels_raises(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(LabelError, match=f"{name} holds no file named"):
        find_labelled_files(tmp_path / name)
