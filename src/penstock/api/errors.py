"""Which HTTP status and which DLI code each fault has: one table; and the answer that carries them.

DLI's paths answer `{"error_code", "error_msg"}` (dli: "Status codes", "Error codes"), our own answer RFC 9457 problems.
Several faults: the code is the first one's, the message names them all.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, NamedTuple

from fastapi import Request
from fastapi.responses import JSONResponse

from penstock.api.asking import is_iam, is_ours, is_smn, language_of, operation_of, request_id_of
from penstock.api.messages import Language, Phrase, sentence_of, sentences_of, word
from penstock.api.smn_errors import smn_wire_of
from penstock.domain.errors import (
    CallerError,
    EngineUnavailable,
    PenstockError,
    PlaceElsewhere,
    StaleWrite,
    StoreFull,
    StoreUnavailable,
)
from penstock.domain.faults import Fault, FaultCode

C = FaultCode


class Wire(NamedTuple):
    """DLI's code, the status on DLI's paths, and the status on our own."""

    code: str
    status: int = 400
    own: int = 400


_PARAMETER = Wire("DLI.0001")

# DLI says 400 for nearly everything, "not found" included (dli: each page's "Status codes"); our own paths are plain REST.
TABLE: Mapping[FaultCode, Wire] = MappingProxyType(
    {
        C.BODY_NOT_JSON: Wire("DLI.10004"),
        C.BODY_TOO_LARGE: Wire("DLI.0009", 413, 413),
        C.FIELD_MISSING: _PARAMETER,
        C.WRONG_TYPE: _PARAMETER,
        C.OUT_OF_RANGE: _PARAMETER,
        C.TEXT_TOO_LONG: _PARAMETER,
        C.CONTROL_CHARACTERS: _PARAMETER,
        C.UNSUPPORTED: Wire("DLI.0007"),
        C.ROUTE_UNKNOWN: Wire("DLI.10003", 404, 404),
        C.METHOD_NOT_ALLOWED: Wire("DLI.10003", 405, 405),
        C.HEADER_TOO_LARGE: Wire("DLI.0009", 431, 431),
        C.TOKEN_MISSING: Wire("DLI.0013", 401, 401),
        C.TOKEN_INVALID: Wire("DLI.0015", 401, 401),
        C.SIGNATURE_INVALID: Wire("DLI.0013", 401, 401),
        C.SIGNATURE_EXPIRED: Wire("DLI.0013", 401, 401),
        C.ALGORITHM_UNSUPPORTED: Wire("DLI.0013", 401, 401),
        C.PROJECT_FOREIGN: Wire("DLI.10006", 400, 403),
        C.OPERATOR_ONLY: Wire("DLI.10005", 403, 403),
        C.NAME_EMPTY: Wire("DLI.11007"),
        C.NAME_TOO_LONG: Wire("DLI.11006"),
        C.NAME_CHARACTERS: Wire("DLI.11015"),
        C.NAME_TAKEN: Wire("DLI.11004", 400, 409),
        C.DESC_TOO_LONG: Wire("DLI.11014"),
        C.CUS_OUT_OF_RANGE: Wire("DLI.11012"),
        C.MANAGER_CUS_OUT_OF_RANGE: Wire("DLI.11025"),
        C.CUS_NOT_ABOVE_MANAGER: Wire("DLI.11012"),
        C.PARALLELISM_OUT_OF_RANGE: Wire("DLI.11013"),
        C.PARALLELISM_ABOVE_CUS: Wire("DLI.11022"),
        C.BUCKET_NEEDED: Wire("DLI.11002"),
        C.BUCKET_NAME_INVALID: Wire("DLI.11011"),
        C.MAIN_CLASS_TOO_LONG: Wire("DLI.11018"),
        C.MAIN_CLASS_SPACE: Wire("DLI.11020"),
        C.MAIN_CLASS_UNKNOWN: _PARAMETER,
        C.MAIN_CLASS_MISSING: Wire("DLI.13019"),
        C.MAIN_CLASS_MISNAMED: _PARAMETER,
        C.MAIN_CLASS_NOT_YOURS: _PARAMETER,
        C.MAIN_CLASS_NOT_PUBLIC: _PARAMETER,
        C.MAIN_METHOD_MISSING: _PARAMETER,
        C.MAIN_METHOD_WRONG: _PARAMETER,
        C.MAIN_METHOD_OUT_OF_REACH: _PARAMETER,
        C.CLASS_TOO_NEW: _PARAMETER,
        C.CLASS_OF_A_PREVIEW: _PARAMETER,
        C.CLASS_DAMAGED: _PARAMETER,
        C.CLASS_MISSING: _PARAMETER,
        C.ARGS_TOO_LONG: Wire("DLI.11019"),
        C.ARGS_UNBALANCED: _PARAMETER,
        C.CHECKPOINT_INTERVAL: Wire("DLI.11008"),
        C.CHECKPOINT_MODE: Wire("DLI.11009"),
        C.TAG_INVALID: _PARAMETER,
        C.TAGS_TOO_MANY: _PARAMETER,
        C.PACKAGE_UNKNOWN: Wire("DLI.11021"),
        C.PACKAGE_NAME_INVALID: Wire("DLI.11021"),
        C.NOT_A_JAR: Wire("DLI.11017"),
        C.ENTRY_POINTS_OUT: _PARAMETER,
        C.ENTRIES_OVERLAP: _PARAMETER,
        C.ENTRIES_TOO_MANY: _PARAMETER,
        C.JAR_UNPACKS_TOO_LARGE: _PARAMETER,
        C.INNER_JARS_TOO_LARGE: _PARAMETER,
        C.SIGNATURE_STALE: _PARAMETER,
        C.FILES_OF_ONE_NAME: _PARAMETER,
        C.DRAFTS_TOO_MANY: Wire("DLI.11003"),
        C.FLINK_VERSION_UNKNOWN: Wire("DLI.0007"),
        C.JOB_UNKNOWN: Wire("DLI.16001", 400, 404),
        C.JOB_IDS_EMPTY: Wire("DLI.13007"),
        C.JOB_NOT_RUNNABLE: Wire("DLI.13006", 400, 409),
        C.JOB_NOT_STOPPABLE: Wire("DLI.15002", 400, 409),
        C.GRAPH_MISSING: Wire("DLI.14001", 400, 404),
        C.ENTRYPOINT_NEEDED: Wire("DLI.13013"),
        C.QUEUE_NEEDED: Wire("DLI.13008"),
        C.QUEUE_SHARED: Wire("DLI.13009"),
        C.PLACE_UNKNOWN: _PARAMETER,
        C.PLACE_UNBOUND: Wire("DLI.0008", 400, 404),
        C.PLACE_SERVED: Wire("DLI.21011", 400, 409),
        C.PLACE_WITHOUT_LOGS: Wire("DLI.0007"),
        C.PLACE_WITH_ONE_JOB_MANAGER: Wire("DLI.0007"),
        C.PLACE_OF_ANOTHER_PROJECT: Wire("DLI.10005", 403, 403),
        C.JOB_ABOVE_QUEUE: Wire("DLI.13002"),
        C.JOB_ABOVE_PLACE: Wire("DLI.13002"),
        C.OFFSET_INVALID: Wire("DLI.23001"),
        C.LIMIT_INVALID: Wire("DLI.21031"),
        C.STATUS_UNKNOWN: _PARAMETER,
        C.TAG_FILTER_INVALID: _PARAMETER,
        C.QUEUE_UNKNOWN: Wire("DLI.0008", 400, 404),
        C.QUEUE_TAKEN: Wire("DLI.0006", 400, 409),
        C.QUEUE_NAME_INVALID: Wire("DLI.20011"),
        C.QUEUE_NAME_TOO_LONG: Wire("DLI.20009"),
        C.QUEUE_DESCRIPTION_TOO_LONG: Wire("DLI.20010"),
        C.QUEUE_CUS_INVALID: Wire("DLI.20012"),
        C.QUEUE_TYPE_INVALID: _PARAMETER,
        C.QUEUE_BUSY: Wire("DLI.21011", 400, 409),
        C.ENGINE_UNKNOWN: _PARAMETER,
        C.ENGINE_OF_ANOTHER_PLACE: _PARAMETER,
        C.ENGINE_OF_SEVERAL_PLACES: _PARAMETER,
        C.RESOURCE_UNKNOWN: Wire("DLI.0023", 404, 404),
        C.KIND_INVALID: _PARAMETER,
        C.GROUP_NAME_INVALID: _PARAMETER,
        C.FILE_PART_MISSING: _PARAMETER,
        C.FILE_NAME_INVALID: _PARAMETER,
        C.UPLOAD_BROKEN: Wire("DLI.11041"),
        C.CONTENT_DIFFERS: Wire("DLI.0013", 401, 401),
        C.STORE_FULL: Wire("DLI.0012", 507, 507),
        C.PACKAGE_UPLOADING: Wire("DLI.0012", 400, 409),
        C.PACKAGE_SOURCE_GONE: Wire("DLI.0012", 400, 409),
        C.PACKAGE_CONTENT_LOST: Wire("DLI.0012", 400, 409),
        C.PACKAGE_SOURCE_SILENT: Wire("DLI.0012", 400, 409),
        C.BUCKET_UNAUTHORISED: Wire("DLI.11016"),
        C.BUCKET_UNKNOWN: Wire("DLI.19003", 400, 404),
        C.BUCKET_AUTHORISED: Wire("DLI.19005", 400, 409),
        C.BUCKET_NOT_EMPTY: Wire("DLI.0001", 409, 409),
        C.BUCKETS_MISSING: Wire("DLI.19004"),
        C.BUCKET_NEEDS_OPERATOR: Wire("DLI.10005", 403, 403),
        C.BUCKET_MAPPED: Wire("DLI.0007", 409, 409),
        C.BUCKET_NOT_MAPPED: Wire("DLI.0007", 409, 409),
        C.BUCKET_LOGGED_TO: Wire("DLI.0007", 409, 409),
        C.LOCATION_INVALID: _PARAMETER,
        C.LOCATION_TAKEN: Wire("DLI.0006", 409, 409),
        C.LOCATION_OF_SERVICE: Wire("DLI.0006", 409, 409),
        C.LOCATION_UNUSABLE: Wire("DLI.0001", 409, 409),
        C.STORE_WITHOUT_BUCKETS: Wire("DLI.0007", 409, 409),
        C.OBJECT_UNKNOWN: Wire("DLI.0023", 404, 404),
        C.OBJECT_KEY_INVALID: _PARAMETER,
        C.OBJECT_KEY_TOO_LONG: _PARAMETER,
        C.OBJECT_KEY_IN_THE_WAY: Wire("DLI.0006", 409, 409),
        C.OBJECT_PATH_INVALID: _PARAMETER,
        C.SOURCE_UNKNOWN: Wire("DLI.0002"),
        C.TOPIC_UNKNOWN: Wire("DLI.11032"),
        # SMN's own calls, and the links in what it sends (smn: "Error codes")
        C.TOPIC_NOT_FOUND: Wire("SMN.0006", 404),
        C.TOPIC_URN_INVALID: Wire("SMN.0005"),
        C.TOPIC_NAME_INVALID: Wire("SMN.0002"),
        C.TOPIC_DISPLAY_NAME_INVALID: Wire("SMN.0003"),
        C.TOPICS_TOO_MANY: Wire("SMN.0004", 403),
        C.SUBSCRIPTION_NOT_FOUND: Wire("SMN.0013", 404),
        C.SUBSCRIPTION_URN_INVALID: Wire("SMN.0014"),
        C.SUBSCRIPTIONS_TOO_MANY: Wire("SMN.0007", 403),
        C.PROTOCOL_INVALID: Wire("SMN.0011"),
        C.ENDPOINT_INVALID: Wire("SMN.0012"),
        C.ENDPOINT_FORBIDDEN: Wire("SMN.0012"),
        C.REMARK_INVALID: Wire("SMN.0017"),
        C.SUBJECT_INVALID: Wire("SMN.0008"),
        C.MESSAGE_INVALID: Wire("SMN.0009"),
        C.MESSAGE_STRUCTURE_INVALID: Wire("SMN.0021"),
        C.TIME_TO_LIVE_INVALID: Wire("SMN.0009"),
        C.SUBSCRIPTIONS_PAGE_INVALID: Wire("SMN.0015"),
        C.LINK_INVALID: Wire("SMN.0013", 404),
        C.JOB_ID_INVALID: Wire("DLI.12001"),
        C.JOB_ACTIVE: Wire("DLI.12003", 400, 409),
        C.JOB_NOT_EDITABLE: Wire("DLI.12005", 400, 409),
        C.SAVEPOINT_MISSING: Wire("DLI.13017", 400, 409),
        C.SAVEPOINT_ELSEWHERE: Wire("DLI.13017", 400, 409),
        C.SAVEPOINT_PATH_INVALID: _PARAMETER,
        C.SAVEPOINT_UNKNOWN: Wire("DLI.0002"),
        C.PLACE_WITHOUT_SAVEPOINTS: Wire("DLI.0007"),
        C.ACTION_INVALID: _PARAMETER,
        C.JOB_IDS_DIFFER: _PARAMETER,
        C.LOGIN_FAILED: Wire("DLI.0013", 401, 401),
        C.LOGIN_TOO_OFTEN: Wire("DLI.0009", 429, 429),
        C.IDENTITY_UNSUPPORTED: _PARAMETER,
        C.SCOPE_FOREIGN: Wire("DLI.0013", 401, 401),
        C.TOKEN_UNKNOWN: Wire("DLI.0023", 404, 404),
        C.TOKEN_AMBIGUOUS: Wire("DLI.0001", 409, 409),
        C.CALLER_NAME_INVALID: _PARAMETER,
        C.PASSWORD_LENGTH: _PARAMETER,
        C.USER_UNKNOWN: Wire("DLI.0023", 404, 404),
        C.USER_TAKEN: Wire("DLI.0006", 409, 409),
        C.USER_IS_YOURSELF: Wire("DLI.0007", 409, 409),
        C.PROJECT_UNKNOWN: Wire("DLI.0023", 404, 404),
        C.PROJECT_TAKEN: Wire("DLI.0006", 409, 409),
        C.PROJECT_BUSY: Wire("DLI.0007", 409, 409),
        C.KEY_UNKNOWN: Wire("DLI.0023", 404, 404),
        C.KEY_IS_YOUR_LAST: Wire("DLI.0007", 409, 409),
    }
)

# The same fault has another code where DLI lists one for the operation (the name of the route).
BY_OPERATION: Mapping[tuple[str, FaultCode], str] = MappingProxyType(
    {
        ("run_jobs", C.JOB_UNKNOWN): "DLI.13007",
        ("run_jobs", C.PACKAGE_UNKNOWN): "DLI.13013",
        ("run_jobs", C.BUCKET_NEEDED): "DLI.13003",
        ("stop_jobs", C.JOB_UNKNOWN): "DLI.15001",
        ("stop_jobs", C.JOB_IDS_EMPTY): "DLI.15001",
        ("delete_job", C.JOB_UNKNOWN): "DLI.17001",
        ("delete_jobs", C.JOB_UNKNOWN): "DLI.17001",
        ("delete_jobs", C.JOB_IDS_EMPTY): "DLI.17001",
        ("update_jar_job", C.JOB_UNKNOWN): "DLI.12004",
        ("update_jar_job", C.NAME_TAKEN): "DLI.12006",
        ("update_jar_job", C.PACKAGE_UNKNOWN): "DLI.12002",
        ("update_jar_job", C.NOT_A_JAR): "DLI.12002",
        ("create_queue", C.BODY_NOT_JSON): "DLI.20002",
        ("run_jobs", C.BUCKET_UNAUTHORISED): "DLI.13004",
        ("authorize_buckets", C.BODY_NOT_JSON): "DLI.19001",
    }
)


class _Trouble(NamedTuple):
    status: int
    phrase: Phrase


_INTERNAL = _Trouble(500, Phrase.INTERNAL)
_TROUBLES: Mapping[type[PenstockError], _Trouble] = {
    EngineUnavailable: _Trouble(503, Phrase.PLACE_SILENT),
    PlaceElsewhere: _Trouble(503, Phrase.PLACE_ELSEWHERE),
    StoreUnavailable: _Trouble(503, Phrase.STORE_SILENT),
    StaleWrite: _Trouble(503, Phrase.TOO_BUSY),
}
_OUR_FAULT = "DLI.0999"


def wire_of(code: FaultCode, operation: str = "") -> Wire:
    """What the fault is on the wire, in this operation."""
    wire = TABLE[code]
    return wire._replace(code=BY_OPERATION.get((operation, code), wire.code))


def dli_error(faults: Sequence[Fault], language: Language, operation: str = "") -> dict[str, str]:
    """DLI's error body."""
    return {"error_code": wire_of(faults[0].code, operation).code, "error_msg": sentences_of(faults, language)}


def answer_to(request: Request, error: PenstockError) -> JSONResponse:
    """The answer to a request that met this error."""
    if isinstance(error, StoreFull):
        return refusal(request, [Fault.at("", C.STORE_FULL)])
    if isinstance(error, CallerError):
        return refusal(request, error.faults)
    trouble = next((_TROUBLES[kind] for kind in type(error).__mro__ if kind in _TROUBLES), _INTERNAL)
    return _answer(request, trouble.status, _OUR_FAULT, word(trouble.phrase, language_of(request)))


def refusal(request: Request, faults: Sequence[Fault]) -> JSONResponse:
    """The request cannot be served as it is."""
    language = language_of(request)
    wire = wire_of(faults[0].code, operation_of(request))
    status = wire.own if is_ours(request) or is_iam(request) else wire.status
    if is_smn(request):
        code, status = smn_wire_of(faults[0], wire.code, wire.status)
        wire = wire._replace(code=code)
    details = [
        {"code": fault.code.value, "path": fault.path, "detail": sentence_of(fault, language)} for fault in faults
    ]
    return _answer(request, status, wire.code, sentences_of(faults, language), faults=details)


def last_answer(request: Request) -> JSONResponse:
    """Something that nobody foresaw; what it was is for the log alone."""
    return _answer(request, _INTERNAL.status, _OUR_FAULT, word(_INTERNAL.phrase, language_of(request)))


def _answer(request: Request, status: int, code: str, detail: str, **more: Any) -> JSONResponse:
    if is_smn(request):
        return JSONResponse({"request_id": request_id_of(request), "code": code, "message": detail}, status)
    if is_iam(request):  # iam: "Obtaining a User Token Through Password Authentication", the sample of 400
        error = {"code": status, "message": detail, "title": HTTPStatus(status).phrase}
        return JSONResponse({"error": error}, status)
    if not is_ours(request):
        return JSONResponse({"error_code": code, "error_msg": detail}, status)
    problem = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return JSONResponse({**problem, "faults": [], **more}, status, media_type="application/problem+json")
