"""No file descriptor left: accepting pauses without a busy loop, and goes on once there are descriptors again."""

import os
import resource
import socket
import time
from pathlib import Path

import httpx2
import pytest

from tests.serving import SECONDS, serving

pytestmark = pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="changes another process's limits")

WAITING = 8


def open_descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_connections_wait_while_no_descriptor_is_left() -> None:
    with serving(LENET_WORKERS="1") as (process, address):
        host, port = address.removeprefix("http://").split(":")
        assert httpx2.get(f"{address}/health/ready", timeout=SECONDS).status_code == 200
        lines = iter(process.stderr or ())
        _, hard = limits = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (open_descriptors(process.pid), hard))
        clients = [socket.create_connection((host, int(port)), timeout=SECONDS) for _ in range(WAITING)]
        for client in clients:
            client.sendall(b"GET /health/live HTTP/1.1\r\nHost: here\r\n\r\n")
        wait_for(lines, "no file descriptor is left")
        used, started = cpu_seconds(process.pid), time.monotonic()
        for _ in range(5):
            wait_for(lines, "no file descriptor is left")
        assert cpu_seconds(process.pid) - used < (time.monotonic() - started) / 2
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, limits)
        for client in clients:
            assert client.recv(1024).startswith(b"HTTP/1.1 200")
            client.close()


def wait_for(lines: object, text: str) -> None:
    assert any(text in line for line in lines)  # type: ignore[attr-defined]
