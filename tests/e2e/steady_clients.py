"""`python -m tests.e2e.steady_clients PORT COMMAND...`: clients that post while the command replaces all replicas."""

import asyncio
import sys
from collections.abc import Awaitable, Callable

from benchmarks.busy_clients import Outcome, post_until_refused

CLIENTS = 32
REQUESTS = 50_000
SECONDS = 300


async def load(port: int, requests: int, change: Callable[[], Awaitable[object]]) -> Outcome:
    """Post over kept and over new connections, begin the change at a tenth of the requests, and see it to its end."""
    outcome = Outcome()
    clients = [
        asyncio.ensure_future(post_until_refused("127.0.0.1", port, outcome, keep=number % 2 == 0))
        for number in range(CLIENTS)
    ]

    async def answered(number: int) -> None:
        while outcome.statuses.total() < number and not any(client.done() for client in clients):
            await asyncio.sleep(0.1)

    await answered(requests // 10)
    await change()
    await answered(requests)
    for client in clients:
        client.cancel()
    await asyncio.gather(*clients, return_exceptions=True)
    return outcome


async def run(command: list[str]) -> None:
    """Run a command, which must succeed."""
    process = await asyncio.create_subprocess_exec(*command)
    assert await process.wait() == 0


def main() -> None:
    """Print what was answered; exit with 1 when a request failed."""
    work = load(int(sys.argv[1]), REQUESTS, lambda: run(sys.argv[2:]))
    outcome = asyncio.run(asyncio.wait_for(work, SECONDS))
    print(
        f"rolling restart: {outcome.statuses.total():,} responses {dict(outcome.statuses)}, lost {dict(outcome.lost)}"
    )
    if outcome.lost or set(outcome.statuses) != {200} or outcome.statuses.total() < REQUESTS:
        sys.exit(1)


if __name__ == "__main__":
    main()
