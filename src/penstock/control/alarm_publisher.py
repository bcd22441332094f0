"""Delivers what is in the outbox, again and again until it is taken or expires: at least once, under one message id.

Each endpoint is told one letter at a time, and each protocol has hands of its own: who is slow holds up only itself.
A letter leaves the outbox once it was taken; a death in between tells it once more.
"""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog

from penstock.control.leases import LeaseKeeper
from penstock.control.tools import Tools
from penstock.domain.errors import LeaseLost, OutsideRefused, OutsideUnavailable, PenstockError
from penstock.domain.links import Links
from penstock.domain.outbox import Letter, LetterKind, after_failure
from penstock.domain.reason import Reason, ReasonCode
from penstock.domain.topic import Protocol
from penstock.ports.bell import OUTBOX
from penstock.ports.notifier import Notifier
from penstock.ports.records import Lease, Tx
from penstock.ports.vault import Vault

_log = structlog.get_logger()

_HANDS = 16  # letters of one protocol that are under way at once
_IDLE = 5.0  # seconds until the next look if nobody rings
_AFTER_TROUBLE = 2.0  # … at an endpoint whose letter could not be written down


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Who carries letters, by the protocol of their subscriptions, and what their links are made of."""

    notifiers: Mapping[Protocol, Notifier]
    vault: Vault
    links: Links


class AlarmPublisher:
    """One of them works at a time: the one that holds the lease."""

    def __init__(self, tools: Tools, post: Post, lease: LeaseKeeper) -> None:
        self._records = tools.records
        self._clock = tools.clock
        self._bell = tools.bell
        self._post = post
        self._lease = lease
        self._busy: set[tuple[Protocol, str]] = set()

    async def look(self, acts: asyncio.TaskGroup) -> float:
        """Hand out what is due to the hands that are free; deliveries run on in `acts`."""
        return min([await self._hand_out(protocol, acts) for protocol in Protocol])

    async def _hand_out(self, protocol: Protocol, acts: asyncio.TaskGroup) -> float:
        while free := _HANDS - len(self._endpoints(protocol)):
            letters = await self._records.look(_due, protocol, self._clock.now(), free, self._endpoints(protocol))
            if not letters:
                return await self._pause(protocol)
            _ = self._lease.current
            for letter in letters:
                if letter.endpoint not in self._endpoints(protocol):
                    self._busy.add((protocol, letter.endpoint))
                    acts.create_task(self._deliver(letter))
        return _IDLE  # whoever is done rings

    async def _pause(self, protocol: Protocol) -> float:
        due = await self._records.look(_next_due, protocol, self._endpoints(protocol))
        return min(_IDLE, max(0.0, (due - self._clock.now()).total_seconds())) if due else _IDLE

    def _endpoints(self, protocol: Protocol) -> frozenset[str]:
        return frozenset(endpoint for busy, endpoint in self._busy if busy is protocol)

    async def _deliver(self, letter: Letter) -> None:
        try:
            await self._try(letter)
        except LeaseLost as error:
            _log.debug("letter left to another", letter=letter.id, why=str(error))
        except PenstockError as error:
            _log.warning("letter not noted", letter=letter.id, why=str(error), **error.facts)
            await asyncio.sleep(_AFTER_TROUBLE)
        finally:
            self._busy.discard((letter.protocol, letter.endpoint))
            self._bell.ring(OUTBOX)

    async def _try(self, letter: Letter) -> None:
        lease = self._lease.current
        if letter.is_expired(self._clock.now()):
            await self._give_up(letter, f"not taken in time, after {letter.tries} tries", lease)
            return
        trouble = await self._told(letter)
        if trouble is None:
            # Without the lease: whoever holds it by now must not tell it once more.
            await self._records.change(_note_delivered, letter, self._clock.now())
            _log.info("letter delivered", **_facts(letter))
        elif isinstance(trouble, OutsideRefused):
            await self._give_up(letter, str(trouble), lease)
        else:
            later = after_failure(letter, self._clock.now())
            _log.warning("letter not taken", why=str(trouble), next_try=later.next_try_at.isoformat(), **_facts(later))
            await self._records.change(_note_failure, later, lease)

    async def _told(self, letter: Letter) -> BaseException | None:
        """What went wrong. Notifiers may be strangers' code: whatever they raise costs one try, never the loop."""
        notifier = self._post.notifiers.get(letter.protocol)
        if notifier is None:
            return OutsideUnavailable(f"no notifier tells {letter.protocol}: the operator has to set one up")
        [trouble] = await asyncio.gather(self._tell(notifier, letter), return_exceptions=True)
        if isinstance(trouble, BaseException) and not isinstance(trouble, PenstockError):
            _log.error("notifier broke", exc_info=trouble, **_facts(letter))
        return trouble

    async def _tell(self, notifier: Notifier, letter: Letter) -> None:
        token, links = self._post.vault.open(letter.sealed_token), self._post.links
        is_notification = letter.kind is LetterKind.NOTIFICATION
        await notifier.tell(letter, links.to_leave(token) if is_notification else links.to_confirm(token))

    async def _give_up(self, letter: Letter, why: str, lease: Lease) -> None:
        await self._records.change(_note_giving_up, letter, why, self._clock.now(), lease)
        _log.warning("letter given up", why=why, **_facts(letter))


def _facts(letter: Letter) -> dict[str, object]:
    """For the log; endpoints stay out of it, since their addresses can be secrets."""
    return {
        "message": letter.message_id,
        "subscription": letter.subscription_urn,
        "protocol": letter.protocol.value,
        "kind": letter.kind.value,
        "tries": letter.tries,
        "job": letter.job_id,
    }


def _due(tx: Tx, protocol: Protocol, now: datetime, limit: int, besides: Collection[str]) -> list[Letter]:
    return list(tx.outbox.due(protocol, now, limit=limit, besides=besides))


def _next_due(tx: Tx, protocol: Protocol, besides: Collection[str]) -> datetime | None:
    return tx.outbox.next_due(protocol, besides=besides)


def _note_delivered(tx: Tx, letter: Letter, now: datetime) -> None:
    if tx.outbox.remove(letter.id):
        _add_fact(tx, letter, "alarm_delivered", _reason(ReasonCode.ALARM_DELIVERED, letter), now)


def _note_failure(tx: Tx, later: Letter, lease: Lease) -> None:
    tx.leases.demand(lease)
    tx.outbox.save(later)


def _note_giving_up(tx: Tx, letter: Letter, why: str, now: datetime, lease: Lease) -> None:
    tx.leases.demand(lease)
    if tx.outbox.remove(letter.id):
        _add_fact(tx, letter, "alarm_given_up", _reason(ReasonCode.ALARM_GIVEN_UP, letter, said=why), now)


def _add_fact(tx: Tx, letter: Letter, what: str, reason: Reason, now: datetime) -> None:
    if letter.job_id is not None:
        tx.history.add(tx.jobs.load(letter.job_id).note(what, now, reason))


def _reason(code: ReasonCode, letter: Letter, **more: str) -> Reason:
    topic = letter.topic_urn.rpartition(":")[2]
    return Reason.of(code, topic=topic, protocol=letter.protocol.value, **more)
