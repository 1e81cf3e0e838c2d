"""Where `make serve` listens: what the command line and our own variables say, and nobody else's."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def serve_command(*arguments: str, **variables: str) -> str:
    """Return the command that `make serve` would run; the set-up counts as done."""
    return subprocess.run(
        ["make", "--dry-run", "--old-file=.venv/.installed", "serve", *arguments],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("LENET_")} | variables,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


@pytest.mark.parametrize(
    ("arguments", "variables", "expected"),
    [
        ((), {}, "LENET_HOST=127.0.0.1 LENET_PORT=8000 "),
        ((), {"HOST": "x86_64-conda-linux-gnu", "PORT": "1"}, "LENET_HOST=127.0.0.1 LENET_PORT=8000 "),
        ((), {"LENET_HOST": "0.0.0.0", "LENET_PORT": "9000"}, "LENET_HOST=0.0.0.0 LENET_PORT=9000 "),  # noqa: S104
        (("HOST=::1", "PORT=9001"), {"LENET_PORT": "9000"}, "LENET_HOST=::1 LENET_PORT=9001 "),
    ],
)
def test_serve_listens_where_it_is_told(arguments: tuple[str, ...], variables: dict[str, str], expected: str) -> None:
    assert expected in serve_command(*arguments, **variables)
