"""`python -m app`: the command `lenet`, which serves when no command is named."""

import sys

from app.commands.lenet import lenet


def main() -> None:
    """Run the command that the arguments name, or serve."""
    lenet(sys.argv[1:] or ["serve"])


if __name__ == "__main__":
    main()
