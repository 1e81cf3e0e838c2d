"""The servers to compare, each started as a process on a free port of the loopback interface."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO

import httpx2

ROOT = Path(__file__).parent.parent
START_SECONDS = 120

Command = Callable[[int, int], list[str]]
"""From a port and a number of workers to the command that starts the server."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server: the command that starts it, whether it recognises digits, and the package that it needs."""

    name: str
    command: Command
    recognises: bool
    package: str = "uvicorn"

    @property
    def installed(self) -> bool:
        """Whether its package is installed."""
        return find_spec(self.package) is not None


def _uvicorn(module: str) -> Command:
    return lambda port, workers: [
        *(sys.executable, "-m", "uvicorn", f"benchmarks.peers.{module}:app", "--no-access-log"),
        *("--log-level", "warning", "--port", str(port), "--workers", str(workers)),
    ]


THIS = Server("this service", lambda _port, _workers: [sys.executable, "-m", "app"], recognises=True)
BARE = Server("bare ASGI", _uvicorn("bare"), recognises=False)
FORM = Server("Starlette form", _uvicorn("form"), recognises=False)
EMPTY = Server("empty FastAPI", _uvicorn("empty"), recognises=False)
SIMPLE = Server("simple FastAPI", _uvicorn("simple"), recognises=True)
LITSERVE = Server(
    "LitServe",
    lambda port, workers: [sys.executable, "-m", "benchmarks.peers.lit", str(port), str(workers)],
    recognises=True,
    package="litserve",
)
BENTOML = Server(
    "BentoML",  # the number of workers is set in benchmarks/peers/bento.py
    lambda port, _: [
        *(sys.executable, "-m", "bentoml", "serve", "benchmarks.peers.bento:DigitService", "--quiet"),
        *("--host", "127.0.0.1", "--port", str(port)),
    ],
    recognises=True,
    package="bentoml",
)
SERVERS = (THIS, BARE, FORM, EMPTY, SIMPLE, LITSERVE, BENTOML)


def _ray(*variables: str) -> Command:
    common = ("RAY_USAGE_STATS_ENABLED=0", "LENET_DEVICE=cpu")
    return lambda port, _: ["env", *common, *variables, sys.executable, "-m", "benchmarks.peers.ray_serve", str(port)]


# Started on request alone: a cluster keeps the machine busy while others are measured.
RAY = Server("Ray Serve", _ray(), recognises=True, package="ray")
RAY_HAPROXY = Server(
    "Ray Serve, HAProxy",
    _ray("RAY_SERVE_ENABLE_HA_PROXY=1", "RAY_SERVE_THROUGHPUT_OPTIMIZED=1"),
    recognises=True,
    package="ray",
)


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A running server, its main process, and the seconds until its first answer."""

    server: Server
    address: str
    process: subprocess.Popen[bytes]
    start_seconds: float

    def megabytes(self) -> float:
        """Return the memory of its processes; what they share counts once."""
        return sum(_proportional_kilobytes(process) for process in self.processes()) / 1000

    def cpu_seconds(self) -> float:
        """Return the CPU time used by its processes."""
        return sum(cpu_seconds_of(process) for process in self.processes())

    def processes(self) -> list[Path]:
        """Return the folders in /proc of the process and of its descendants, including those in other sessions."""
        return processes_from(self.process.pid)


def processes_from(pid: int) -> list[Path]:
    """Return the folders in /proc of a process and of its descendants."""
    parents = {int(path.name): (int(stat[1]), path) for path in Path("/proc").glob("[0-9]*") if (stat := _stat(path))}
    found = {pid}
    while more := {pid for pid, (parent, _) in parents.items() if parent in found} - found:
        found |= more
    return [parents[pid][1] for pid in found if pid in parents]


def cpu_seconds_of(process: Path) -> float:
    """Return the processor time that one process has used, given its folder in /proc; 0 when it has ended."""
    fields = _stat(process)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def _proportional_kilobytes(process: Path) -> int:
    """Return the memory of one process, with its share of what it shares, see proc(5); 0 when it has ended."""
    try:
        return int(re.findall(r"^Pss:\s+(\d+)", (process / "smaps_rollup").read_text(), re.M)[0])
    except OSError:
        return 0


def _stat(process: Path) -> list[str]:
    """Return the fields after the name in the process's `stat`, see proc(5); empty if the process has ended."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


@contextlib.contextmanager
def run_server(
    server: Server, picture: bytes, *, workers: int, log: IO[bytes] | None = None, key: str = "", **variables: str
) -> Iterator[RunningServer]:
    """Start the server, wait until it answers `picture`, and finally stop it with all its children.

    Its standard error goes to `log` if there is one. `key` is an API key that it may want.
    """
    port = _free_port()
    settings = {"LENET_PORT": str(port), "LENET_WORKERS": str(workers), "LENET_LOG_LEVEL": "warning"}
    quiet = {"BENTOML_DO_NOT_TRACK": "True", "PYTHONWARNINGS": "ignore"}
    started = time.perf_counter()
    process = subprocess.Popen(
        server.command(port, workers),
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | settings | quiet | variables,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=log,
    )
    address = f"http://127.0.0.1:{port}/predict"
    try:
        _wait_until_ready(process, address, picture, key)
        yield RunningServer(server, address, process, time.perf_counter() - started)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def post(address: str, picture: bytes, key: str = "") -> httpx2.Response:
    """Post a picture as a form, with an API key unless that is empty."""
    headers = {"X-API-Key": key} if key else {}
    files = {"file": ("digit.png", picture, "image/png")}
    return httpx2.post(address, files=files, headers=headers, timeout=START_SECONDS)


def _wait_until_ready(process: subprocess.Popen[bytes], address: str, picture: bytes, key: str) -> None:
    """Wait for the first successful response; raises `RuntimeError` if the server exits or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(httpx2.TransportError):
            if post(address, picture, key).status_code == 200:
                return
        time.sleep(0.02)
    raise RuntimeError(f"{process.args!r} did not answer")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
