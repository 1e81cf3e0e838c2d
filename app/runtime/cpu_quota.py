"""How many CPUs this process may use: its affinity, within the quota of its container."""

import os
from pathlib import Path


def available_cpus(root: Path = Path("/")) -> int:
    """Return the number of whole CPUs that affinity and cgroup quotas (version 2 or 1) allow, at least one."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, int(min([allowed, *_quotas(root)])))


def _quotas(root: Path) -> list[float]:
    """Return the quotas, in CPUs, of the process's cgroup and of its parents."""
    quotas = []
    for group in _groups(root):
        quota, period = (
            _words(group / "cpu.max")
            or [
                *_words(group / "cpu.cfs_quota_us"),
                *_words(group / "cpu.cfs_period_us"),
            ]
            or ["max", "1"]
        )
        if quota.isdecimal():  # neither "max" nor "-1"
            quotas.append(int(quota) / int(period))
    return quotas


def _groups(root: Path) -> list[Path]:
    """Return the folders of the CPU cgroup and of its parents, up to the mount point."""
    for line in _lines(root / "proc/self/cgroup"):
        _, controllers, path = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        mount = root / "sys/fs/cgroup" / controllers
        inner = mount / path.lstrip("/")
        return [inner, *(parent for parent in inner.parents if parent.is_relative_to(mount))]
    return []


def _words(path: Path) -> list[str]:
    return [word for line in _lines(path) for word in line.split()]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []
