"""The folder in which worker processes share their metrics: one slot of files for each worker alive.

prometheus-client keeps each process's values in files that every process can read, by default named after the process
id. Here they are named after a slot instead, which a worker takes when it starts and the kernel frees when it ends. The
next worker goes on with the counts of the slot, so counters never go back and there are never more files than workers.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import BinaryIO

from prometheus_client import values
from prometheus_client.multiprocess import mark_process_dead

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"  # prometheus-client's own
_PREFIX = "lenet-metrics-"
_OWNER = "owner"  # the file that the service locks while it runs

# Files of a slot, by prometheus-client's names, with room for every series that the metrics can have. The values are
# written through memory maps, and a page that a full file system has no room for would kill the process (SIGBUS). So
# the files get all their pages before they are mapped. tests/app/observability/test_worker_slots.py holds the sizes.
FILE_BYTES = {"counter": 1 << 19, "histogram": 1 << 18, "gauge_livesum": 1 << 16}


class WorkerSlot:
    """One worker's slot in the shared folder, held by a lock on a file."""

    def __init__(self, folder: Path) -> None:
        """Take the lowest free slot of the folder; raises `OSError` when there is no folder or no space."""
        self.number, self._lock = next(
            (number, lock) for number in count() if (lock := _try_to_lock(folder / f"{number}.lock", create=True))
        )
        mark_process_dead(self.number, str(folder))  # the gauges of the worker before
        for name, size in FILE_BYTES.items():
            _allocate(folder / f"{name}_{self.number}.db", size)
        self._lock.truncate(0)
        self._lock.write(b"%d" % os.getpid())
        self._lock.flush()

    def use(self) -> None:
        """Have the metrics that this process makes from now on keep their values in the slot's files, and the slot."""
        values.ValueClass = values.MultiProcessValue(lambda: self.number)


def live_workers(folder: Path) -> dict[int, int]:
    """Return the process ids of the workers alive, by slot, and remove the gauges of the others."""
    workers = {}
    for path in folder.glob("*.lock"):
        number = int(path.stem)
        with contextlib.suppress(OSError, ValueError):
            lock = _try_to_lock(path)
            if lock:
                with lock:  # held meanwhile, so that no new worker takes the slot
                    mark_process_dead(number, str(folder))
            else:
                workers[number] = int(path.read_bytes())
    return workers


@contextlib.contextmanager
def shared_folder() -> Iterator[None]:
    """Make a folder for the worker processes started meanwhile, in memory where possible, unless one is set already."""
    if FOLDER_VARIABLE in os.environ:
        yield
        return
    in_memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - mkdtemp makes names of its own
    owner = None
    try:
        parent = Path(in_memory or tempfile.gettempdir())
        _remove_abandoned(parent)
        folder = tempfile.mkdtemp(prefix=_PREFIX, dir=parent)
        owner = _try_to_lock(Path(folder, _OWNER), create=True)
    except OSError:
        folder = f"{os.devnull}/metrics"  # no worker finds a slot there, and each one says so
    os.environ[FOLDER_VARIABLE] = folder
    try:
        yield
    finally:
        del os.environ[FOLDER_VARIABLE]
        shutil.rmtree(folder, ignore_errors=True)
        if owner:
            owner.close()


def _remove_abandoned(parent: Path) -> None:
    """Remove the folders of services that were killed: nobody holds the lock of their owners."""
    for owner in parent.glob(f"{_PREFIX}*/{_OWNER}"):
        with contextlib.suppress(OSError):
            lock = _try_to_lock(owner)
            if lock:
                with lock:
                    shutil.rmtree(owner.parent)


def _try_to_lock(path: Path, *, create: bool = False) -> BinaryIO | None:
    """Return the file, open and locked, or None when another holds the lock."""
    file = path.open("a+b" if create else "r+b")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _allocate(path: Path, size: int) -> None:
    """Make the file with all of its bytes, unless it is there."""
    if path.exists():
        return
    temporary = path.with_suffix(".new")
    try:
        temporary.write_bytes(bytes(size))
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
