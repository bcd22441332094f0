"""What the routes are given: the desk of the use cases, the gate that knows callers, and how answers are to look."""

from dataclasses import dataclass
from typing import Protocol

from fastapi import Request

from penstock.domain.caller import Caller
from penstock.usecases.desk import Desk

# dli: AK/SK signing, "the request body must not exceed 12 MB"
BODY_LIMIT = 12 * 1024 * 1024


class Gatekeeper(Protocol):
    """Says who asks; the caller is known before a body is read."""

    async def known(self, request: Request) -> Caller:
        """By the headers alone. Raises NotKnown."""
        ...

    async def body(self, request: Request, limit: int) -> bytes:
        """The whole body, checked against what was signed. Raises Invalid beyond the limit, NotKnown if it differs."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Plain values and ports; the settings object itself stays outside."""

    desk: Desk
    gate: Gatekeeper
    is_success_strings: bool = True  # dli-contract rule 1; False writes booleans everywhere
    body_limit: int = BODY_LIMIT


def office_of(request: Request) -> Office:
    office: Office = request.app.state.office
    return office
