"""Making, listing, showing and deleting queues."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from penstock.domain.errors import Invalid, NotFound, NotNow
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.queue import Queue, QueueSpec, queue_faults_of
from penstock.ports.records import Tx
from penstock.usecases.desk import Desk
from penstock.usecases.errand import Errand
from penstock.usecases.placing import demand_alone, placed


@dataclass(frozen=True, slots=True)
class QueueView:
    """A queue, how many of its CUs are taken, the place it stands for with the engine there (empty if the place is not
    known), and which Flink runs there, the default first."""

    queue: Queue
    used_cus: int
    place: str
    engine: str
    flink_versions: tuple[str, ...]


async def create(
    desk: Desk, errand: Errand, spec: QueueSpec, known: Sequence[Fault] = (), *, engine: str = ""
) -> Queue:
    """`engine` may choose the place, or must fit it. Raises Invalid with every fault at once (`known` were found before
    there was a spec), AlreadyExists, or NotAllowed where another project has the place for itself."""
    paths = {fault.path for fault in known}
    faults = [*known, *(fault for fault in queue_faults_of(spec) if fault.path not in paths)]
    # The default place is written down: another service, or this one later, may have another default.
    place, misplaced = placed(desk, spec.place, engine)
    if faults := [*faults, *(fault for fault in misplaced if fault.path not in paths)]:
        raise Invalid(faults)
    return await desk.records.change(_add, desk, errand, replace(spec, place=place))


async def list_queues(desk: Desk, errand: Errand) -> list[QueueView]:
    """In the order of the names."""
    return await desk.records.look(_list, desk, errand)


async def show(desk: Desk, errand: Errand, name: str) -> QueueView:
    """Raises NotFound."""
    return await desk.records.look(_show, desk, errand, name)


async def delete(desk: Desk, errand: Errand, name: str) -> None:
    """Raises NotFound, or NotNow while jobs wait or run on it."""
    await desk.records.change(_delete, errand, name)


def used_cus(tx: Tx, queue: Queue) -> int:
    """CUs that runs hold, or that are kept for the next run of a job that restarts."""
    return sum(
        job.run.footprint.cus
        for job in tx.jobs.holding_room()
        if job.run and job.project_id == queue.project_id and job.spec.queue_name.lower() == queue.name
    )


def _add(tx: Tx, desk: Desk, errand: Errand, spec: QueueSpec) -> Queue:
    demand_alone(tx, desk, errand.project_id, spec.place)
    return tx.queues.add(errand.project_id, spec, errand.caller.user.name, desk.clock.now())


def _list(tx: Tx, desk: Desk, errand: Errand) -> list[QueueView]:
    return [_view(tx, desk, queue) for queue in tx.queues.list(errand.project_id)]


def _show(tx: Tx, desk: Desk, errand: Errand, name: str) -> QueueView:
    return _view(tx, desk, _found(tx, errand, name))


def _view(tx: Tx, desk: Desk, queue: Queue) -> QueueView:
    place = queue.spec.place or desk.default_place
    found = desk.places.get(place)
    if found is None:
        return QueueView(queue, used_cus(tx, queue), place, "", ())
    default = found.capabilities.default_flink_version
    versions = dict.fromkeys((default, *found.capabilities.flink_versions))
    return QueueView(queue, used_cus(tx, queue), place, found.engine, tuple(versions))


def _delete(tx: Tx, errand: Errand, name: str) -> None:
    queue = _found(tx, errand, name)
    if jobs := tx.jobs.unsettled_on(errand.project_id, queue.name):
        raise NotNow([Fault.at("queue_name", FaultCode.QUEUE_BUSY, queue=queue.name, jobs=jobs)])
    tx.queues.delete(queue)


def _found(tx: Tx, errand: Errand, name: str) -> Queue:
    queue = tx.queues.find(errand.project_id, name)
    if queue is None:
        raise NotFound([Fault.at("queue_name", FaultCode.QUEUE_UNKNOWN, queue=name)])
    return queue
