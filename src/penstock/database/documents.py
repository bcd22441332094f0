"""How our objects become columns and back: times as milliseconds, whole documents as JSON text.

A key that this version does not know (written by a newer one, before it was rolled back) is left out; one that an
older version did not write gets its default.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any, overload

from penstock.domain.footprint import Footprint
from penstock.domain.queue import QueueSpec
from penstock.domain.reason import Reason, ReasonCode
from penstock.domain.run_sheet import Beginning, Part, RunSheet, SheetId
from penstock.domain.savepoint import SavepointId
from penstock.domain.spec import JobSpec

_START = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@overload
def ms_from(time: datetime) -> int: ...
@overload
def ms_from(time: None) -> None: ...
def ms_from(time: datetime | None) -> int | None:
    """Whole milliseconds, rounded down; without floating point, which would be off by one now and then."""
    return None if time is None else (time - _START) // _MILLISECOND


@overload
def time_from(ms: int) -> datetime: ...
@overload
def time_from(ms: None) -> None: ...
def time_from(ms: int | None) -> datetime | None:
    return None if ms is None else _START + ms * _MILLISECOND


def text_from_times(times: Iterable[datetime]) -> str:
    return json.dumps([ms_from(time) for time in times])


def times_from(text: str) -> tuple[datetime, ...]:
    return tuple(time_from(ms) for ms in json.loads(text))


def text_from_spec(spec: JobSpec) -> str:
    return text_from(spec)


def spec_from(text: str) -> JobSpec:
    return _job_spec(json.loads(text))


def text_from_queue_spec(spec: QueueSpec) -> str:
    return text_from(spec)


def queue_spec_from(text: str) -> QueueSpec:
    values = known(QueueSpec, json.loads(text))
    return QueueSpec(**values | {"labels": tuple(values.get("labels", ()))})


def text_from_reason(reason: Reason) -> str:
    return text_from({"code": reason.code, "params": dict(reason.params)})


def reason_from(text: str) -> Reason:
    document = json.loads(text)
    return Reason(ReasonCode(document["code"]), document["params"])


def text_from_footprint(footprint: Footprint) -> str:
    return text_from(footprint)


def footprint_from(text: str) -> Footprint:
    return Footprint(**known(Footprint, json.loads(text)))


def text_from_sheet(sheet: RunSheet) -> str:
    return text_from(sheet)


def sheet_from(text: str) -> RunSheet:
    document = json.loads(text)
    return RunSheet(
        id=SheetId(document["id"]),
        spec=_job_spec(document["spec"]),
        main_class=document["main_class"],
        arguments=tuple(document["arguments"]),
        entrypoint=Part(**document["entrypoint"]),
        jars=tuple(Part(**part) for part in document["jars"]),
        files=tuple(Part(**part) for part in document["files"]),
        footprint=Footprint(**known(Footprint, document["footprint"])),
        flink_version=document["flink_version"],
        place=document["place"],
        beginning=Beginning(document["beginning"]),
        state_path=document["state_path"],
        savepoint=SavepointId(document["savepoint"]) if document.get("savepoint") else None,
    )


def _job_spec(document: Mapping[str, Any]) -> JobSpec:
    values = known(JobSpec, document)
    lists = {key: tuple(value) for key, value in values.items() if isinstance(value, list)}
    tags = {"tags": tuple((key, value) for key, value in values.get("tags", ()))}
    return JobSpec(**values | lists | tags)


def known(kind: type[Any], document: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a dataclass that a document has."""
    names = {field.name for field in fields(kind)}
    return {key: value for key, value in document.items() if key in names}


def text_from(document: object) -> str:
    return json.dumps(document, separators=(",", ":"), default=_fields)


def _fields(part: Any) -> dict[str, object]:
    """A dataclass as json sees it; `asdict` would copy all that is inside, only to be written and thrown away."""
    return {field.name: getattr(part, field.name) for field in fields(part)}
