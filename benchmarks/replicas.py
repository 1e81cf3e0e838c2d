"""Replicas behind HAProxy: CPU time of a request in the proxy and in the replicas, and its bytes on the network.

`python -m benchmarks.replicas` starts `deploy/compose` with two replicas, sends pictures over 32 connections, and
prints a table and a JSON line. It needs wrk and a Docker engine on this machine.
"""

import argparse
import json
import os
import subprocess
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.digit_files import first_digits
from benchmarks.servers import ROOT, cpu_seconds_of, processes_from
from benchmarks.wrk import forms, raw, run_wrk

PORT = "18004"
CONNECTIONS = 32
COMPOSE = ("docker", "compose", "-f", str(ROOT / "deploy/compose/docker-compose.yml"))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replicas", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5, help="of load in each round")
    options = parser.parse_args()
    os.environ |= {"LENET_PORT": PORT, "COMPOSE_PROJECT_NAME": "lenet-replicas"}
    pictures = first_digits(64).files
    try:
        _run(*COMPOSE, "up", "--build", "--wait", "--quiet-pull")
        with tempfile.TemporaryDirectory() as folder:
            loads = {"form": forms(pictures, Path(folder)), "raw body": raw(pictures, Path(folder))}
            rows: dict[str, list[dict[str, float]]] = {name: [] for name in loads}
            for _ in range(options.rounds):
                for name, load in loads.items():
                    before = _totals()
                    address = f"http://127.0.0.1:{PORT}/predict"
                    result = run_wrk(address, load, connections=CONNECTIONS, seconds=options.seconds)
                    used = {key: (after - before[key]) / result.requests for key, after in _totals().items()}
                    rows[name].append(used | {"requests/s": result.rate, "failed": result.failed})
    finally:
        _run(*COMPOSE, "down", "--timeout", "5")
    medians = {name: {key: median(row[key] for row in many) for key in many[0]} for name, many in rows.items()}
    titles = list(medians["form"])
    print(f"| a request | {' | '.join(titles)} |\n|---{'|---' * len(titles)}|")
    for name, row in medians.items():
        print(f"| {name} | {' | '.join(f'{value:,.0f}' for value in row.values())} |")
    print(json.dumps({"benchmark": "replicas", "rows": medians}))


def _totals() -> dict[str, float]:
    """Return what the proxy and the replicas have used up to now."""
    proxy, replicas = _pids("proxy"), _pids("lenet")
    received, sent = (sum(column) for column in zip(*map(_network_bytes, replicas), strict=True))
    return {
        "CPU us of the proxy": 1e6 * sum(map(_cpu_seconds, proxy)),
        "CPU us of the replicas": 1e6 * sum(map(_cpu_seconds, replicas)),
        "bytes to the replicas": received,
        "bytes from them": sent,
    }


def _pids(service: str) -> list[int]:
    containers = _run(*COMPOSE, "ps", "--quiet", service).split()
    return [int(_run("docker", "inspect", "--format", "{{.State.Pid}}", container)) for container in containers]


def _cpu_seconds(pid: int) -> float:
    return sum(map(cpu_seconds_of, processes_from(pid)))


def _network_bytes(pid: int) -> tuple[int, int]:
    """Return the bytes received and sent by all interfaces of a process's network but the loopback, see proc(5)."""
    lines = Path(f"/proc/{pid}/net/dev").read_text().splitlines()[2:]
    fields = [line.split(":")[1].split() for line in lines if line.split(":")[0].strip() != "lo"]
    return sum(int(one[0]) for one in fields), sum(int(one[8]) for one in fields)


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    main()
