"""Leases and notes in memory: a part of `testing.records`."""

from dataclasses import replace
from datetime import datetime, timedelta

from penstock.domain.errors import LeaseLost
from penstock.ports.records import Lease


class MemoryLeases:
    """`ports.records.Leases`."""

    def __init__(self, leases: dict[str, Lease]) -> None:
        self._leases = leases

    def take(self, name: str, holder: str, now: datetime, keep: timedelta) -> Lease | None:
        kept = self._leases.get(name) or Lease(name=name, holder="", epoch=0, until=now)
        is_ours = kept.holder == holder
        if not is_ours and kept.holder and kept.until > now:
            return None
        epoch = kept.epoch if is_ours else kept.epoch + 1
        self._leases[name] = Lease(name=name, holder=holder, epoch=epoch, until=now + keep)
        return self._leases[name]

    def demand(self, lease: Lease) -> None:
        if not self._is_held(lease):
            raise LeaseLost(lease=lease.name, holder=lease.holder, epoch=lease.epoch)

    def give_up(self, lease: Lease) -> None:
        if self._is_held(lease):
            self._leases[lease.name] = replace(self._leases[lease.name], holder="")

    def _is_held(self, lease: Lease) -> bool:
        kept = self._leases.get(lease.name)
        return kept is not None and (kept.holder, kept.epoch) == (lease.holder, lease.epoch)


class MemoryNotes:
    """`ports.records.Notes`."""

    def __init__(self, notes: dict[str, str]) -> None:
        self._notes = notes

    def settle(self, key: str, value: str) -> str:
        return self._notes.setdefault(key, value)

    def find(self, key: str) -> str | None:
        return self._notes.get(key)

    def forget(self, key: str) -> None:
        self._notes.pop(key, None)
