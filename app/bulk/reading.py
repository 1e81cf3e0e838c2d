"""The pictures of a slice, a batch at a time, each with what is kept beside its answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from app.bulk.fetching import fetch_all, opened
from app.bulk.scorer import MOST_AT_ONCE
from app.bulk.slices import PathSlice, RowSlice, Slice
from app.errors import FileTooLargeError, RequestError

BATCH_BYTES = 16_000_000
"""Encoded bytes held at once, about."""

PATH = pa.schema({"path": pa.string()})
"""What is kept of pictures in files of their own."""

_READ_AHEAD = 1 << 20


@dataclass(frozen=True, slots=True)
class Batch:
    """Encoded pictures, or why there are none, and what is kept of each as the columns of a record batch."""

    kept: pa.RecordBatch
    pictures: list[bytes | RequestError]


def read(piece: Slice, column: str, kept: pa.Schema, most_bytes: int) -> Iterator[Batch]:
    """Return the pictures of a slice in batches; one of more than `most_bytes` is an error.

    `column` is a Parquet file's column of pictures and `kept` has the others.
    """
    if isinstance(piece, PathSlice):
        return _files(piece, most_bytes)
    return _rows(piece, column, kept, most_bytes)


def _files(piece: PathSlice, most_bytes: int) -> Iterator[Batch]:
    fetched = fetch_all(piece.paths, most_bytes)
    start = 0
    while pictures := list(_up_to(fetched)):
        end = start + len(pictures)
        yield Batch(pa.record_batch([pa.array(piece.paths[start:end], pa.string())], PATH), pictures)
        start = end


def _up_to(fetched: Iterator[bytes | RequestError]) -> Iterator[bytes | RequestError]:
    """Return the next few, until they have `BATCH_BYTES`."""
    total = 0
    for picture in islice(fetched, MOST_AT_ONCE):
        yield picture
        total += len(picture) if isinstance(picture, bytes) else 0
        if total >= BATCH_BYTES:
            return


def _rows(piece: RowSlice, column: str, kept: pa.Schema, most_bytes: int) -> Iterator[Batch]:
    with opened(piece.file) as file:
        # Without read-ahead pyarrow would hold the whole column of the row group.
        parquet = pq.ParquetFile(file, buffer_size=_READ_AHEAD, pre_buffer=False)
        group = parquet.metadata.row_group(piece.group)
        rows = min(max(BATCH_BYTES * group.num_rows // max(group.total_byte_size, 1), 1), MOST_AT_ONCE)
        names = [column, *kept.names]
        at = -piece.skipped
        for batch in parquet.iter_batches(rows, [piece.group], names, use_threads=False):
            mine = batch.slice(max(-at, 0), max(min(len(piece) - at, len(batch)) - max(-at, 0), 0))
            at += len(batch)
            if len(mine):
                encoded = _encoded(mine.column(column)).to_pylist()
                yield Batch(mine.select(kept.names), [_within(data or b"", most_bytes) for data in encoded])
            if at >= len(piece):
                return


def _encoded(pictures: pa.Array) -> pa.Array:
    """Return the pictures themselves, or the field `bytes` of each, as Hugging Face writes them."""
    return pc.struct_field(pictures, "bytes") if pa.types.is_struct(pictures.type) else pictures


def _within(data: bytes, most_bytes: int) -> bytes | RequestError:
    return data if len(data) <= most_bytes else FileTooLargeError(f"a picture may have at most {most_bytes:,} bytes")
