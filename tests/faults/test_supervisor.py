"""The worker processes: replaced on SIGHUP and after a kill, and patient while the weights on disk are broken."""

import asyncio
import os
import shutil
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from app.lenet.network import artifact
from benchmarks.busy_clients import Outcome, post_until_refused
from tests.serving import SECONDS, serving, workers_of

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks for child processes in /proc")


async def until_replaced(pid: int, old: set[int], clients: int = 8, address: str = "") -> Outcome:
    """Post from some clients until there are two workers, none of them old, and then end the service."""
    host, port = address.removeprefix("http://").split(":")
    outcome, deadline = Outcome(), time.monotonic() + SECONDS
    posting = [asyncio.ensure_future(post_until_refused(host, int(port), outcome, keep=False)) for _ in range(clients)]
    while old & workers_of(pid) or len(workers_of(pid)) != 2:
        assert time.monotonic() < deadline
        await asyncio.sleep(0)
    os.kill(pid, signal.SIGTERM)
    await asyncio.wait_for(asyncio.gather(*posting), SECONDS)
    return outcome


def test_sighup_replaces_the_workers_and_loses_no_request() -> None:
    with serving(LENET_WORKERS="2") as (process, address):
        while len(old := workers_of(process.pid)) != 2:
            pass
        process.send_signal(signal.SIGHUP)
        outcome = asyncio.run(until_replaced(process.pid, old, address=address))
        assert process.wait(SECONDS) == 0
    assert outcome.lost == {}
    assert set(outcome.statuses) == {200}


def test_sigterm_ends_the_service_in_the_middle_of_a_replacement() -> None:
    with serving(LENET_WORKERS="2") as (process, _):
        lines = iter(process.stderr or ())
        for _ in range(2):
            next(line for line in lines if "startup complete" in line)
        process.send_signal(signal.SIGHUP)
        next(line for line in lines if "Received SIGHUP" in line)
        process.send_signal(signal.SIGTERM)
        rest = list(lines)
        assert process.wait(SECONDS) == 0
    assert sum("Started server process" in line for line in rest) < 2  # the second worker is not replaced any more
    assert not any("could not start" in line for line in rest)


def test_a_killed_worker_whose_weights_are_broken_is_tried_again_while_the_other_serves(tmp_path: Path) -> None:
    for suffix in (".safetensors", ".json", ".onnx"):
        shutil.copy(artifact.SHIPPED / f"notebook{suffix}", tmp_path / f"mine{suffix}")
    card = tmp_path / "mine.json"
    good = card.read_bytes()
    with serving(LENET_WORKERS="2", LENET_MODEL="mine", LENET_ARTIFACTS=str(tmp_path)) as (process, address):
        lines = iter(process.stderr or ())
        seen: Counter[str] = Counter()
        for line in lines:
            seen.update(text for text in ("startup complete", "first worker is ready") if text in line)
            if seen["startup complete"] == 2 and seen["first worker is ready"]:
                break
        card.write_bytes(b"{}")
        victim, other = sorted(workers_of(process.pid))
        os.kill(victim, signal.SIGKILL)
        next(line for line in lines if "could not start" in line)
        assert other in workers_of(process.pid)
        card.write_bytes(good)
        outcome = asyncio.run(until_replaced(process.pid, {victim}, address=address))
        assert process.wait(SECONDS) == 0
    assert outcome.statuses[200] > 0


def test_workers_end_when_the_supervisor_is_killed() -> None:
    with serving(LENET_WORKERS="2") as (process, _):
        lines = iter(process.stderr or ())
        for _ in range(2):
            next(line for line in lines if "startup complete" in line)
        workers = workers_of(process.pid)
        process.kill()
        process.wait(SECONDS)
        deadline = time.monotonic() + SECONDS
        while any(Path(f"/proc/{worker}").exists() for worker in workers):
            assert time.monotonic() < deadline
