"""The room a run takes: how many TaskManagers of which size, and how many CUs that really is."""

from dataclasses import dataclass

from penstock.domain.spec import JobSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What a place offers in all, None where it has no limit; or what something takes of it."""

    cus: int | None = None
    slots: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """JobManagers and TaskManagers of a run; sizes in CUs."""

    job_managers: int
    manager_cus: int  # of each JobManager
    task_managers: int
    tm_cus: int  # of each TaskManager
    slots: int  # of each TaskManager
    parallelism: int

    @property
    def cus(self) -> int:
        """What the run is charged with (dli: `real_cu_number`): what really starts, not what was asked for."""
        return self.job_managers * self.manager_cus + self.task_managers * self.tm_cus

    @property
    def taken(self) -> Room:
        """What the run takes of its place: the place says which of it counts. Operators share slots, so a job takes as
        many as its parallelism (flink: "Task slots and resources")."""
        return Room(cus=self.cus, slots=self.parallelism)


def slots_of(spec: JobSpec) -> int:
    """Slots of a TaskManager: as given, else `parallel_number * tm_cus / (cu_number - manager_cu_number)` rounded up
    (dli: create Flink jar job, `tm_slot_num`), at least 1."""
    if spec.tm_slot_num > 0:
        return spec.tm_slot_num
    workers = max(1, spec.cu_number - spec.manager_cu_number)
    return max(1, _ceil(spec.parallel_number * spec.tm_cus, workers))


def footprint_of(spec: JobSpec) -> Footprint:
    """As many TaskManagers as the parallelism needs: `ceil(parallel_number / slots)`."""
    slots = slots_of(spec)
    return Footprint(
        job_managers=1,
        manager_cus=spec.manager_cu_number,
        task_managers=max(1, _ceil(spec.parallel_number, slots)),
        tm_cus=spec.tm_cus,
        slots=slots,
        parallelism=spec.parallel_number,
    )


def _ceil(a: int, b: int) -> int:
    return -(-a // b)
