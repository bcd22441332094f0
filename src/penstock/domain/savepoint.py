"""A savepoint as it is asked for: named and written down before Flink hears of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType

SavepointId = NewType("SavepointId", str)  # 32 lower-case hex digits; goes to Flink as `triggerId`


@dataclass(frozen=True, slots=True, kw_only=True)
class Savepoint:
    """Asked of one run; sending its id to Flink again makes no second one."""

    id: SavepointId
    asked_at: datetime
    stops_job: bool
    copy_to: str = ""  # the folder, as `bucket/key`, in which its copy is to lie; empty: nobody wants one
