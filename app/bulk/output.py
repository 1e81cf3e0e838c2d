"""The folder of the output: Parquet files that are there whole or not at all.

A worker writes into the folder of its run, inside of the output's, and moves a finished file up by rename. A new run
removes the folders of earlier ones before it looks at what is there: whatever a killed run may have left behind can
add nothing after that, so that no row is lost or scored twice.
"""

import contextlib
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from app.bulk.errors import BulkError
from app.bulk.tally import Tally

_MODEL = b"lenet.model"
_RUN = ".run-"
_ROW_GROUP_BYTES = 32_000_000


@dataclass(frozen=True, slots=True)
class Output:
    """The folder, for one model and one schema; `model` is the SHA-256 of its weights."""

    folder: Path
    schema: pa.Schema
    model: str

    def check(self) -> None:
        """Raise `BulkError` when the folder holds anything else than such rows."""
        if not self.folder.exists():
            return
        if not self.folder.is_dir():
            raise BulkError(f"{self.folder} is a file; name a folder")
        parts = self.parts()
        others = {path.name for path in self.folder.iterdir() if not path.name.startswith(".")} - set(parts)
        there = pq.read_schema(self.folder / parts[0]) if parts else self._schema
        model = (there.metadata or {}).get(_MODEL, b"").decode()
        if not model:
            others |= set(parts)
        if others:
            raise BulkError(f"{self.folder} holds other files, such as {min(others)}; name a folder of its own")
        if model != self.model:
            raise BulkError(
                f"{self.folder} holds answers of another model ({model[:12]}, not {self.model[:12]}); "
                "name another folder"
            )
        if not there.equals(self.schema):
            raise BulkError(f"{self.folder} holds rows with other columns; name another folder")

    def parts(self) -> list[str]:
        """Return the names of the finished files, in order."""
        return sorted(path.name for path in self.folder.glob("part-*.parquet")) if self.folder.exists() else []

    def tally(self) -> Tally:
        """Return what is there."""
        tally = Tally()
        for part in self.parts():
            tally.count(pq.read_table(self.folder / part, columns=["unsure", "error"]))
        return tally

    def paths(self) -> pa.ChunkedArray:
        """Return the column `path` of all finished files."""
        columns = [pq.read_table(self.folder / part, columns=["path"]).column("path") for part in self.parts()]
        return pa.chunked_array([chunk for column in columns for chunk in column.chunks], pa.string())

    def begin(self) -> str:
        """Make the folder ready for a run, end every earlier one, and return the run's name."""
        run = f"{_RUN}{uuid.uuid4().hex[:12]}"
        # First its own, so that of two runs that begin at once each sees the other, and one of them ends at least.
        (self.folder / run).mkdir(parents=True)
        for other in self.folder.glob(f"{_RUN}*"):
            if other.name != run:
                self.end(other.name)
        return run

    def end(self, run: str) -> None:
        """End a run: from now on none of its workers, which may have outlived it, can finish a file."""
        gone = self.folder / f"{run}-{uuid.uuid4().hex}"
        with contextlib.suppress(FileNotFoundError):  # another run was faster
            (self.folder / run).rename(gone)  # at once, which removing many files is not
        shutil.rmtree(gone, ignore_errors=True)

    def write(self, run: str, part: str, batches: Iterable[pa.RecordBatch]) -> None:
        """Write a file of the output, whole or not at all.

        Raises `OSError` when that fails, and `BulkError` when another run has begun in this folder.
        """
        try:
            self._write(run, part, batches)
        except FileNotFoundError as error:
            if (self.folder / run).is_dir():
                raise
            raise BulkError(f"another run has begun to write to {self.folder}, so that this one ends") from error

    @property
    def _schema(self) -> pa.Schema:
        """The files' own schema, which names the model."""
        return self.schema.with_metadata({_MODEL: self.model.encode()})

    def _write(self, run: str, part: str, batches: Iterable[pa.RecordBatch]) -> None:
        unfinished = self.folder / run / f"{part}-{uuid.uuid4().hex}"
        with open(unfinished, "wb") as file:
            with pq.ParquetWriter(file, self._schema, compression="zstd") as writer:
                for table in _gathered(batches):
                    writer.write_table(table.cast(self._schema))
            file.flush()
            os.fsync(file.fileno())  # the name must not outlive the contents when power fails
        unfinished.rename(self.folder / part)


def _gathered(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Return the batches together, as row groups of about `_ROW_GROUP_BYTES`."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(one.nbytes for one in held) >= _ROW_GROUP_BYTES:
            yield pa.Table.from_batches(held)
            held = []
    if held:
        yield pa.Table.from_batches(held)
