"""The queries of lists: which jobs, which queues, which page (dli: list jobs, list queues)."""

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict, Field

from penstock.api.oddities import Boolean, Integer, Text
from penstock.api.schemas.jobs import JAR_JOB, JOB_TYPES
from penstock.api.words import states_named
from penstock.domain.errors import Invalid
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.lifecycle import State
from penstock.ports.records import JobFilter

LIMITS = (1, 100)
_MOST_TAGS = 10
_HISTORY_LIMITS = (1, 1000)


class JobsQuery(BaseModel):
    """Which jobs to list."""

    model_config = ConfigDict(frozen=True)

    job_type: Text = ""
    show_job_type: Text = Field("", description="The older spelling: flink, spark or all.")
    status: Text = Field("", examples=["job_running"])
    queue_name: Text = ""
    order: Text = "desc"
    limit: Integer = 10
    offset: Integer = 0
    name: Text = Field("", description="A part of the name.")
    user_name: Text = ""
    root_job_id: Integer | None = None
    show_detail: Boolean = False
    tags: Text = Field("", description="k=v,k2=v2: all of them.")

    def to_filter(self) -> JobFilter | None:
        """What to look for, None where no job of ours can match. Raises Invalid."""
        states = states_named(self.status) if self.status else ()
        tags = _tags(self.tags)
        if faults := list(self._faults(states, tags)):
            raise Invalid(faults)
        if self._is_foreign() or (self.status and not states):
            return None
        return JobFilter(
            states=states or (),
            queue_name=self.queue_name,
            name=self.name,
            user_name=self.user_name,
            tags=tags or (),
            newest_first=self.order != "asc",
            offset=self.offset,
            limit=self.limit,
        )

    def _is_foreign(self) -> bool:
        """Only jar jobs are here, and none of them has a parent at the edge."""
        asks_for_others = self.job_type not in {"", JAR_JOB} or self.show_job_type.lower() == "spark"
        return asks_for_others or (self.root_job_id is not None and self.root_job_id >= 0)

    def _faults(self, states: tuple[State, ...] | None, tags: tuple[tuple[str, str], ...] | None) -> Iterator[Fault]:
        if self.job_type and self.job_type not in JOB_TYPES:
            yield Fault.at("job_type", FaultCode.UNSUPPORTED, field="job_type", value=self.job_type)
        if self.order not in {"asc", "desc"}:
            yield Fault.at("order", FaultCode.UNSUPPORTED, field="order", value=self.order)
        if states is None:
            yield Fault.at("status", FaultCode.STATUS_UNKNOWN, given=self.status)
        if tags is None:
            yield Fault.at("tags", FaultCode.TAG_FILTER_INVALID, given=self.tags)
        if self.offset < 0:
            yield Fault.at("offset", FaultCode.OFFSET_INVALID, given=self.offset)
        yield from _limit_faults(self.limit, LIMITS)


class QueuesQuery(BaseModel):
    """Which queues to list."""

    model_config = ConfigDict(frozen=True)

    queue_type: Text = Field("sql", description="sql, general or all.")


class HistoryQuery(BaseModel):
    """Which page of a history; the cursor is the `next` of the page before."""

    model_config = ConfigDict(frozen=True)

    limit: Integer = 100
    cursor: Integer = 0

    def demand_sound(self) -> None:
        """Raises Invalid."""
        faults = list(_limit_faults(self.limit, _HISTORY_LIMITS))
        if self.cursor < 0:
            faults.append(Fault.at("cursor", FaultCode.OFFSET_INVALID, given=self.cursor))
        if faults:
            raise Invalid(faults)


def _limit_faults(limit: int, limits: tuple[int, int]) -> Iterator[Fault]:
    low, high = limits
    if not low <= limit <= high:
        yield Fault.at("limit", FaultCode.LIMIT_INVALID, low=low, high=high, given=limit)


def _tags(text: str) -> tuple[tuple[str, str], ...] | None:
    """The pairs, None if the text is not made of them."""
    pairs = tuple(tuple(part.split("=", 1)) for part in text.split(",") if part)
    if len(pairs) > _MOST_TAGS or any(len(pair) != 2 or not pair[0].strip() for pair in pairs):
        return None
    return tuple((key.strip(), value.strip()) for key, value in pairs)
