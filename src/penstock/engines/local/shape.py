"""What distinguishes one pair from another at launch; two runs of one shape may have each other's pair."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from penstock.domain.footprint import Footprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Sizes in CUs; slots are those of each TaskManager."""

    manager_cus: int = 1
    task_managers: int = 1
    tm_cus: int = 1
    slots: int = 1

    @property
    def cus(self) -> int:
        return self.manager_cus + self.task_managers * self.tm_cus

    def as_json(self) -> dict[str, int]:
        return asdict(self)


def shape_of(footprint: Footprint) -> Shape:
    return Shape(
        manager_cus=footprint.manager_cus,
        task_managers=footprint.task_managers,
        tm_cus=footprint.tm_cus,
        slots=footprint.slots,
    )


def shape_from(json: Mapping[str, int]) -> Shape:
    return Shape(**json)
