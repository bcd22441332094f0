"""Loops, written once: a round at every ring, and now and then without one; a round that fails is told and repeated."""

from collections.abc import Awaitable, Callable

import structlog

from penstock.domain.errors import LeaseLost, PenstockError, StaleWrite
from penstock.ports.bell import Ear

_log = structlog.get_logger()
_PATIENCE = 5.0  # seconds, at most, between two tries of a round that fails


async def rounds(name: str, ear: Ear, look: Callable[[], Awaitable[float]]) -> None:
    """Call `look` for ever; it returns how many seconds may pass until the next call if nobody rings."""
    failures = 0
    while True:
        try:
            pause = await look()
            failures = 0
        except (StaleWrite, LeaseLost) as error:
            _log.debug("round given up", loop=name, why=str(error))
            pause = 0.2
        except PenstockError as error:
            failures += 1
            _log.warning("round failed", loop=name, why=str(error), **error.facts)
            pause = min(_PATIENCE, 0.1 * 2**failures)
        except Exception:  # noqa: BLE001 - the loop supervisor: a fault in one round must not end the loop
            failures += 1
            _log.exception("round broke", loop=name)
            pause = min(_PATIENCE, 0.1 * 2**failures)
        await ear.wait(pause)
