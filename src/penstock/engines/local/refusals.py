"""What the machine itself refuses (a full disk, a folder that cannot be removed) is trouble that may pass."""

from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from penstock.domain.errors import EngineUnavailable

P = ParamSpec("P")
R = TypeVar("R")


def may_pass(verb: Callable[P, Awaitable[R]]) -> Callable[P, Coroutine[Any, Any, R]]:
    """The verb of an engine, with the machine's errors told as EngineUnavailable."""

    @wraps(verb)
    async def told(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await verb(*args, **kwargs)
        except OSError as error:
            raise EngineUnavailable(f"This machine refuses: {error}") from error

    return told
