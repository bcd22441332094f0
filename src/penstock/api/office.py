"""What the routes are given: the desk of the use cases, the gate that knows callers, and how answers are to look."""

from dataclasses import dataclass, field

from fastapi import Request

from penstock.api.auth import Gate
from penstock.api.metrics import Metrics
from penstock.api.uploads import UploadRoom
from penstock.ports.stamp import Stamp
from penstock.usecases.desk import Desk

# dli: AK/SK signing, "the request body must not exceed 12 MB"
BODY_LIMIT = 12 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Plain values and ports; the settings object itself stays outside."""

    desk: Desk
    gate: Gate
    uploads: UploadRoom
    metrics: Metrics = field(default_factory=Metrics)
    is_success_strings: bool = True  # dli-contract rule 1; False writes booleans everywhere
    body_limit: int = BODY_LIMIT
    public_url: str = ""  # where callers reach the service; empty: where each request came to
    stamp: Stamp | None = None  # whose certificate is served


def office_of(request: Request) -> Office:
    office: Office = request.app.state.office
    return office
