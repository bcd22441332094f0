"""Places, as operators see them: listed, and let go of when the machine that they were bound to is gone for good."""

import structlog

from penstock.domain.caller import Caller
from penstock.domain.errors import NotFound, NotNow
from penstock.domain.faults import Fault, FaultCode
from penstock.ports.places import PlaceReport
from penstock.ports.records import Tx
from penstock.usecases.access import demand_operator
from penstock.usecases.desk import Desk

_log = structlog.get_logger()


def list_places(desk: Desk) -> tuple[PlaceReport, ...]:
    """In the order of their names."""
    return tuple(desk.places.values())


async def release(desk: Desk, caller: Caller, name: str) -> None:
    """The state directory that the place is bound to will never come back: another may have the place from now on,
    and its runs count as lost then. Raises NotFound, or NotNow while a service looks after it."""
    demand_operator(caller)
    await desk.records.change(_release, desk, name)
    _log.warning("place released", place=name, by=caller.user.name)


def home_of(name: str) -> str:
    """The note that says which state directory a place is bound to."""
    return f"home:{name}"


def _release(tx: Tx, desk: Desk, name: str) -> None:
    if tx.notes.find(home_of(name)) is None:
        raise NotFound([Fault.at("place", FaultCode.PLACE_UNBOUND, place=name)])
    now = desk.clock.now()
    if any(report.name == name and report.is_fresh(now) for report in tx.places.all()):
        raise NotNow([Fault.at("place", FaultCode.PLACE_SERVED, place=name)])
    tx.notes.forget(home_of(name))
