"""The files that the arguments of a command name."""

from pathlib import Path

import pytest

from app.commands.files import named_files


@pytest.fixture(autouse=True)
def scans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("scans/b.png", "scans/a.png", "scans/c.txt", "scans/.hidden/d.png", "scans/.e.png", "scans/in/f.png"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "x[1].png").touch()
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("argument", "files"),
    [
        ("scans", ["scans/a.png", "scans/b.png", "scans/c.txt", "scans/in/f.png"]),
        ("scans/*.png", ["scans/a.png", "scans/b.png"]),
        ("scans/**/*.png", ["scans/a.png", "scans/b.png", "scans/in/f.png"]),
        ("scans/.hidden", ["scans/.hidden/d.png"]),
        ("scans/[ab].*", ["scans/a.png", "scans/b.png"]),
        ("x[1].png", ["x[1].png"]),
        ("nothing*", ["nothing*"]),
        ("-", ["-"]),
    ],
)
def test_folders_globs_and_files(argument: str, files: list[str]) -> None:
    assert named_files([argument]) == files


def test_arguments_keep_their_order() -> None:
    assert named_files(["scans/b.png", "-", "scans/a.png"]) == ["scans/b.png", "-", "scans/a.png"]
