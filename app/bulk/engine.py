"""Slices to answers on Daft's engines: processes on this machine, or actors on a Ray cluster.

A slice goes to whichever worker is free. What Daft carries is the slices' descriptions and their tallies; a worker
reads the pictures and writes the answers itself, so that no picture crosses from one process to another.
"""

import logging
import pickle
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import daft
import pyarrow as pa

from app.bulk.errors import BulkError
from app.bulk.output import Output
from app.bulk.reading import read
from app.bulk.scorer import Scorer
from app.bulk.slices import Slice
from app.bulk.tally import Tally
from app.settings import Settings

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """What all slices have in common: settings, where answers go, and for Parquet which columns to read."""

    settings: Settings
    reads: bool
    column: str
    kept: pa.Schema
    output: Output
    run: str


class Worker:
    """Scores slices with a model of its own."""

    def __init__(self, job: Job) -> None:
        """Load the model."""
        warnings.filterwarnings("ignore", module="PIL")  # Pillow warns of every odd tag
        self._job = job
        self._scorer = Scorer(job.settings, reads=job.reads)

    def score(self, piece: Slice) -> Tally:
        """Write the answers to a slice as a file of the output, and return what they add up to."""
        tally = Tally()
        self._job.output.write(self._job.run, piece.part, self._answers(piece, tally))
        return tally

    def _answers(self, piece: Slice, tally: Tally) -> Iterator[pa.RecordBatch]:
        job = self._job
        for batch in read(piece, job.column, job.kept, job.settings.max_file_bytes):
            answers = self._scorer.score(batch.pictures)
            tally.count(answers)
            yield pa.RecordBatch.from_arrays([*batch.kept.columns, *answers.columns], schema=job.output.schema)

    @daft.method.batch(return_dtype=daft.DataType.binary(), batch_size=1)
    def score_pickled(self, pieces: daft.Series) -> list[bytes]:
        """Do `score` for what Daft carries, which tells of an exception only in the words of its traceback."""
        results: list[Tally | BulkError] = []
        for piece in pieces.to_pylist():
            try:
                results.append(self.score(pickle.loads(piece)))  # noqa: S301  # our own
            except BulkError as error:
                results.append(error)
            except OSError as error:
                results.append(BulkError(f"{error}; the same command goes on"))
        return [pickle.dumps(result) for result in results]


def connect(ray: str | None, settings: Settings) -> int:
    """Choose Daft's engine, this machine's or the Ray cluster's at an address; return how many workers to use."""
    if ray is None:
        daft.set_runner_native()
        return settings.processes
    try:
        import ray as cluster
    except ImportError as error:
        raise BulkError("--ray needs the package ray: pip install 'lenet-digits[ray]'") from error
    daft.set_runner_ray(ray)
    return settings.workers or int(cluster.cluster_resources()["CPU"])


def score(slices: Sequence[Slice], job: Job, workers: int, *, spread: bool) -> Iterator[Tally]:
    """Score slices with that many workers at once; return the tally of each as it is finished.

    `spread`: each slice is a task of a cluster, which is scheduled, and repeated when its node dies, by itself.
    Raises `BulkError` when a worker cannot go on.
    """
    worker = daft.cls(Worker, max_concurrency=workers, use_process=True)(job)
    pieces = daft.from_pydict({"piece": [pickle.dumps(piece) for piece in slices]})
    if spread:
        pieces = pieces.into_partitions(len(slices))
    finished = 0
    try:
        with daft.execution_config_ctx(maintain_order=False):
            scored = pieces.select(worker.score_pickled(daft.col("piece")).alias("result"))
            for row in scored.iter_rows(results_buffer_size=None):
                finished += 1
                result: Tally | BulkError = pickle.loads(row["result"])  # noqa: S301  # a worker's
                if isinstance(result, BulkError):
                    raise result
                yield result
    except BulkError:
        raise
    except Exception as error:  # a worker has died, or could not begin: Daft and Ray have errors of many kinds
        logger.exception("the engine failed")
        raise BulkError("the engine failed, as logged above; the same command goes on") from error
    if finished < len(slices):  # Daft may answer Ctrl-C itself, and then only ends early
        raise KeyboardInterrupt
