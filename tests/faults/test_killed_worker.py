"""A worker that is killed under load: only the requests on its own connections fail, and it is replaced."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from benchmarks.busy_clients import Outcome, post_until_refused
from tests.serving import SECONDS, serving, workers_of

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts connections in /proc")

MOST_CLIENTS = 200


def sockets_of(pid: int) -> int:
    return sum(str(file.readlink()).startswith("socket:") for file in Path(f"/proc/{pid}/fd").iterdir())


async def kill_under_load(pid: int, address: str) -> tuple[Outcome, int]:
    """Post over kept connections, kill a worker, wait for its successor; return what failed and what it had open."""
    host, port = address.removeprefix("http://").split(":")
    outcome = Outcome()
    clients: list[asyncio.Future[None]] = []
    victim, other = workers = sorted(workers_of(pid))
    unconnected = {worker: sockets_of(worker) for worker in workers}
    while any(sockets_of(worker) == unconnected[worker] for worker in workers):
        assert len(clients) < MOST_CLIENTS
        clients.append(asyncio.ensure_future(post_until_refused(host, int(port), outcome, keep=True)))
        await until_answered(outcome, 1)
    await until_answered(outcome, 100)
    connections = sockets_of(victim) - unconnected[victim]
    os.kill(victim, signal.SIGKILL)
    while victim in workers_of(pid) or len(workers_of(pid)) != 2:
        await asyncio.sleep(0)
    assert other in workers_of(pid)
    await until_answered(outcome, 100)
    os.kill(pid, signal.SIGTERM)
    await asyncio.gather(*clients)
    return outcome, connections


async def until_answered(outcome: Outcome, count: int) -> None:
    before = outcome.statuses.total()
    while outcome.statuses.total() < before + count:
        await asyncio.sleep(0)


def test_only_the_requests_on_its_own_connections_fail() -> None:
    with serving(LENET_WORKERS="2") as (process, address):
        lines = iter(process.stderr or ())
        for _ in range(2):
            next(line for line in lines if "startup complete" in line)
        outcome, connections = asyncio.run(asyncio.wait_for(kill_under_load(process.pid, address), SECONDS))
        assert process.wait(SECONDS) == 0
    assert outcome.lost.total() <= connections
    assert set(outcome.statuses) == {200}
