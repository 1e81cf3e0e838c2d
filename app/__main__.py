"""`python -m app` and `lenet`: the same commands. Ctrl-C ends them quietly, even while what they need is imported."""

import sys
from collections.abc import Sequence

INTERRUPTED = 130


def main() -> None:
    """Run the command that the arguments name, or serve."""
    _run(sys.argv[1:] or ["serve"])


def lenet() -> None:
    """Run the command that the arguments name, or print help."""
    _run(sys.argv[1:])


def _run(arguments: Sequence[str]) -> None:
    try:
        from app.commands.lenet import lenet as commands

        commands(arguments)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
