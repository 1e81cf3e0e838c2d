"""How a command ends when it cannot do its work: one line on standard error, and an exit code."""

import sys
from typing import NoReturn


def refuse(reason: str, code: int = 1) -> NoReturn:
    """End the process with an exit code and one line that says why."""
    print(f"lenet: {reason}", file=sys.stderr)
    sys.exit(code)
