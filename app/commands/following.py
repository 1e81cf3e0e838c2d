"""The progress bar of long work, for people who watch."""

import sys
from collections.abc import Iterator, Sequence


def followed(names: Sequence[str], *, as_they_come: bool) -> Iterator[str]:
    """Give the names one by one, with a bar on standard error while there are several and that is a terminal.

    `as_they_come`: answers are printed one by one; on a terminal they show the progress themselves.
    """
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    unseen = len(names) == 1 or not console.is_terminal or (as_they_come and sys.stdout.isatty())
    # What is printed meanwhile may go to a pipe: rich would print it on the terminal, above the bar.
    with Progress(
        console=console, disable=unseen, transient=True, redirect_stdout=False, redirect_stderr=False
    ) as progress:
        yield from progress.track(names, description="")
