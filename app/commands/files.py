"""The files that arguments name: themselves, all in a folder, all that a glob matches, or standard input."""

import glob
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

STANDARD_INPUT = "-"

MOST_BYTES = 1_000_000_000
"""No picture has as many. A film in the folder may, and a device may have no end."""


def named_files(arguments: Sequence[str]) -> list[str]:
    """Return the files' names in order; what matches no file stays as it is, so that reading it says so.

    Of a folder, hidden files and folders are left out, as in `lenet bulk`.
    """
    return [name for argument in arguments for name in _named(argument)]


def read_file(name: str) -> bytes:
    """Return the bytes of the file, or of standard input, `MOST_BYTES` at most; raises `OSError`."""
    if name == STANDARD_INPUT:
        return sys.stdin.buffer.read(MOST_BYTES)
    with Path(name).open("rb") as file:
        return file.read(MOST_BYTES)


def _named(argument: str) -> Iterator[str]:
    path = Path(argument)
    if argument == STANDARD_INPUT:
        yield argument
    elif path.is_dir():
        inside = (inner.relative_to(path) for inner in sorted(path.rglob("*")) if inner.is_file())
        yield from (str(path / inner) for inner in inside if not any(part.startswith(".") for part in inner.parts))
    else:  # the shell leaves globs in quotes to us
        matches = [] if path.exists() else sorted(glob.glob(argument, recursive=True))
        yield from [match for match in matches if Path(match).is_file()] or [argument]
