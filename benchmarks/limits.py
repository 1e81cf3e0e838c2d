"""What is bounded, and how well: shares of the workers, waits under overload, slow headers, large pictures, the end.

`python -m benchmarks.limits` (wrk must be installed) starts the service with two workers on loopback for every row, and
prints a table and a JSON line. Counts and times are bounded; about five minutes. `--only pictures` measures one part.
"""

import argparse
import asyncio
import json
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.busy_clients import Outcome, post_until_refused
from benchmarks.digit_files import first_digits
from benchmarks.input_pipeline import SEVEN
from benchmarks.large_pictures import picture_rows
from benchmarks.overload import overload_rows
from benchmarks.servers import THIS, RunningServer, cpu_seconds_of, run_server
from benchmarks.wrk import raw, run_wrk

WORKERS = 2
CONNECTIONS = 32
# The first worker answers before the second one has started; connections made then would all be the first one's.
START_SECONDS = 5

Rows = dict[str, float]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.limits", description=__doc__)
    parser.add_argument("--starts", type=int, default=10, help="starts over which the workers' shares are compared")
    parser.add_argument("--seconds", type=int, default=4, help="of load in each row")
    parser.add_argument("--only", choices=("shares", "overload", "headers", "pictures", "drain"))
    options = parser.parse_args()
    parts: dict[str, Callable[[], Rows]] = {
        "shares": lambda: shares(options.starts, options.seconds),
        "overload": lambda: overload_rows(options.seconds),
        "headers": slow_headers,
        "pictures": picture_rows,
        "drain": lambda: drain(options.starts),
    }
    rows: Rows = {}
    for name in [options.only] if options.only else parts:
        rows |= parts[name]()
    print("| what | measured |\n|---|---|")
    for name, value in rows.items():
        print(f"| {name} | {value:,.3g} |")
    print(json.dumps({"benchmark": "limits", "rows": rows}))


def shares(starts: int, seconds: int) -> Rows:
    """Small PNGs over kept connections: the smaller worker's share of the CPU time, and the rate."""
    least, rates = [], []
    with tempfile.TemporaryDirectory() as folder:
        load = raw(first_digits(64).files, Path(folder))
        for _ in range(starts):
            with run_server(THIS, SEVEN.read_bytes(), workers=WORKERS) as server:
                time.sleep(START_SECONDS)
                before = _worker_seconds(server)
                rates.append(run_wrk(server.address, load, connections=CONNECTIONS, seconds=seconds).rate)
                used = [after - before[pid] for pid, after in _worker_seconds(server).items()]
                least.append(min(used) / sum(used))
    return {
        f"smaller worker's share, worst of {starts} starts": min(least),
        "its median": median(least),
        "requests/s, worst": min(rates),
        "requests/s, median": median(rates),
    }


def slow_headers(connections: int = 200) -> Rows:
    """Connections that never finish their headers: seconds until the last of them is closed."""

    async def client(host: str, port: int) -> None:
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"GET /health/live HTTP/1.1\r\nHost: he")
        await reader.read()
        writer.close()

    async def scenario(host: str, port: int) -> float:
        started = time.perf_counter()
        async with asyncio.timeout(60):
            await asyncio.gather(*[client(host, port) for _ in range(connections)])
        return time.perf_counter() - started

    with run_server(THIS, SEVEN.read_bytes(), workers=WORKERS) as server:
        host, port = server.address.split("/")[2].split(":")
        return {f"{connections} unfinished headers, seconds to close": asyncio.run(scenario(host, int(port)))}


def drain(runs: int, connections: int = 40) -> Rows:
    """SIGTERM under load, over connections that are kept and over new ones: requests without a response."""
    outcome = Outcome()

    async def scenario(server: RunningServer, keep: bool) -> None:
        host, port = server.address.split("/")[2].split(":")
        clients = [
            asyncio.ensure_future(post_until_refused(host, int(port), outcome, keep=keep)) for _ in range(connections)
        ]
        await asyncio.sleep(0.5)
        server.process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(asyncio.gather(*clients), 60)

    for keep in (True, False):
        for _ in range(runs):
            with run_server(THIS, SEVEN.read_bytes(), workers=WORKERS) as server:
                asyncio.run(scenario(server, keep))
    return {
        f"requests through {2 * runs} ends by SIGTERM": outcome.statuses.total(),
        "requests without a response": outcome.lost.total(),
    }


def _worker_seconds(server: RunningServer) -> dict[str, float]:
    """Return the processor seconds of each worker: the processes that have used any, but for the supervisor."""
    workers = [path for path in server.processes() if path.name != str(server.process.pid)]
    by_use = sorted(((cpu_seconds_of(path), path.name) for path in workers), reverse=True)[:WORKERS]
    return {name: seconds for seconds, name in by_use}


if __name__ == "__main__":
    main()
