"""Holds the right to act: a lease is renewed while we live, checked by every write, and missed when it is lost."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import structlog

from penstock.control.rounds import Deaf, rounds
from penstock.control.tools import Tools
from penstock.domain.errors import LeaseLost, StorageError
from penstock.ports.clock import Clock
from penstock.ports.records import Lease, Tx

_log = structlog.get_logger()
_LOOK = 1.0  # seconds, at most, until a lapse is noticed; after a long pause of the process it is noticed at once


class LeaseKeeper:
    """One lease by name. Whoever may act asks for `current`, and demands it inside each transaction."""

    def __init__(self, name: str, tools: Tools) -> None:
        self._name = name
        self._holder = tools.holder
        self._records = tools.records
        self._clock = tools.clock
        self._keep = timedelta(seconds=15)
        self._lease: Lease | None = None
        self._taken, self._lost = asyncio.Event(), asyncio.Event()

    @property
    def is_held(self) -> bool:
        return self._lease is not None and self._clock.now() < self._lease.until

    @property
    def current(self) -> Lease:
        """Raises LeaseLost while another controller holds it, or while ours may have run out."""
        if self._lease is None or self._clock.now() >= self._lease.until:
            raise LeaseLost(f"the lease {self._name} is not ours now")
        return self._lease

    async def renew(self) -> bool:
        """Whether it is ours from now on."""
        before = self._lease  # which stays good for its time, whatever becomes of this call
        self._lease = await self._records.change(_take, self._name, self._holder, self._clock, self._keep)
        if self._lease is None and before is not None:
            _log.warning("lease lost", lease=self._name)
        if self._lease is not None and (before is None or before.epoch != self._lease.epoch):
            _log.info("lease taken", lease=self._name, epoch=self._lease.epoch)
        came, went = (self._taken, self._lost) if self._lease is not None else (self._lost, self._taken)
        came.set()
        went.clear()
        return self._lease is not None

    async def until_held(self) -> None:
        while not self.is_held:
            self._taken.clear()
            await self._taken.wait()

    async def until_lost(self) -> None:
        """Until another holds it."""
        await self._lost.wait()

    async def until_lapsed(self) -> None:
        """Until another holds it, or may do so: it could not be renewed in time."""
        while self.is_held:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK):
                    await self._lost.wait()

    async def serve(self) -> None:
        """Renew until cancelled; give it up then, so that the next controller need not wait."""
        try:
            await rounds(f"lease {self._name}", Deaf(), self._look)
        finally:
            if self._lease is not None:
                with suppress(StorageError):  # it runs out by itself
                    await self._records.change(_give_up, self._lease)

    async def _look(self) -> float:
        """A disk that is full now may have room later: until then nobody acts, and nobody ends."""
        await self.renew()
        return self._keep.total_seconds() / 3


def _take(tx: Tx, name: str, holder: str, clock: Clock, keep: timedelta) -> Lease | None:
    return tx.leases.take(name, holder, clock.now(), keep)


def _give_up(tx: Tx, lease: Lease) -> None:
    tx.leases.give_up(lease)
