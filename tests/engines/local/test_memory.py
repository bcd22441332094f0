"""How much memory there is, in and outside containers."""

from pathlib import Path

import pytest

from penstock.engines.local.memory import machine_memory

GIB = 1024**3


def a_root(root: Path, cgroup: str) -> Path:
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/meminfo").write_text(f"MemTotal: {8 * GIB // 1024} kB\nMemFree: 1 kB\n")
    (root / "proc/self/cgroup").write_text(cgroup)
    return root


def a_limit(root: Path, place: str, text: str) -> None:
    path = root / "sys/fs/cgroup" / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n")


def test_without_limits_it_is_the_machines(tmp_path: Path) -> None:
    assert machine_memory(a_root(tmp_path, "0::/a/b\n")) == 8 * GIB


@pytest.mark.parametrize("place", ["a/b/memory.max", "a/memory.max", "memory.max"])
def test_a_limit_of_ours_or_of_a_parent_binds(tmp_path: Path, place: str) -> None:
    root = a_root(tmp_path, "0::/a/b\n")
    a_limit(root, "a/b/memory.max", "max")
    a_limit(root, place, str(2 * GIB))

    assert machine_memory(root) == 2 * GIB


def test_the_older_kind_of_groups_binds_too(tmp_path: Path) -> None:
    root = a_root(tmp_path, "9:cpu,cpuacct:/x\n4:memory:/a\n")
    a_limit(root, "memory/a/memory.limit_in_bytes", str(3 * GIB))
    a_limit(root, "memory/memory.limit_in_bytes", "9223372036854771712")

    assert machine_memory(root) == 3 * GIB


def test_a_limit_above_the_machine_is_none(tmp_path: Path) -> None:
    root = a_root(tmp_path, "0::/\n")
    a_limit(root, "memory.max", str(64 * GIB))

    assert machine_memory(root) == 8 * GIB
