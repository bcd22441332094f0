"""Reads what a caller sent, once the caller is known: JSON, or a form with the same fields, and every fault in it.

dli: the 2020 pages of "create Flink jar job" say form-data, the samples and the later ones JSON.
"""

import io
import json
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any, NoReturn, TypeVar
from urllib.parse import parse_qsl

from fastapi import Request
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from python_multipart import parse_form
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field

from penstock.api.incoming import pieces
from penstock.api.oddities import BROKEN_TEXT, OUT_OF_BOUNDS, WRONG_TYPE, without_nulls
from penstock.api.office import office_of
from penstock.domain.errors import Invalid
from penstock.domain.faults import Fault, FaultCode

M = TypeVar("M", bound=BaseModel)

_GIVEN = {bool: "boolean", int: "number", float: "number", str: "text", list: "list", dict: "object"}
_MOST_FIELDS = 1000  # of a form


async def body_of(request: Request, model: type[M]) -> tuple[M, list[Fault]]:
    """What was sent, without the fields that have faults, and these faults. Raises NotKnown or Invalid."""
    office = office_of(request)
    raw = await office.gate.body(request, office.body_limit)
    return read(model, _fields_of(raw, request.headers.get("content-type", "")))


async def sound_body_of(request: Request, model: type[M]) -> M:
    """What was sent, where no use case has more faults to add. Raises NotKnown or Invalid."""
    found, faults = await body_of(request, model)
    if faults:
        raise Invalid(faults)
    return found


async def public_json_of(request: Request, limit: int) -> Mapping[str, Any]:
    """What somebody sent whom nobody knows yet: little, and JSON. Raises Invalid."""
    async with aclosing(pieces(request, limit)) as stream:
        return _json_fields(b"".join([piece async for piece in stream]))


def query_of(request: Request, model: type[M]) -> M:
    """The query, read like a body: lenient, and all faults at once. Raises Invalid."""
    given = {name: value for name, value in request.query_params.items() if value != ""}
    found, faults = read(model, given)
    if faults:
        raise Invalid(faults)
    return found


def read(model: type[M], fields: Mapping[str, Any]) -> tuple[M, list[Fault]]:
    """A field with a fault counts as not given, so that the others can still be looked at."""
    given = without_nulls(fields)
    try:
        return model.model_validate(given), []
    except ValidationError as error:
        details = error.errors(include_url=False)
    faults = [fault_at(str(detail["loc"][0]) if detail["loc"] else "", detail) for detail in details]
    bad = {fault.path for fault in faults}
    if any(field.is_required() for name, field in model.model_fields.items() if name in bad):
        raise Invalid(faults)
    return model.model_validate({name: value for name, value in given.items() if name not in bad}), faults


def _fields_of(raw: bytes, content_type: str) -> Mapping[str, Any]:
    kind = content_type.partition(";")[0].strip().lower()
    # curl calls whatever it is given a form unless told otherwise; no form of ours begins with a brace.
    if kind == "application/x-www-form-urlencoded" and not raw.lstrip().startswith(b"{"):
        return _form_fields(raw)
    if kind == "multipart/form-data":
        return _multipart_fields(raw, content_type)
    return _json_fields(raw)


def _json_fields(raw: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Invalid([Fault.at("", FaultCode.BODY_NOT_JSON)]) from None
    if not isinstance(document, dict):
        raise Invalid([Fault.at("", FaultCode.BODY_NOT_JSON)])
    return document


def _refuse_constant(name: str) -> NoReturn:
    """Python reads NaN and Infinity, which JSON does not have."""
    raise ValueError(name)


def _form_fields(raw: bytes) -> Mapping[str, Any]:
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise Invalid([Fault.at("", FaultCode.BODY_NOT_JSON)]) from None
    return _gathered(pairs)


def _multipart_fields(raw: bytes, content_type: str) -> Mapping[str, Any]:
    pairs: list[tuple[str, str]] = []

    def keep(field: Field) -> None:
        pairs.append(((field.field_name or b"").decode(), (field.value or b"").decode()))

    try:
        parse_form({"Content-Type": content_type.encode()}, io.BytesIO(raw), keep, lambda _: None)
    except (FormParserError, ValueError):
        raise Invalid([Fault.at("", FaultCode.BODY_NOT_JSON)]) from None
    return _gathered(pairs)


def _gathered(pairs: list[tuple[str, str]]) -> Mapping[str, Any]:
    """A field that comes more than once is a list; an empty one was not given."""
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields:
            first = fields[name]
            fields[name] = [*first, value] if isinstance(first, list) else [first, value]
        elif value:
            fields[name] = value
    return fields


def fault_at(field: str, detail: ErrorDetails) -> Fault:
    """In our words, what Pydantic says of the field."""
    kind, known = detail["type"], detail.get("ctx", {})
    if kind == "missing":
        return Fault.at(field, FaultCode.FIELD_MISSING, field=field)
    if kind == BROKEN_TEXT:
        return Fault.at(field, FaultCode.CONTROL_CHARACTERS, field=field)
    if kind == OUT_OF_BOUNDS:
        code = FaultCode.OUT_OF_RANGE
        return Fault.at(field, code, field=field, low=known["low"], high=known["high"], given=known["given"])
    expected = known["expected"] if kind == WRONG_TYPE else "other"
    given = _GIVEN.get(type(detail["input"]), "other")
    return Fault.at(field, FaultCode.WRONG_TYPE, field=field, expected=expected, given=given)
