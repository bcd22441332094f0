"""Where DLI's wire format departs from the obvious: each departure a function, with the page it comes from.

Readers are lenient and writers are strict (dli-contract §10). What cannot be read is a `wrong_type`, which says what was
expected; the words for it are in `field_messages.KINDS`.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

WRONG_TYPE = "wrong_type"
OUT_OF_BOUNDS = "out_of_bounds"
BROKEN_TEXT = "broken_text"

LARGEST = 2**53 - 1  # what every JSON reader takes for a whole number
_INTEGER = re.compile(r"\s*[+-]?[0-9]{1,18}\s*\Z")
_NO_TEXT = re.compile(r"[\x00\ud800-\udfff]")
_MODES = {"1": "exactly_once", "2": "at_least_once"}
_BOOLEANS = {"true": True, "false": False}


def read_boolean(value: object) -> bool:
    """`true`, or the text "true" (dli: upload packages, the sample's `"is_async": "true"`)."""
    if isinstance(value, str) and value.strip().lower() in _BOOLEANS:
        return _BOOLEANS[value.strip().lower()]
    if not isinstance(value, bool):
        raise _wrong("boolean")
    return value


def read_integer(value: object) -> int:
    """A number or a numeric text (dli: import savepoint, where clients send `job_id` as either); a boolean is none."""
    if isinstance(value, str) and _INTEGER.match(value):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong("integer")
    if abs(value) > LARGEST:
        bounds = {"low": -LARGEST, "high": LARGEST, "given": str(value)[:40]}
        raise PydanticCustomError(OUT_OF_BOUNDS, "out of bounds", bounds)
    return value


def read_text(value: object) -> str:
    """A text that can be stored: JSON can spell half a character, Unicode has none; a NUL no database has to keep."""
    if not isinstance(value, str):
        raise _wrong("text")
    if _NO_TEXT.search(value):
        raise PydanticCustomError(BROKEN_TEXT, "broken text")
    return value


def read_texts(value: object) -> tuple[str, ...]:
    """A list, or one text with commas (dli: create Flink jar job declares `dependency_jars` a String, samples a list)."""
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",")]
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise _wrong("texts")
    return tuple(read_text(part) for part in value if part)


def read_checkpoint_mode(value: object) -> str:
    """1 or 2 in requests, a word in answers (dli: create Flink jar job against show job details)."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise _wrong("text")
    text = read_text(str(value)[:64]).strip()
    return _MODES.get(text, text.lower())


def read_json_text(value: object) -> str:
    """JSON inside a text, or the object itself (dli: `runtime_config`, which clients send as `[{"key", "value"}]`)."""
    if isinstance(value, dict | list):
        return read_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    if not isinstance(value, str):
        raise _wrong("text_or_object")
    return read_text(value)


def read_tags(value: object) -> tuple[tuple[str, str], ...]:
    """`[{"key", "value"}]`, in a form the same as JSON text (dli: create Flink jar job, `tags`)."""
    if isinstance(value, str):
        value = _parsed(value)
    if not isinstance(value, list) or not all(isinstance(tag, dict) for tag in value):
        raise _wrong("tags")
    return tuple(_tag(tag) for tag in value)


def read_ids(value: object) -> tuple[int, ...]:
    """Job ids as numbers or numeric texts, in a list or alone (dli: run jobs; forms cannot say lists)."""
    if isinstance(value, str):
        value = [part for part in re.split(r"[\s,\[\]]+", value) if part]
    if not isinstance(value, list):
        raise _wrong("ids")
    try:
        return tuple(read_integer(part) for part in value)
    except PydanticCustomError:
        raise _wrong("ids") from None


def is_success(*, as_text: bool) -> bool | str:
    """A text on the Flink job calls, a boolean elsewhere (dli: create Flink jar job declares a String, its sample shows
    a bare `true`; the Go client takes only the text)."""
    return "true" if as_text else True


def is_failure(*, as_text: bool) -> bool | str:
    """The other one."""
    return "false" if as_text else False


def message_of_savepoint(*, as_text: bool) -> str:
    """An answer inside the answer, as JSON text (dli: trigger a savepoint, the sample of the answer)."""
    inner = {"is_success": is_success(as_text=as_text), "message": "api.msg.deal_savepoint_success"}
    return json.dumps(inner, separators=(",", ":"))


def milliseconds(moment: datetime | None) -> int | None:
    """Times are Unix milliseconds (dli: show job details, `create_time`)."""
    return int(moment.timestamp() * 1000) if moment else None


def list_of_tags(tags: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    """As they came (dli: list resource tags)."""
    return [{"key": key, "value": value} for key, value in tags]


def without_nulls(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A null is a field that was not given (dli: the Go client sends `"tags": null`)."""
    return {name: value for name, value in fields.items() if value is not None}


def object_in(text: str) -> object:
    """The object that the text spells, null where it spells none (dli: show job details, `resource_config`)."""
    return _parsed(text) if text else None


def _tag(tag: Mapping[str, object]) -> tuple[str, str]:
    key, value = tag.get("key"), tag.get("value") or ""
    if not isinstance(key, str) or not isinstance(value, str):
        raise _wrong("tags")
    return read_text(key), read_text(value)


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _wrong(expected: str) -> PydanticCustomError:
    return PydanticCustomError(WRONG_TYPE, "wrong type", {"expected": expected})


Boolean = Annotated[bool, BeforeValidator(read_boolean)]
Integer = Annotated[int, BeforeValidator(read_integer)]
Text = Annotated[str, BeforeValidator(read_text)]
Texts = Annotated[tuple[str, ...], BeforeValidator(read_texts)]
Ids = Annotated[tuple[int, ...], BeforeValidator(read_ids)]
CheckpointMode = Annotated[str, BeforeValidator(read_checkpoint_mode)]
JsonText = Annotated[str, BeforeValidator(read_json_text)]
Tags = Annotated[tuple[tuple[str, str], ...], BeforeValidator(read_tags)]
