"""One run of bulk scoring: what is there, what is left to do, and doing it."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from app.bulk import engine, rows
from app.bulk.archive import Archive, Tables, find_archive
from app.bulk.errors import BulkError
from app.bulk.output import Output
from app.bulk.slices import Slice, most_of_a_slice
from app.bulk.tally import Tally
from app.lenet.network import artifact
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Run:
    """An archive and its output; `total` pictures are wanted, and `left` of them were not scored at the plan."""

    settings: Settings
    archive: Archive
    output: Output
    reads: bool
    total: int
    left: int
    workers: int
    on_ray: bool

    @classmethod
    def plan(
        cls,
        settings: Settings,
        name: str,
        folder: Path,
        *,
        column: str | None = None,
        reads: bool = False,
        limit: int | None = None,
        ray: str | None = None,
    ) -> "Run":
        """Look at an archive and at the folder for its answers; `ray` is the address of a cluster to score on.

        Raises `BulkError`, `ArtifactError` or `OSError`.
        """
        workers = engine.connect(ray, settings)
        model = artifact.load_card(settings.find_weights()).weights_sha256
        folder = Path(os.path.abspath(folder))
        archive = find_archive(name, column, folder)
        answers = rows.schema(reads=reads)
        taken = set(archive.kept.names) & set(answers.names)
        if taken:
            raise BulkError(f"{name} has a column {min(taken)}, as the answers do; rename it")
        output = Output(folder, pa.schema([*archive.kept, *answers]), model)
        output.check()
        total = min(len(archive), limit or len(archive))
        left = sum(map(len, archive.slices(output, total, most_of_a_slice(total, workers))))
        return cls(settings, archive, output, reads, total, left, workers, ray is not None)

    @contextlib.contextmanager
    def begun(self) -> Iterator[tuple[str, list[Slice]]]:
        """End every earlier run, and give this one's name and the slices that are left, while entered.

        Raises `BulkError` when an earlier run has written something else since the plan.
        """
        name = self.output.begin()
        try:
            # The plan looked while an earlier run may have been at work. Only now can that finish nothing more.
            self.output.check()
            yield name, self.archive.slices(self.output, self.total, most_of_a_slice(self.total, self.workers))
        finally:
            self.output.end(name)

    def score(self) -> Iterator[Tally]:
        """Do what is left; return what each slice adds up to. Raises `BulkError` when it cannot go on."""
        with self.begun() as (name, slices):
            if not slices:
                return
            job = engine.Job(
                # Each worker takes its share of the CPUs, as the service's workers do.
                self.settings.model_copy(update={"workers": self.workers}),
                self.reads,
                self.archive.column,
                self.archive.kept,
                self.output,
                name,
            )
            yield from engine.score(slices, job, self.workers, spread=self.on_ray)

    def description(self) -> dict[str, str]:
        """Return what the run is about, for people."""
        kind = "rows of Parquet" if isinstance(self.archive, Tables) else "files"
        return {
            "model": f"{self.settings.model} ({self.output.model[:12]})",
            "input": f"{self.total:,} of {len(self.archive):,} {kind}",
            "output": str(self.output.folder),
            "columns": ", ".join(self.output.schema.names),
            "scored": f"{self.total - self.left:,} before, {self.left:,} to go",
        }
