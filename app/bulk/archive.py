"""What INPUT names: pictures in files of their own, or Parquet files with a column of them."""

import glob
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import compress
from pathlib import Path

import daft
import pyarrow as pa
import pyarrow.parquet as pq

from app.bulk.errors import BulkError
from app.bulk.fetching import is_remote, opened
from app.bulk.output import Output
from app.bulk.reading import PATH
from app.bulk.slices import Slice, path_slices, row_slices, scored_rows

_TABLE = ".parquet"
_LIST = ".txt"
_WILDCARDS = "*?["


@dataclass(frozen=True, slots=True)
class Pictures:
    """Pictures in files of their own: paths or URLs, each once, and their bytes where they are known."""

    paths: list[str]
    sizes: list[int | None]
    column: str = ""
    kept: pa.Schema = PATH

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.paths)

    def slices(self, output: Output, limit: int, most: int) -> list[Slice]:
        """Return what is left to do of the first `limit` pictures, at most `most` in a slice."""
        paths = pa.array(self.paths[:limit], pa.string())
        left = pa.compute.invert(pa.compute.is_in(paths, value_set=output.paths())).to_pylist()
        return list(path_slices(list(compress(self.paths, left)), list(compress(self.sizes, left)), most))


@dataclass(frozen=True, slots=True)
class Tables:
    """Parquet files, their footers, their column of pictures and their other columns."""

    files: list[str]
    footers: list[pq.FileMetaData]
    column: str
    kept: pa.Schema

    def __len__(self) -> int:
        """Return the number of pictures."""
        return sum(footer.num_rows for footer in self.footers)

    def slices(self, output: Output, limit: int, most: int) -> list[Slice]:
        """Return what is left to do of the first `limit` rows, at most `most` in a slice."""
        parts = output.parts()
        slices: list[Slice] = []
        for file, footer in zip(self.files, self.footers, strict=True):
            slices += row_slices(file, footer, scored_rows(file, footer, parts), limit, most)
            limit = max(limit - footer.num_rows, 0)
        return slices


Archive = Pictures | Tables


def find_archive(name: str, column: str | None, leave_out: Path) -> Archive:
    """Return what a folder, a glob, a file or a URL names, without what is in the folder `leave_out`.

    `column` is that of a Parquet file's pictures; None when it has only one that may be. Raises `BulkError`.
    """
    try:
        found = dict(_listed(name) if is_remote(name) else _local(name, leave_out))
        if list(found) == [name if is_remote(name) else os.path.abspath(name)] and name.endswith(_LIST):
            found = dict.fromkeys(_lines(name))
        if not found:
            raise BulkError(f"there is nothing at {name}")
        paths = sorted(found)
        tables = [path for path in paths if path.endswith(_TABLE)]
        if tables and len(tables) < len(paths):
            raise BulkError(f"{name} has both Parquet files and others; name one kind, with a glob")
        if tables:
            return _tables(tables, column)
    except (OSError, pa.ArrowException, daft.exceptions.DaftCoreException) as error:
        raise BulkError(f"{name} cannot be read: {str(error).splitlines()[0]}") from error
    strange = next((path for path in paths if not _is_text(path)), None)
    if strange is not None:
        raise BulkError(f"the file name {strange!a} is not UTF-8, as names in the answers are; rename it")
    if column:
        raise BulkError(f"--column is for Parquet files, and there are none at {name}")
    return Pictures(paths, [found[path] for path in paths])


def _local(name: str, leave_out: Path) -> Iterator[tuple[str, int | None]]:
    """Return the absolute path and size of each file of a folder, however deep, of a glob, or of a single file."""
    if os.path.isdir(name):
        for folder, folders, files in os.walk(os.path.abspath(name)):
            inner = [one for one in folders if not one.startswith(".")]
            folders[:] = [one for one in inner if Path(folder, one).resolve() != leave_out.resolve()]
            for file in files:
                path = os.path.join(folder, file)
                # A broken link, or a file that has gone since, gets a row that says so; pipes and sockets get none.
                if not file.startswith(".") and (os.path.isfile(path) or not os.path.exists(path)):
                    yield path, os.path.getsize(path) if os.path.exists(path) else None
        return
    matches = [name] if os.path.exists(name) else glob.glob(name, recursive=True)
    for path in matches:
        if os.path.isfile(path) and leave_out not in Path(os.path.abspath(path)).parents:
            yield os.path.abspath(path), os.stat(path).st_size


def _listed(name: str) -> Iterator[tuple[str, int | None]]:
    """Return the URL and size of each object of a store's folder or glob, or the one URL of a file.

    A store has no folders of its own, so a last word with a dot is a file.
    """
    if name.startswith(("http://", "https://")):
        yield name, None
        return
    if any(sign in name for sign in _WILDCARDS):
        pattern = name
    elif "." in name.rsplit("/", 1)[-1]:  # a file
        yield name, None
        return
    else:
        pattern = f"{name.rstrip('/')}/**"
    try:
        found = daft.from_glob_path(pattern).to_pydict()
    except daft.exceptions.DaftCoreException as error:
        raise BulkError(f"there is nothing at {name}, or it cannot be listed: {error}") from error
    yield from zip(found["path"], found["size"], strict=True)


def _lines(name: str) -> list[str]:
    """Return the paths and URLs that a text file lists, one a line; paths are relative to the current folder."""
    with opened(name) as file:
        try:
            lines = [line.strip() for line in file.read().decode("utf-8-sig").splitlines()]
        except UnicodeDecodeError as error:
            raise BulkError(f"{name} is not text in UTF-8") from error
    return [line if is_remote(line) else os.path.abspath(line) for line in lines if line]


def _is_text(path: str) -> bool:
    """Return whether a path is Unicode: bytes of a name that are not come as surrogates (PEP 383)."""
    return path.isascii() or not any("\ud800" <= character <= "\udfff" for character in path)


def _tables(files: list[str], column: str | None) -> Tables:
    schemas, footers = [], []
    for file in files:
        with opened(file) as stream:
            parquet = pq.ParquetFile(stream)
            schemas.append(parquet.schema_arrow.remove_metadata())
            footers.append(parquet.metadata)
    for file, schema in zip(files, schemas, strict=True):
        if not schema.equals(schemas[0]):
            raise BulkError(f"{file} has other columns than {files[0]}")
    column = column or _only_column(schemas[0], files[0])
    if column not in schemas[0].names:
        raise BulkError(f"{files[0]} has no column {column}; it has {', '.join(schemas[0].names)}")
    if not _may_hold_pictures(schemas[0].field(column).type):
        raise BulkError(
            f"the column {column} of {files[0]} holds {schemas[0].field(column).type}, not encoded pictures"
        )
    return Tables(files, footers, column, pa.schema([field for field in schemas[0] if field.name != column]))


def _only_column(schema: pa.Schema, file: str) -> str:
    candidates = [field.name for field in schema if _may_hold_pictures(field.type)]
    if len(candidates) != 1:
        raise BulkError(f"name the column of pictures of {file} with --column; it has {', '.join(schema.names)}")
    return str(candidates[0])


def _may_hold_pictures(kind: pa.DataType) -> bool:
    if pa.types.is_struct(kind):
        return kind.get_field_index("bytes") >= 0 and _may_hold_pictures(kind.field("bytes").type)
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))
