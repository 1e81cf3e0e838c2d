"""`python -m tests.e2e.steady_clients PORT COMPOSE...`: clients that post through a rolling restart of two replicas."""

import asyncio
import sys

from benchmarks.busy_clients import Outcome, post_until_refused

CLIENTS = 32
REQUESTS = 50_000
SECONDS = 300


async def recreate(compose: list[str], replica: str) -> None:
    """Replace one replica by a new container, and wait until that is healthy."""
    arguments = ["up", "--detach", "--no-deps", "--no-build", "--force-recreate", "--wait", replica]
    process = await asyncio.create_subprocess_exec(*compose, *arguments)
    assert await process.wait() == 0


async def load(port: int, compose: list[str]) -> Outcome:
    """Post over kept and over new connections until both replicas are replaced and enough requests are answered."""
    outcome = Outcome()
    clients = [
        asyncio.ensure_future(post_until_refused("127.0.0.1", port, outcome, keep=number % 2 == 0))
        for number in range(CLIENTS)
    ]
    for replica in ("lenet-1", "lenet-2"):
        await recreate(compose, replica)
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
