"""The service as a process, for tests that start, kill and end it."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SECONDS = 60


@contextlib.contextmanager
def serving(command: list[str] | None = None, **variables: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a server, `python -m app` unless given; give the process and the address that it says it listens on."""
    process = subprocess.Popen(
        command or [sys.executable, "-m", "app"],
        env=os.environ | {"LENET_PORT": "0", "LENET_DEVICE": "cpu", "LENET_MODEL": "notebook"} | variables,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if found := re.search(r"http://[\w.:\[\]]+", line):
                yield process, found[0]
                break
        else:
            pytest.fail("the server did not say where it listens")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # its workers would outlive it
        process.wait(SECONDS)
        process.stderr.close()


def workers_of(pid: int) -> set[int]:
    """Return the children of the supervisor that are workers, and not multiprocessing's resource tracker."""
    found = set()
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it may end just now
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.add(int(child))
    return found
