"""`lenet bulk`: a whole archive of pictures to a folder of Parquet files."""

import contextlib
import os
import sys
import time
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from app.commands.refusal import refuse

WITH_ERRORS = 3
"""The exit code when everything is scored and some rows have an error."""

INTERRUPTED = 130


def bulk(
    archive: Annotated[
        str,
        typer.Argument(
            metavar="INPUT",
            help="A folder, a glob, a .txt file of paths or URLs, Parquet files, or any of these at s3://, gs://, "
            "az:// or https://",
        ),
    ],
    output: Annotated[Path, typer.Argument(metavar="OUTPUT", help="Folder for the answers, as Parquet files")],
    *,
    column: Annotated[str | None, typer.Option(help="Column of Parquet files that holds the pictures")] = None,
    read: Annotated[bool, typer.Option("--read", help="Read all the digits of each picture")] = False,
    ray: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Score on the Ray cluster at this address")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Score only the first so many pictures")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing")] = False,
) -> None:
    """Score a whole archive of pictures.

    Interrupted, the same command goes on. Exits with 0, with 3 when some pictures have errors, or with 1 and one line.
    """
    from app.commands.loading import UNMET, remedy, settings_or_refuse

    settings = settings_or_refuse()
    try:
        from app.bulk.errors import BulkError
        from app.bulk.progress import progress_bar, summary
        from app.bulk.run import Run
        from app.bulk.tally import Tally
    except ImportError as error:
        refuse(f"{error}; the extra `bulk` has what this command needs: pip install 'lenet-digits[bulk]'")
    try:
        run = Run.plan(settings, archive, output, column=column, reads=read, limit=limit, ray=ray)
    except UNMET as error:
        refuse(remedy(error))
    except (BulkError, OSError) as error:
        refuse(str(error))
    except KeyboardInterrupt:
        refuse("interrupted before it began", INTERRUPTED)
    _print(run.description())
    if dry_run:
        return
    done, started = Tally(), time.monotonic()
    try:
        with progress_bar(run) as advance:
            for tally in run.score():
                done.add(tally)
                advance(tally)
        everything = run.output.tally()
    except (BulkError, OSError) as error:
        _stop(str(error), 1)
    except KeyboardInterrupt:
        _stop(f"interrupted after {done.rows:,} pictures; the same command goes on", INTERRUPTED)
    _print(summary(everything, done, time.monotonic() - started))
    if everything.errors:
        sys.exit(WITH_ERRORS)


def _stop(reason: str, code: int) -> NoReturn:
    """Refuse at once: threads of the engine that are at work would abort a process that ends in good order."""
    with contextlib.suppress(SystemExit):
        refuse(reason, code)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _print(rows: dict[str, str]) -> None:
    for name, value in rows.items():
        print(f"{name:<12}{value}", flush=True)
