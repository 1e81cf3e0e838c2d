"""`python -m tests.e2e.steady_clients PORT COMMAND...`: clients that post while the command replaces all replicas."""

import asyncio
import sys

from benchmarks.busy_clients import Outcome, post_until_refused

CLIENTS = 32
REQUESTS = 50_000
SECONDS = 300


async def load(port: int, command: list[str]) -> Outcome:
    """Post over kept and over new connections until all replicas are replaced and enough requests are answered."""
    outcome = Outcome()
    clients = [
        asyncio.ensure_future(post_until_refused("127.0.0.1", port, outcome, keep=number % 2 == 0))
        for number in range(CLIENTS)
    ]
    replacing = await asyncio.create_subprocess_exec(*command)
    assert await replacing.wait() == 0
    while outcome.statuses.total() < REQUESTS and not any(client.done() for client in clients):
        await asyncio.sleep(0.1)
    for client in clients:
        client.cancel()
    await asyncio.gather(*clients, return_exceptions=True)
    return outcome


def main() -> None:
    """Print what was answered; exit with 1 when a request failed."""
    outcome = asyncio.run(asyncio.wait_for(load(int(sys.argv[1]), sys.argv[2:]), SECONDS))
    print(
        f"rolling restart: {outcome.statuses.total():,} responses {dict(outcome.statuses)}, lost {dict(outcome.lost)}"
    )
    if outcome.lost or set(outcome.statuses) != {200} or outcome.statuses.total() < REQUESTS:
        sys.exit(1)


if __name__ == "__main__":
    main()
