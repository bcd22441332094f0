"""What we ask of leases. A row stays when its lease is given up, so that its epochs go on growing."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, select, update

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
        row = self._row(name) or self._made(name)
        is_ours = row.holder == holder
        if not is_ours and row.until_ms > ms_from(now):
            return None
        if not self._is_locked(name, is_ours):
            return None
        lease = Lease(name=name, holder=holder, epoch=row.epoch if is_ours else row.epoch + 1, until=now + keep)
        values = {"holder": holder, "epoch": lease.epoch, "until_ms": ms_from(lease.until)}
        self._connection.execute(update(leases).where(leases.c.name == name).values(values))
        return lease

    def demand(self, lease: Lease) -> None:
        # Locked where the database knows row locks: nobody takes it over while this transaction writes. The lock lets
        # its holder renew it meanwhile (FOR KEY SHARE beside FOR NO KEY UPDATE).
        held = select(leases.c.holder, leases.c.epoch).where(leases.c.name == lease.name)
        row = self._connection.execute(held.with_for_update(read=True, key_share=True)).one_or_none()
        if row is None or (row.holder, row.epoch) != (lease.holder, lease.epoch):
            raise LeaseLost(lease=lease.name, holder=lease.holder, epoch=lease.epoch)

    def give_up(self, lease: Lease) -> None:
        ours = (leases.c.name == lease.name, leases.c.holder == lease.holder, leases.c.epoch == lease.epoch)
        self._connection.execute(update(leases).where(*ours).values(holder=_NOBODY, until_ms=0))

    def _is_locked(self, name: str, is_ours: bool) -> bool:
        """Whether it is ours to change from here on. Another's row that is locked is in use, and not waited for."""
        row = select(leases.c.epoch).where(leases.c.name == name)
        locked = row.with_for_update(key_share=True) if is_ours else row.with_for_update(skip_locked=True)
        return self._connection.execute(locked).one_or_none() is not None

    def _row(self, name: str) -> Row[*tuple[object, ...]] | None:
        return self._connection.execute(select(leases).where(leases.c.name == name)).one_or_none()

    def _made(self, name: str) -> Row[*tuple[object, ...]]:
        row = insert_into(leases, self._connection.dialect).values(name=name, holder=_NOBODY, epoch=0, until_ms=0)
        self._connection.execute(row.on_conflict_do_nothing())
        return self._connection.execute(select(leases).where(leases.c.name == name)).one()
