"""Splits the memory of a process into the parts that Flink and Java name, so that they add up to what was asked.

Flink's own split (`BashJavaUtils`) costs a JVM of 0.8 s and insists on sizes that a small machine does not have.
"""

from dataclasses import dataclass

MIB = 1024 * 1024
SMALLEST = 256 * MIB  # below this neither process starts reliably


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagerSizes:
    """Bytes of a JobManager."""

    heap: int
    off_heap: int
    metaspace: int
    overhead: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSizes:
    """Bytes of a TaskManager."""

    framework_heap: int
    task_heap: int
    framework_off_heap: int
    task_off_heap: int
    network: int
    managed: int
    metaspace: int
    overhead: int

    @property
    def heap(self) -> int:
        return self.framework_heap + self.task_heap

    @property
    def direct(self) -> int:
        return self.framework_off_heap + self.task_off_heap + self.network


def manager_sizes(total: int) -> ManagerSizes:
    metaspace, overhead = _java_parts(total)
    off_heap = min(128 * MIB, total // 8)
    heap = total - metaspace - overhead - off_heap
    return ManagerSizes(heap=heap, off_heap=off_heap, metaspace=metaspace, overhead=overhead)


def worker_sizes(total: int) -> WorkerSizes:
    """Managed memory is for RocksDB, SQL and batch; most state of small jobs lives on the heap, so heap gets more."""
    metaspace, overhead = _java_parts(total)
    rest = total - metaspace - overhead
    network = _page(min(1024 * MIB, max(rest // 10, min(64 * MIB, rest // 5))))
    managed = _page(rest // 4)
    framework_off_heap = min(64 * MIB, rest // 10)
    framework_heap = min(64 * MIB, rest // 10)
    return WorkerSizes(
        framework_heap=framework_heap,
        task_heap=rest - network - managed - framework_off_heap - framework_heap,
        framework_off_heap=framework_off_heap,
        task_off_heap=0,
        network=network,
        managed=managed,
        metaspace=metaspace,
        overhead=overhead,
    )


def _java_parts(total: int) -> tuple[int, int]:
    """Metaspace, and what Java takes beside heap and metaspace (code, stacks, its own tables)."""
    return min(256 * MIB, total // 4), min(1024 * MIB, max(total // 10, min(96 * MIB, total // 5)))


def _page(size: int) -> int:
    """Flink counts network and managed memory in pages of 32 KiB."""
    return size // (32 * 1024) * (32 * 1024)
