"""`lenet bulk --ray` on a cluster of a head and two nodes, one of which dies. `make test-ray` runs it."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ray.cluster_utils import Cluster

from app.bulk.scorer import Scorer
from app.settings import Settings
from tests.e2e.ray_cluster import NODE, head_without_workers
from tests.image_files import encoded
from tests.mnist_sample import MnistSample

ROWS = 100_000
SECONDS = 500

pytestmark = pytest.mark.filterwarnings("default")  # Ray's own


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with head_without_workers() as cluster:
        yield cluster


def finished(output: Path) -> int:
    return len(list(output.glob("part-*.parquet")))


def test_every_row_is_there_once_though_a_node_dies(cluster: Cluster, sample: MnistSample, tmp_path: Path) -> None:
    # More CPUs than workers: what else runs on a node must not wait for one.
    doomed, _ = [cluster.add_node(num_cpus=3, **NODE) for _ in range(2)]
    files = [encoded(digit) for digit in sample.images]
    table = pa.table({"id": range(ROWS), "image": [files[row % 200] for row in range(ROWS)]})
    pq.write_table(table, tmp_path / "table.parquet")
    output = tmp_path / "answers"
    command = [sys.executable, "-m", "app", "bulk", str(tmp_path / "table.parquet"), str(output)]
    environment = os.environ | {"LENET_DEVICE": "cpu", "LENET_WORKERS": "2"}
    process = subprocess.Popen([*command, "--ray", cluster.address], env=environment)
    while process.poll() is None and finished(output) < 5:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
    assert process.poll() is None
    cluster.remove_node(doomed, allow_graceful=False)
    assert process.wait(SECONDS) == 0
    rows = pq.read_table(output).sort_by("id")
    assert rows["id"].to_pylist() == list(range(ROWS))
    expected = Scorer(Settings(device="cpu"), reads=False).score(files).column("digit").to_pylist()
    assert rows["digit"].to_pylist() == expected * (ROWS // 200)
