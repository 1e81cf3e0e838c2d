"""Printed digits; python -m benchmarks.fonts measures a whole folder of fonts."""

import json
import shutil
from pathlib import Path

import matplotlib
import pytest

from benchmarks.fonts import DIGITS, faces, main

FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two fonts, one of them twice, and one without digits."""
    (tmp_path / "serif").mkdir()
    shutil.copy(FONTS / "DejaVuSans.ttf", tmp_path)
    shutil.copy(FONTS / "DejaVuSans.ttf", tmp_path / "Again.ttf")
    shutil.copy(FONTS / "DejaVuSerif.ttf", tmp_path / "serif")
    shutil.copy(FONTS / "STIXSizOneSymReg.ttf", tmp_path)
    (tmp_path / "README.txt").write_text("not a font")
    return tmp_path


def test_every_font_with_digits_is_drawn_once(folder: Path) -> None:
    drawn = dict(faces(folder))
    assert [path.name for path in drawn] == ["Again.ttf", "DejaVuSerif.ttf"]
    for pictures in drawn.values():
        assert len(pictures) == len(DIGITS)
        assert all(picture.shape == (120, 120) and picture.min() == 0 for picture in pictures)


def test_the_shipped_weights_read_dejavu(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["fonts", "--fonts", str(folder)])
    main()
    record = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (record["fonts"], record["accuracy"], record["error_of_sure"]) == (2, 1.0, 0.0)


def test_a_folder_without_fonts_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["fonts", "--fonts", str(tmp_path)])
    with pytest.raises(SystemExit, match="no font with digits under"):
        main()
