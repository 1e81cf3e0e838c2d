"""Workers that share a folder: slots are taken, freed by the kernel and taken over, and a full folder kills nobody."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

from app.errors import KINDS
from app.observability.worker_slots import FILE_BYTES, FOLDER_VARIABLE, live_workers, shared_folder

# A worker process: it counts the requests that its standard input asks for, and ends when that does.
WORKER = """
import sys
from app.observability.request_context import RequestContext
from app.observability.service_metrics import Load, metrics_of_this_process

metrics, _ = metrics_of_this_process()
print("ready", flush=True)
for line in sys.stdin:
    for _ in range(int(line)):
        metrics.record(RequestContext(route="/predict", status=200))
    metrics.load(Load(0, 0, int(line)))
    metrics.flush()
    print("counted", flush=True)
"""

# All the series that there can be, with some room for routes to come.
EVERY_SERIES = """
import sys
from app.api_keys import MOST_KEYS
from app.errors import KINDS
from app.observability.request_context import RecognisedDigit, RequestContext
from app.observability.service_metrics import Load, metrics_of_this_process

metrics, _ = metrics_of_this_process(kind.code for kind in KINDS.values())
digits = [RecognisedDigit(digit, 0.5, ("low_confidence", "unfamiliar", "blank")) for digit in range(10)]
stages = dict.fromkeys(["receive", "decode", "canonical", "queue", "forward", "read", "write"], 0.001)
for number in range(24):
    route = f"/v2/models/name/route-{number}"
    metrics.record(RequestContext(route=route, status=200, digits=digits, stages=stages))
    for kind in KINDS.values():
        metrics.record(RequestContext(route=route, status=kind.status, error_code=kind.code))
for number in range(MOST_KEYS):
    metrics.record(RequestContext(route="/predict", status=200, key_name=f"{number:064}"))
metrics.load(Load(0, 0, 0))
metrics.connections(0)
metrics.flush()
"""


class Worker:
    """A worker process that counts."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", WORKER],
            env=os.environ | {FOLDER_VARIABLE: str(folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.pid = self._process.pid
        assert self._read() == "ready\n"

    def _read(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline()

    def count(self, requests: int) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{requests}\n")
        self._process.stdin.flush()
        assert self._read() == "counted\n"

    def kill(self) -> str:
        """End the process without notice; return what it has logged."""
        self._process.kill()
        _, logged = self._process.communicate(timeout=60)
        return logged


def sample(folder: Path, name: str, **labels: str) -> float | None:
    """The value that a scrape would find."""
    live_workers(folder)
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(folder))
    return registry.get_sample_value(name, labels)


def requests(folder: Path) -> float | None:
    return sample(folder, "lenet_http_requests_total", route="/predict", status="200", code="")


def test_counts_add_up_and_outlive_their_workers_and_gauges_do_not(tmp_path: Path) -> None:
    first, second = Worker(tmp_path), Worker(tmp_path)
    first.count(3)
    second.count(4)
    assert live_workers(tmp_path) == {0: first.pid, 1: second.pid}
    assert (requests(tmp_path), sample(tmp_path, "lenet_held_bytes")) == (7, 7)
    first.kill()
    assert live_workers(tmp_path) == {1: second.pid}
    assert (requests(tmp_path), sample(tmp_path, "lenet_held_bytes")) == (7, 4)
    third = Worker(tmp_path)
    assert live_workers(tmp_path) == {0: third.pid, 1: second.pid}  # its slot, and so its files, are used again
    third.count(5)
    assert (requests(tmp_path), sample(tmp_path, "lenet_held_bytes")) == (12, 9)
    for worker in (second, third):
        worker.kill()
    assert live_workers(tmp_path) == {}
    assert len(list(tmp_path.glob("counter_*.db"))) == 2


def test_the_files_have_room_for_every_series(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", EVERY_SERIES], env=os.environ | {FOLDER_VARIABLE: str(tmp_path)}, check=True)
    for name, size in FILE_BYTES.items():
        path = tmp_path / f"{name}_0.db"
        assert path.stat().st_size == size
        *_, (_, _, _, last) = MmapedDict.read_all_values_from_file(str(path))
        assert last < size
    assert len(KINDS) > 20


@pytest.fixture
def small_file_system(tmp_path: Path) -> Iterator[Path]:
    """A tmpfs that has room for one worker and no more."""
    folder = tmp_path / "small"
    folder.mkdir()
    size = sum(FILE_BYTES.values()) + 3 * 65536
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"a tmpfs cannot be mounted here: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_file_system_kills_no_worker(small_file_system: Path) -> None:
    first = Worker(small_file_system)
    (small_file_system / "filler").write_bytes(bytes(shutil.disk_usage(small_file_system).free))
    second = Worker(small_file_system)
    first.count(3)
    second.count(4)
    assert requests(small_file_system) == 3
    assert "the metrics lack this worker" in second.kill()
    assert "No space left on device" not in first.kill()


def test_a_folder_that_cannot_be_made_kills_no_worker(tmp_path: Path) -> None:
    worker = Worker(tmp_path / "missing")
    worker.count(3)
    assert "the metrics lack this worker" in worker.kill()


def test_the_folder_is_private_and_goes_with_the_service() -> None:
    with shared_folder():
        folder = Path(os.environ[FOLDER_VARIABLE])
        assert folder.stat().st_mode & 0o777 == 0o700
    assert not folder.exists()
    assert FOLDER_VARIABLE not in os.environ


def test_the_folder_of_a_service_that_was_killed_is_removed_and_no_other() -> None:
    program = (
        "import os, signal\n"
        "from app.observability.worker_slots import FOLDER_VARIABLE, shared_folder\n"
        "with shared_folder():\n"
        "    print(os.environ[FOLDER_VARIABLE], flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    with shared_folder():
        mine = Path(os.environ[FOLDER_VARIABLE])
        other = {name: value for name, value in os.environ.items() if name != FOLDER_VARIABLE}
        killed = subprocess.run([sys.executable, "-c", program], env=other, capture_output=True, text=True, check=False)
        abandoned = Path(killed.stdout.strip())
        assert abandoned.is_dir()
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv(FOLDER_VARIABLE)
            with shared_folder():
                assert not abandoned.exists()
                assert mine.is_dir()


def test_a_folder_that_the_operator_has_set_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    with shared_folder():
        assert os.environ[FOLDER_VARIABLE] == str(tmp_path)
    assert tmp_path.exists()
