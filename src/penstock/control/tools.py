"""What every loop is given."""

from dataclasses import dataclass

from penstock.ports.bell import Bell
from penstock.ports.clock import Clock
from penstock.ports.ids import Ids
from penstock.ports.object_store import ObjectStore
from penstock.ports.records import Records


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Ports, and our name as a holder of leases."""

    records: Records
    clock: Clock
    ids: Ids
    bell: Bell
    store: ObjectStore
    holder: str
