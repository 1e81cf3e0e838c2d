"""deploy/ray: Ray Serve answers as the plain service does, also under a prefix and while a node dies.

`make test-ray` runs it in Ray's mode with HAProxy, which the environment must name before Ray is imported. In that mode
Ray listens on all interfaces, but for the address of the service itself.
"""

import asyncio
import socket
import time
from collections.abc import Iterator

import httpx2
import numpy as np
import pytest
import ray
from fastapi.testclient import TestClient
from ray import serve
from ray.cluster_utils import Cluster

from deploy.ray.serve import digits
from tests.doc_pages import ROOT
from tests.e2e.ray_cluster import NODE, head_without_workers
from tests.e2e.steady_clients import load
from tests.image_files import encoded
from tests.mnist_sample import MnistSample

REQUESTS = 60_000
SECONDS = 600
MOST_FAILURES = 120
"""Requests that were with the replica that died, or came before HAProxy knew; 12 and 17 were seen."""

FIXED = {"X-Request-ID": "the-same"}


@pytest.fixture(scope="module")
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def nodes(port: int) -> Iterator[tuple[Cluster, list[object]]]:
    """A cluster with two nodes that compute, each with the CPU for one replica."""
    with head_without_workers() as cluster:
        nodes = [cluster.add_node(num_cpus=1, **NODE) for _ in range(2)]
        ray.init(cluster.address, _node_ip_address=NODE["node_ip_address"], logging_level="warning")
        serve.start(proxy_location="HeadOnly", http_options={"host": "127.0.0.1", "port": port})
        yield cluster, nodes
        serve.shutdown()
        ray.shutdown()


def deploy(port: int, prefix: str) -> str:
    """Serve the application under a prefix alone; return its address once it answers there."""
    serve.run(digits, route_prefix=prefix or "/")
    address = f"http://127.0.0.1:{port}{prefix}"
    until = time.monotonic() + SECONDS
    while httpx2.get(f"{address}/health/live").status_code != 200:  # HAProxy may not know yet
        assert time.monotonic() < until
    return address


@pytest.mark.parametrize("prefix", ["/digits", ""])
def test_answers_are_those_of_the_plain_service(
    robust_client: TestClient, sample: MnistSample, nodes: object, port: int, prefix: str
) -> None:
    pictures = [encoded(digit) for digit in sample.images]
    pictures += [b"no picture", encoded(np.zeros((1, 1), np.uint8)), encoded(np.zeros((2000, 3), np.uint8))]
    many = [("file", picture) for picture in pictures[:64]]
    page = (ROOT / "docs/examples/2026.jpg").read_bytes()
    with httpx2.Client(base_url=deploy(port, prefix), timeout=60) as client:
        for path, files in [
            *[("/predict", [("file", picture)]) for picture in pictures],
            *[(path, [("file", page)]) for path in ("/read", "/explain", "/predict?preprocessing=plain", "/nowhere")],
            ("/predict/batch", many),
        ]:
            theirs = client.post(path, files=files, headers=FIXED)
            ours = robust_client.post(path, files=files, headers=FIXED)
            assert (theirs.status_code, theirs.headers["content-type"]) == (
                ours.status_code,
                ours.headers["content-type"],
            )
            assert theirs.content == ours.content


def test_few_requests_fail_when_a_node_with_a_replica_dies(
    nodes: tuple[Cluster, list[object]], port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster, (doomed, _) = nodes
    deploy(port, "")

    async def kill() -> None:
        await asyncio.to_thread(cluster.remove_node, doomed, allow_graceful=False)

    outcome = asyncio.run(asyncio.wait_for(load(port, REQUESTS, kill), SECONDS))
    failed = outcome.lost.total() + outcome.statuses.total() - outcome.statuses[200]
    with capsys.disabled():
        print(f"\na node died: {outcome.statuses.total():,} responses, {failed} failed:", outcome)
    assert outcome.statuses[200] >= REQUESTS - MOST_FAILURES
    assert failed <= MOST_FAILURES
