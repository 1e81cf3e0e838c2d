"""What INPUT may name."""

import functools
import http.server
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.bulk.archive import Pictures, Tables, find_archive
from app.bulk.errors import BulkError
from app.bulk.fetching import fetch, fetch_all, opened
from app.bulk.reading import read
from app.bulk.scorer import MOST_AT_ONCE
from app.bulk.slices import PathSlice, row_slices
from app.errors import FileTooLargeError, NotFoundError

NOWHERE = Path("/nowhere")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of files that are named as what they hold."""
    for name in ("a.png", "b [1].png", "deep/er/c.jpg", ".hidden/d.png", ".e.png", "answers/part-0.parquet"):
        path = tmp_path / "pictures" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return tmp_path / "pictures"


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    """The address of a server of the files in `tmp_path`."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def paths(name: str | Path, leave_out: Path = NOWHERE) -> list[str]:
    found = find_archive(str(name), None, leave_out)
    assert isinstance(found, Pictures)
    return found.paths


def test_a_folder_is_all_its_files_but_hidden_ones_and_the_output(folder: Path) -> None:
    expected = [str(folder / name) for name in ("a.png", "b [1].png", "deep/er/c.jpg")]
    assert paths(folder, folder / "answers") == expected
    found = find_archive(str(folder), None, folder / "answers")
    assert isinstance(found, Pictures)
    assert found.sizes == [5, 9, 13]
    (folder.parent / "linked").symlink_to(folder)
    assert len(paths(folder.parent / "linked", folder / "answers")) == len(expected)


def test_a_broken_link_is_a_row_and_a_pipe_is_none(folder: Path) -> None:
    (folder / "link.png").symlink_to(folder / "nowhere.png")
    os.mkfifo(folder / "pipe.png")
    found = find_archive(str(folder), None, folder / "answers")
    assert isinstance(found, Pictures)
    assert found.sizes[found.paths.index(str(folder / "link.png"))] is None
    assert str(folder / "pipe.png") not in found.paths


def test_a_glob_and_a_single_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert paths(folder / "**" / "*.jpg") == [str(folder / "deep/er/c.jpg")]
    assert paths(folder / "b [1].png") == [str(folder / "b [1].png")]
    monkeypatch.chdir(folder)
    assert paths("*.png") == [str(folder / "a.png"), str(folder / "b [1].png")]


def test_a_list_of_paths_and_urls_names_each_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    Path("list.txt").write_text("\ufeffb [1].png\n\nhttps://host.example/x.png\na.png\r\na.png\n")
    assert paths("list.txt") == [str(folder / "a.png"), str(folder / "b [1].png"), "https://host.example/x.png"]


def test_files_come_from_the_disk_and_from_the_web(folder: Path, web: str) -> None:
    everywhere = [
        str(folder / "a.png"),
        f"{web}/pictures/deep/er/c.jpg",
        f"{web}/pictures/none.png",
        str(folder / "no"),
    ]
    here, there, *missing = fetch_all(everywhere, 1000)
    assert (here, there) == (b"a.png", b"deep/er/c.jpg")
    assert [type(error) for error in missing] == [NotFoundError, NotFoundError]
    assert isinstance(fetch(str(folder / "a.png"), 4), FileTooLargeError)
    assert isinstance(fetch(f"{web}/pictures/a.png", 4), FileTooLargeError)
    assert paths(f"{web}/pictures/a.png") == [f"{web}/pictures/a.png"]


def test_daft_opens_what_is_elsewhere(folder: Path, web: str) -> None:
    pq.write_table(pa.table({"picture": [b"one", b"two"]}), folder / "t.parquet")
    found = find_archive(f"{web}/pictures/t.parquet", None, NOWHERE)
    assert isinstance(found, Tables)
    [piece] = row_slices(found.files[0], found.footers[0], [], 2, 2)
    [batch] = read(piece, "picture", found.kept, 1000)
    assert batch.pictures == [b"one", b"two"]
    with opened(f"{web}/pictures/a.png") as file:
        file.seek(2)
        assert file.read() == b"png"


def test_a_batch_of_files_is_bounded_by_its_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.bulk.reading.BATCH_BYTES", 10)
    names = [str(tmp_path / str(number)) for number in range(5)]
    for name in names:
        Path(name).write_bytes(b"123456")
    batches = list(read(PathSlice(tuple(names)), "", pa.schema([]), 1000))
    assert [len(batch.pictures) for batch in batches] == [2, 2, 1]
    assert [path for batch in batches for path in batch.kept.column("path").to_pylist()] == names


@pytest.mark.parametrize("nested", [False, True])
def test_rows_of_parquet_are_read_in_bounded_batches_each_with_the_other_columns(tmp_path: Path, nested: bool) -> None:
    data = [None if number == 7 else b"%d" % number for number in range(1000)]
    column = [value and {"bytes": value, "path": "x"} for value in data] if nested else data
    file = str(tmp_path / "t.parquet")
    pq.write_table(pa.table({"id": range(1000), "image": column, "name": ["n"] * 1000}), file, row_group_size=600)
    archive = find_archive(file, None, NOWHERE)
    assert isinstance(archive, Tables)
    assert (archive.column, archive.kept.names, len(archive)) == ("image", ["id", "name"], 1000)
    scored = [(0, 5), (300, 700)]
    batches = [
        batch
        for piece in row_slices(file, archive.footers[0], scored, 990, 1000)
        for batch in read(piece, "image", archive.kept, 2)
    ]
    ids = [number for batch in batches for number in batch.kept.column("id").to_pylist()]
    pictures = [picture for batch in batches for picture in batch.pictures]
    assert ids == [*range(5, 300), *range(700, 990)]
    assert 200 < max(len(batch.pictures) for batch in batches) <= MOST_AT_ONCE
    assert pictures[:5] == [b"5", b"6", b"", b"8", b"9"]
    assert isinstance(pictures[-1], FileTooLargeError)


def test_what_cannot_be_scored_is_refused_in_one_sentence(folder: Path) -> None:
    tables = folder / "tables"
    tables.mkdir()
    pq.write_table(pa.table({"id": [1], "a": [b""], "b": [b""]}), tables / "t.parquet")
    (folder / "latin.txt").write_bytes(b"caf\xe9.png")
    (folder / "latin").mkdir()
    (folder / "latin" / os.fsdecode(b"caf\xe9.png")).touch()
    refused: list[tuple[str | Path, str | None, str]] = [
        (folder / "nothing", None, "there is nothing at"),
        (folder / "*.gif", None, "there is nothing at"),
        (folder, None, "has both Parquet files and others"),
        (folder / "a.png", "a", "--column is for Parquet files"),
        (folder / "answers", None, "cannot be read"),
        (tables, None, "name the column of pictures"),
        (tables, "c", "has no column c; it has id, a, b"),
        (tables, "id", "holds int64, not encoded pictures"),
        ("s3:/nowhere/*.png", None, "there is nothing at"),
        (folder / "latin.txt", None, "is not text in UTF-8"),
        (folder / "latin", None, "the file name"),
    ]
    for name, column, words in refused:
        with pytest.raises(BulkError) as error:
            find_archive(str(name), column, NOWHERE)
        assert words in str(error.value)
        assert "\n" not in str(error.value)
    pq.write_table(pa.table({"id": ["x"], "a": [b""], "b": [b""]}), tables / "u.parquet")
    with pytest.raises(BulkError, match="has other columns than"):
        find_archive(str(tables), "a", NOWHERE)
