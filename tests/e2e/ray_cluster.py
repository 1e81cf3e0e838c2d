"""A Ray cluster on this machine, for the tests that `make test-ray` runs."""

import contextlib
import os
from collections.abc import Iterator

from ray.cluster_utils import Cluster

# On loopback; Ray takes 127.0.0.1 for a way to say the machine's own address.
NODE = {"node_ip_address": "127.0.0.2", "object_store_memory": 200_000_000}


@contextlib.contextmanager
def head_without_workers() -> Iterator[Cluster]:
    """Run a head that computes nothing; `add_node(num_cpus=..., **NODE)` adds nodes that do."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False} | NODE)
    yield cluster
    cluster.shutdown()
