"""The output's folder: files that are there whole or not at all, of one model and one form."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.bulk import rows
from app.bulk.errors import BulkError
from app.bulk.output import Output
from app.bulk.reading import PATH

SCHEMA = pa.schema([*PATH, *rows.schema(reads=False)])


def batch(*paths: str) -> pa.RecordBatch:
    others = [pa.nulls(len(paths), field.type) for field in rows.schema(reads=False)]
    return pa.RecordBatch.from_arrays([pa.array(paths, pa.string()), *others], schema=SCHEMA)


@pytest.fixture
def output(tmp_path: Path) -> Output:
    return Output(tmp_path / "answers", SCHEMA, "a" * 64)


def test_what_is_written_is_there(output: Output) -> None:
    output.check()
    run = output.begin()
    output.write(run, "part-1.parquet", [batch("a", "b"), batch("c")])
    output.write(run, "part-2.parquet", [batch("d")])
    output.end(run)
    output.check()
    assert output.parts() == [path.name for path in sorted(output.folder.iterdir())]
    assert output.paths().to_pylist() == ["a", "b", "c", "d"]
    assert output.tally().rows == 4


def test_a_file_that_is_not_finished_is_not_there(output: Output) -> None:
    def broken() -> Iterator[pa.RecordBatch]:
        yield batch("a")
        raise OSError("no space left")

    run = output.begin()
    with pytest.raises(OSError, match="no space left"):
        output.write(run, "part-1.parquet", broken())
    assert output.parts() == []


def test_a_new_run_ends_the_files_of_an_earlier_one(output: Output) -> None:
    def taken_over() -> Iterator[pa.RecordBatch]:
        yield batch("a")
        output.begin()

    run = output.begin()
    with pytest.raises(BulkError, match="another run has begun"):
        output.write(run, "part-1.parquet", taken_over())
    with pytest.raises(BulkError, match="another run has begun"):
        output.write(run, "part-2.parquet", [batch("a")])
    assert output.parts() == []
    assert len(list(output.folder.iterdir())) == 1  # what the new run writes into


def test_a_folder_of_something_else_is_refused_in_one_sentence(output: Output, tmp_path: Path) -> None:
    run = output.begin()
    output.write(run, "part-1.parquet", [batch("a")])
    with pytest.raises(BulkError, match=r"holds answers of another model \(a{12}, not b{12}\)"):
        replace(output, model="b" * 64).check()
    with pytest.raises(BulkError, match="holds rows with other columns"):
        replace(output, schema=pa.schema([*PATH, *rows.schema(reads=True)])).check()
    (output.folder / "notes.txt").touch()
    with pytest.raises(BulkError, match=r"holds other files, such as notes\.txt"):
        output.check()
    with pytest.raises(BulkError, match="is a file"):
        replace(output, folder=output.folder / "notes.txt").check()
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    pq.write_table(pa.table({"a": [1]}), foreign / "part-00000.parquet")
    with pytest.raises(BulkError, match=r"holds other files, such as part-00000\.parquet"):
        replace(output, folder=foreign).check()


def test_two_runs_that_begin_at_once_do_not_both_go_on(output: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    others: list[str] = []

    def begin_another() -> uuid.UUID:
        monkeypatch.undo()
        others.append(output.begin())
        return uuid.uuid4()

    monkeypatch.setattr("uuid.uuid4", begin_another)  # called while a run names itself
    run = output.begin()
    with pytest.raises(BulkError, match="another run has begun"):
        output.write(others[0], "part-1.parquet", [batch("a")])
    output.write(run, "part-1.parquet", [batch("a")])
