"""A plain process pool over the function that `lenet bulk` scores with: what an engine may cost at most.

`python -m benchmarks.peers.pool INPUT OUTPUT WORKERS` writes one Parquet file, and knows no interruption.
"""

import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from app.bulk.scorer import MOST_AT_ONCE, Scorer
from app.settings import Settings

SCORERS: list[Scorer] = []
"""The one of a worker process."""


def main(source: Path, target: Path, workers: int) -> None:
    """Score the pictures of a folder, or of a Parquet file's column `image`."""
    with ProcessPoolExecutor(workers, get_context("spawn"), load, (workers,)) as pool:
        if source.is_dir():
            paths = sorted(str(path) for path in source.iterdir())
            chunks = [paths[at : at + MOST_AT_ONCE] for at in range(0, len(paths), MOST_AT_ONCE)]
            write(target, pool.map(score_files, chunks))
        else:
            batches = pq.ParquetFile(source).iter_batches(MOST_AT_ONCE)
            write(target, pool.map(score_rows, batches))


def load(workers: int) -> None:
    """Load the model of a worker process."""
    SCORERS.append(Scorer(Settings(workers=workers), reads=False))


def score_files(paths: list[str]) -> pa.RecordBatch:
    """Return the answers to some files beside their paths."""
    answers = SCORERS[0].score([Path(path).read_bytes() for path in paths])
    return answers.append_column("path", pa.array(paths))


def score_rows(rows: pa.RecordBatch) -> pa.RecordBatch:
    """Return the answers to some rows beside their other columns."""
    answers = SCORERS[0].score(rows.column("image").to_pylist())
    return answers.append_column("id", rows.column("id"))


def write(target: Path, batches: Iterator[pa.RecordBatch]) -> None:
    """Write all answers as one file."""
    pq.write_table(pa.Table.from_batches(list(batches)), target, compression="zstd")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
