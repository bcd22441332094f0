"""What the pool expects."""

from collections import Counter

from penstock.engines.local.demand import Demand
from penstock.engines.local.shape import Shape

SMALL, WIDE, TALL = Shape(), Shape(slots=4), Shape(tm_cus=4)


def test_the_smallest_shape_is_expected_first() -> None:
    assert Demand().wanted(2) == Counter({SMALL: 2})


def test_no_pool_wants_nothing() -> None:
    assert Demand([WIDE]).wanted(0) == Counter()


def test_the_commoner_shape_is_kept() -> None:
    assert Demand([SMALL, SMALL, WIDE]).wanted(1) == Counter({SMALL: 1})


def test_of_equals_the_later_one_is_kept() -> None:
    assert Demand([SMALL, WIDE]).wanted(1) == Counter({WIDE: 1})


def test_a_larger_pool_is_shared_by_how_often_a_shape_is_asked_for() -> None:
    assert Demand([SMALL] * 6 + [WIDE] * 3 + [TALL]).wanted(4) == Counter({SMALL: 3, WIDE: 1})


def test_old_asks_are_forgotten() -> None:
    demand = Demand([SMALL] * 30)
    for _ in range(16):
        demand.ask(WIDE)

    assert demand.wanted(3) == Counter({WIDE: 3})
