"""The progress bar and the summary of a run."""

import contextlib
import time
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.bulk.run import Run
from app.bulk.tally import Tally


@contextlib.contextmanager
def progress_bar(run: Run) -> Iterator[Callable[[Tally], None]]:
    """Show a bar on standard error while entered; the function advances it by what a slice adds up to."""
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn(
            "{task.fields[rate]:,.0f} pictures/s, {task.fields[unsure]:.1%} unsure, {task.fields[errors]:,} errors"
        ),
    )
    started, done = time.monotonic(), Tally()
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=run.total, completed=run.total - run.left, rate=0.0, unsure=0.0, errors=0)

        def advance(tally: Tally) -> None:
            done.add(tally)
            rate = done.rows / (time.monotonic() - started)
            bar.update(task, advance=tally.rows, rate=rate, unsure=done.unsure_share, errors=done.errors.total())

        yield advance


def summary(everything: Tally, done: Tally, seconds: float) -> dict[str, str]:
    """Return what there is now and how fast it came, for people; `done` is what this run has scored of it."""
    errors = ", ".join(f"{count:,} {code}" for code, count in everything.errors.most_common())
    return {
        "scored": f"{done.rows:,} pictures in {seconds:,.1f} s, {done.rows / max(seconds, 1e-9):,.0f} a second",
        "answers": f"{everything.rows:,}, of which {everything.unsure_share:.1%} unsure",
        "errors": errors or "none",
    }
