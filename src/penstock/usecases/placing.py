"""Which place a queue stands on, who may have queues there, and what a job may not ask of it."""

from collections.abc import Iterator

from penstock.domain.caller import ProjectId
from penstock.domain.errors import NotAllowed
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.spec import JobSpec
from penstock.ports.places import PlaceReport
from penstock.ports.records import Tx
from penstock.usecases.desk import Desk

# What DLI's clients say in `engine`; it means the kind of jobs there, and is not the name of an engine of ours.
_DLIS_ENGINES = frozenset({"flink", "spark", "sql", "trino", "presto", "hetu", "hetuengine"})


def placed(desk: Desk, place: str, engine: str) -> tuple[str, list[Fault]]:
    """The place's name, and what is wrong with how it was named; neither given means the default place."""
    if place and place not in desk.places:
        return place, [Fault.at("place", FaultCode.PLACE_UNKNOWN, place=place)]
    kinds = {name: report.engine for name, report in desk.places.items()}
    if not engine or (engine.lower() in _DLIS_ENGINES and engine not in kinds.values()):
        return place or desk.default_place, []
    if engine not in kinds.values():
        known = ", ".join(sorted(set(kinds.values())))
        return place, [Fault.at("engine", FaultCode.ENGINE_UNKNOWN, engine=engine, known=known)]
    if place:
        return place, _mismatch(place, engine, kinds[place])
    fitting = [name for name, kind in kinds.items() if kind == engine]
    if len(fitting) > 1:
        code = FaultCode.ENGINE_OF_SEVERAL_PLACES
        return place, [Fault.at("engine", code, engine=engine, places=", ".join(fitting))]
    return fitting[0], []


def demand_alone(tx: Tx, desk: Desk, project_id: ProjectId, place: str) -> None:
    """Raises NotAllowed where jobs share processes, and another project was there first."""
    if faults := crowding(tx, desk, project_id, place):
        raise NotAllowed(faults)


def crowding(tx: Tx, desk: Desk, project_id: ProjectId, place: str) -> list[Fault]:
    """Also of queues that stand there since the operator allowed several projects, and took that back."""
    report = desk.places.get(place)
    if report is None or report.capabilities.many_projects:
        return []
    there = [queue for queue in tx.queues.all() if (queue.spec.place or desk.default_place) == place]
    first = min(there, key=lambda queue: queue.id, default=None)
    if first is None or first.project_id == project_id:
        return []
    return [Fault.at("place", FaultCode.PLACE_OF_ANOTHER_PROJECT, place=place)]


def beyond(spec: JobSpec, report: PlaceReport) -> Iterator[Fault]:
    """What the job asks for that its place cannot do."""
    able = report.capabilities
    if spec.log_enabled and not able.logs:
        yield Fault.at("log_enabled", FaultCode.PLACE_WITHOUT_LOGS, place=report.name, engine=report.engine)
    if spec.manager_cu_number > 1 and not able.several_job_managers:
        code, given = FaultCode.PLACE_WITH_ONE_JOB_MANAGER, spec.manager_cu_number
        yield Fault.at("manager_cu_number", code, place=report.name, engine=report.engine, given=given)


def _mismatch(place: str, engine: str, kind: str) -> list[Fault]:
    if kind == engine:
        return []
    return [Fault.at("engine", FaultCode.ENGINE_OF_ANOTHER_PLACE, engine=engine, place=place, kind=kind)]
