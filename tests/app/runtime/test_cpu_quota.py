import os
from pathlib import Path

import pytest

from app.runtime.cpu_quota import available_cpus


@pytest.fixture(autouse=True)
def _eight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)


def tree(root: Path, **files: str) -> Path:
    """Write files below `root`, `__` in a name standing for a slash."""
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.parametrize(
    ("quota", "cpus"),
    [("max 100000", 8), ("200000 100000", 2), ("250000 100000", 2), ("50000 100000", 1), ("9900000 100000", 8)],
)
def test_the_quota_of_version_2_counts_in_whole_cpus(tmp_path: Path, quota: str, cpus: int) -> None:
    files = {"proc__self__cgroup": "0::/\n", "sys__fs__cgroup__cpu_dot_max": quota + "\n"}
    assert available_cpus(tree(tmp_path, **files)) == cpus


def test_a_quota_of_a_group_around_counts_too(tmp_path: Path) -> None:
    files = {
        "proc__self__cgroup": "0::/pod/container\n",
        "sys__fs__cgroup__pod__cpu_dot_max": "300000 100000\n",
        "sys__fs__cgroup__pod__container__cpu_dot_max": "max 100000\n",
    }
    assert available_cpus(tree(tmp_path, **files)) == 3


@pytest.mark.parametrize(("quota", "cpus"), [("-1", 8), ("400000", 4)])
def test_the_quota_of_version_1(tmp_path: Path, quota: str, cpus: int) -> None:
    files = {
        "proc__self__cgroup": "5:memory:/\n4:cpu,cpuacct:/\n0::/\n",
        "sys__fs__cgroup__cpu,cpuacct__cpu_dot_cfs_quota_us": quota + "\n",
        "sys__fs__cgroup__cpu,cpuacct__cpu_dot_cfs_period_us": "100000\n",
    }
    assert available_cpus(tree(tmp_path, **files)) == cpus


def test_without_cgroups_the_affinity_counts(tmp_path: Path) -> None:
    assert available_cpus(tmp_path) == 8
