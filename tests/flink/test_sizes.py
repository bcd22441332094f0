"""Memory adds up to what was asked."""

from hypothesis import given
from hypothesis.strategies import integers

from penstock.flink.sizes import MIB, SMALLEST, manager_sizes, worker_sizes

totals = integers(SMALLEST, 64 * 1024 * MIB)


@given(totals)
def test_the_parts_of_a_task_manager_add_up(total: int) -> None:
    sizes = worker_sizes(total)

    assert sizes.heap + sizes.direct + sizes.managed + sizes.metaspace + sizes.overhead == total
    assert sizes.task_heap > total // 10
    assert sizes.network >= 16 * MIB


@given(totals)
def test_the_parts_of_a_job_manager_add_up(total: int) -> None:
    sizes = manager_sizes(total)

    assert sizes.heap + sizes.off_heap + sizes.metaspace + sizes.overhead == total
    assert sizes.heap > total // 3


def test_a_gibibyte_is_split_as_documented() -> None:
    sizes = worker_sizes(1024 * MIB)

    assert sizes.metaspace == 256 * MIB
    assert sizes.network >= 64 * MIB
    assert sizes.heap > 300 * MIB
