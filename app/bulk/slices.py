"""Slices: what one worker scores at a time and writes as one file, so that whatever is interrupted is a slice."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow.parquet as pq

from app.bulk.errors import BulkError

SLICE_BYTES = 32_000_000
"""Encoded bytes of a slice, about: a second or two of work."""

SLICE_PICTURES = 5_000
"""The most pictures of a slice."""

SLICES_OF_A_WORKER = 8
"""Slices for each worker at least, so that they end at about the same time."""

FEWEST_PICTURES = 250
"""Smaller slices would cost more than their pictures do."""

MOST_OF_A_ROW_GROUP = 32
"""Slices of one row group at most: each reads the row group from its beginning, which is cheap, but not free."""

UNKNOWN_BYTES = 100_000
"""What is assumed of a picture whose size is not known, such as one behind a URL."""


@dataclass(frozen=True, slots=True)
class PathSlice:
    """Pictures in files of their own: paths or URLs."""

    paths: tuple[str, ...]

    @property
    def part(self) -> str:
        """The name of the output's file."""
        return f"part-{_hash(*self.paths)}.parquet"

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.paths)


@dataclass(frozen=True, slots=True)
class RowSlice:
    """Rows `first` to `end` (exclusive, counted in the file) of a Parquet file, all in row group `group`.

    `version` is the file's, and `skipped` is how many rows of that group come before these.
    """

    file: str
    version: str
    group: int
    skipped: int
    first: int
    end: int

    @property
    def part(self) -> str:
        """The name of the output's file; `scored_rows` reads it."""
        return f"{_stem(self.file)}-{self.version}-{self.first:012}-{self.end:012}.parquet"

    def __len__(self) -> int:
        """Return the number of pictures."""
        return self.end - self.first


Slice = PathSlice | RowSlice


def most_of_a_slice(pictures: int, workers: int) -> int:
    """Return the most pictures of a slice when there are so many of both."""
    return min(max(pictures // (workers * SLICES_OF_A_WORKER), FEWEST_PICTURES), SLICE_PICTURES)


def path_slices(paths: Sequence[str], sizes: Sequence[int | None], most: int) -> Iterator[PathSlice]:
    """Return the paths in order, at most `most` and about `SLICE_BYTES` at a time, given each one's bytes."""
    start = total = 0
    for at, size in enumerate(sizes):
        if at > start and (total >= SLICE_BYTES or at - start >= most):
            yield PathSlice(tuple(paths[start:at]))
            start, total = at, 0
        total += UNKNOWN_BYTES if size is None else size
    if start < len(paths):
        yield PathSlice(tuple(paths[start:]))


def row_slices(
    file: str, metadata: pq.FileMetaData, scored: Sequence[tuple[int, int]], limit: int, most: int
) -> Iterator[RowSlice]:
    """Return the first `limit` rows of a Parquet file without the ranges in `scored`, at most `most` at a time."""
    begin, version = 0, _version(metadata)
    for group in range(metadata.num_row_groups):
        row_group = metadata.row_group(group)
        end = min(begin + row_group.num_rows, limit)
        step = _step(row_group.num_rows, row_group.total_byte_size, most)
        for start in range(begin, end, step):
            for first, last in _without(scored, start, min(start + step, end)):
                yield RowSlice(file, version, group, first - begin, first, last)
        begin += row_group.num_rows


def scored_rows(file: str, metadata: pq.FileMetaData, parts: Sequence[str]) -> list[tuple[int, int]]:
    """Return the ranges of rows (first, end) of a Parquet file that the named files of the output hold, in order.

    Raises `BulkError` when the Parquet file was another one then, so that its rows are not those that were scored.
    """
    stem = _stem(file)
    ranges = [part.removesuffix(".parquet").split("-")[2:] for part in parts if part.startswith(f"{stem}-")]
    if any(version != _version(metadata) for version, _, _ in ranges):
        raise BulkError(f"{file} has changed since rows of it were scored; name another folder")
    return sorted((int(first), int(end)) for _, first, end in ranges)


def _step(rows: int, size: int, most: int) -> int:
    """Return the rows of a slice of a row group of so many rows and bytes."""
    slices = max(-(-rows // most), size // SLICE_BYTES, 1)
    return max(-(-rows // min(slices, MOST_OF_A_ROW_GROUP)), 1)


def _without(taken: Sequence[tuple[int, int]], first: int, end: int) -> Iterator[tuple[int, int]]:
    """Return the parts of the range that no range of `taken`, which is in order, covers."""
    for start, stop in taken:
        if first < min(start, end):
            yield first, min(start, end)
        first = max(first, stop)
    if first < end:
        yield first, end


def _stem(file: str) -> str:
    return f"part-{_hash(file)}"


def _version(metadata: pq.FileMetaData) -> str:
    """Return a hash of what the footer says of where the rows are: the data are not read for it."""
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    sizes = [[group.column(at).total_compressed_size for at in range(group.num_columns)] for group in groups]
    return _hash(repr(([group.num_rows for group in groups], sizes)))[:8]


def _hash(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode(errors="surrogateescape")).hexdigest()[:16]
