"""What we ask of leases. A row stays when its lease is given up, so that its epochs go on growing."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from penstock.database.dialect import insert_into
from penstock.database.documents import ms_from
from penstock.database.tables import leases
from penstock.domain.errors import LeaseLost
from penstock.ports.records import Lease

_NOBODY = ""


class DatabaseLeases:
    """`ports.records.Leases` inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take(self, name: str, holder: str, now: datetime, keep: timedelta) -> Lease | None:
        self._make_sure_of(name)
        row = self._connection.execute(select(leases).where(leases.c.name == name).with_for_update()).one()
        is_ours = row.holder == holder
        if not is_ours and row.until_ms > ms_from(now):
            return None
        lease = Lease(name=name, holder=holder, epoch=row.epoch if is_ours else row.epoch + 1, until=now + keep)
        values = {"holder": holder, "epoch": lease.epoch, "until_ms": ms_from(lease.until)}
        self._connection.execute(update(leases).where(leases.c.name == name).values(values))
        return lease

    def demand(self, lease: Lease) -> None:
        # Locked where the database knows row locks: nobody may take it over while this transaction writes.
        held = select(leases.c.holder, leases.c.epoch).where(leases.c.name == lease.name).with_for_update()
        row = self._connection.execute(held).one_or_none()
        if row is None or (row.holder, row.epoch) != (lease.holder, lease.epoch):
            raise LeaseLost(lease=lease.name, holder=lease.holder, epoch=lease.epoch)

    def give_up(self, lease: Lease) -> None:
        ours = (leases.c.name == lease.name, leases.c.holder == lease.holder, leases.c.epoch == lease.epoch)
        self._connection.execute(update(leases).where(*ours).values(holder=_NOBODY, until_ms=0))

    def _make_sure_of(self, name: str) -> None:
        row = insert_into(leases, self._connection.dialect).values(name=name, holder=_NOBODY, epoch=0, until_ms=0)
        self._connection.execute(row.on_conflict_do_nothing())
