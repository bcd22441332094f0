"""Loops, written once: a round at every ring, and now and then without one; what fails in one is told and repeated."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from penstock.domain.errors import LeaseLost, PenstockError, StaleWrite
from penstock.ports.bell import CONTROL, Bell, Ear

_log = structlog.get_logger()
_PATIENCE = 5.0  # seconds, at most, between two tries of a round that fails


class Deaf:
    """The ear of loops that nobody rings for."""

    async def wait(self, seconds: float) -> bool:
        await asyncio.sleep(seconds)
        return False


async def rounds(name: str, ear: Ear, look: Callable[[], Awaitable[float]]) -> None:
    """Call `look` for ever; it returns how many seconds may pass until the next call if nobody rings."""
    failures = 0
    while True:
        pause = await attempt(name, look)
        failures = failures + 1 if pause is None else 0
        await ear.wait(min(_PATIENCE, 0.1 * 2**failures) if pause is None else pause)


async def at_every_ring(bell: Bell, name: str, look: Callable[[], Awaitable[float]], topic: str = CONTROL) -> None:
    """Rounds that hear everything since they began."""
    async with bell.listen(topic) as ear:
        await rounds(name, ear, look)


async def attempt(name: str, look: Callable[[], Awaitable[float]]) -> float | None:
    """One round, or what runs beside the rounds; None if it failed, which is told here and ends nothing."""
    try:
        return await look()
    except (StaleWrite, LeaseLost) as error:
        _log.debug("round given up", loop=name, why=str(error))
        return 0.2
    except PenstockError as error:
        _log.warning("round failed", loop=name, why=str(error), **error.facts)
    except Exception:  # noqa: BLE001 - the loop supervisor: a fault in one round must not end the loop
        _log.exception("round broke", loop=name)
    return None
