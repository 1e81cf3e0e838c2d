"""Slices: every picture in one of them, whatever was scored before."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.bulk.errors import BulkError
from app.bulk.slices import SLICE_BYTES, SLICE_PICTURES, path_slices, row_slices, scored_rows


def footer(rows: int, rows_of_a_group: int) -> pq.FileMetaData:
    file = io.BytesIO()
    pq.write_table(pa.table({"picture": [b""] * rows}), file, row_group_size=rows_of_a_group)
    return pq.read_metadata(file)


@settings(max_examples=50, deadline=None)
@given(
    rows=st.integers(0, 15_000),
    rows_of_a_group=st.integers(1000, 15_000),
    limit=st.integers(0, 20_000),
    most=st.integers(300, 6000),
    data=st.data(),
)
def test_slices_and_what_was_scored_before_are_every_row_once(
    rows: int, rows_of_a_group: int, limit: int, most: int, data: st.DataObject
) -> None:
    metadata = footer(rows, rows_of_a_group)
    earlier = list(row_slices("a.parquet", metadata, [], data.draw(st.integers(0, rows)), 500))
    before = data.draw(st.sets(st.sampled_from(earlier))) if earlier else set()
    scored = scored_rows("a.parquet", metadata, [*(piece.part for piece in before), "part-0123456789abcdef.parquet"])
    slices = list(row_slices("a.parquet", metadata, scored, limit, most))
    found = [row for piece in slices for row in range(piece.first, piece.end)]
    done = {row for piece in before for row in range(piece.first, piece.end)}
    assert found == [row for row in range(min(rows, limit)) if row not in done]
    assert sum(map(len, slices)) == len(found)
    for piece in slices:
        begin = piece.first - piece.skipped
        assert begin == piece.group * rows_of_a_group
        assert piece.end <= begin + metadata.row_group(piece.group).num_rows


def test_a_large_row_group_is_for_several_workers() -> None:
    assert len(list(row_slices("a.parquet", footer(40_000, 40_000), [], 40_000, 5000))) == 8


@pytest.mark.parametrize(("size", "expected"), [(10, SLICE_PICTURES), (SLICE_BYTES // 8, 8), (2 * SLICE_BYTES, 1)])
def test_a_slice_of_files_is_bounded_in_number_and_in_bytes(size: int, expected: int) -> None:
    paths = [f"{number}.png" for number in range(SLICE_PICTURES + 1)]
    slices = list(path_slices(paths, [size] * len(paths), SLICE_PICTURES))
    assert len(slices[0]) == expected
    assert [path for piece in slices for path in piece.paths] == paths
    assert len({piece.part for piece in slices}) == len(slices)


def test_a_parquet_file_that_has_changed_since_is_refused() -> None:
    [piece] = row_slices("a.parquet", footer(1000, 1000), [], 1000, 1000)
    assert scored_rows("a.parquet", footer(1000, 1000), [piece.part]) == [(0, 1000)]
    assert scored_rows("b.parquet", footer(1000, 500), [piece.part]) == []
    with pytest.raises(BulkError, match=r"a\.parquet has changed since"):
        scored_rows("a.parquet", footer(1000, 500), [piece.part])
