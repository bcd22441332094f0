"""Who asks, in which project, in which language and under which id: what is read of a request before its body."""

import re

from fastapi import Request

from penstock.api.messages import Language
from penstock.api.office import office_of
from penstock.domain.errors import Invalid, NotFound
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.run import JobId
from penstock.usecases.errand import Errand, errand_for

_OURS = "/penstock/"
_IAM, _IAM_PROJECTS = "/v3/auth/", "/v3/projects"
_PLAIN = frozenset({"/healthz", "/readyz", "/metrics"})
_SMN = re.compile(r"/v2/[^/]+/notifications(?:/|\Z)|/smn/")
_JOB_ID = re.compile(r"[0-9]{1,18}\Z")
_RANGE = re.compile(r"\s*([A-Za-z*]{1,8})(?:-[A-Za-z0-9-]*)?\s*(?:;\s*q=([0-9.]{1,5}))?\s*\Z")


async def errand_of(request: Request) -> Errand:
    """The caller, if the project in the path is theirs. Raises NotKnown or NotAllowed."""
    caller = await office_of(request).gate.known(request)
    return errand_for(caller, request.path_params["project_id"], request_id_of(request))


def job_id_of(request: Request) -> JobId:
    """The job in the path. Raises NotFound where it cannot be one's id."""
    text = request.path_params["job_id"]
    if not _JOB_ID.match(text):
        raise NotFound([Fault.at("job_id", FaultCode.JOB_UNKNOWN, job=text)])
    return JobId(int(text))


def edited_job_id_of(request: Request) -> JobId:
    """The same where DLI tells a malformed id from an unknown one. Raises Invalid (DLI.12001)."""
    text = request.path_params["job_id"]
    if not _JOB_ID.match(text) or not int(text):
        raise Invalid.of(FaultCode.JOB_ID_INVALID, "job_id", given=text)
    return JobId(int(text))


def request_id_of(request: Request) -> str:
    request_id: str = request.scope["penstock.request_id"]
    return request_id


def operation_of(request: Request) -> str:
    """The name of the route, empty where none took the request."""
    return getattr(request.scope.get("route"), "name", "")


def is_ours(request: Request) -> bool:
    """Whether the path is one of our own rather than DLI's."""
    path: str = request.scope["path"]
    return path.startswith(_OURS) or path in _PLAIN


def is_smn(request: Request) -> bool:
    """Whether the path is one of SMN's calls, or of the links in what it sends; they have an error body of their own."""
    return _SMN.match(request.scope["path"]) is not None


def is_iam(request: Request) -> bool:
    """Whether the path is one of IAM's calls, which have an error body of their own too."""
    path: str = request.scope["path"]
    return path.startswith(_IAM) or path == _IAM_PROJECTS


def language_of(request: Request) -> Language:
    """`X-Language`, then `Accept-Language`; else Chinese on DLI's paths, English on SMN's, on IAM's and on our own."""
    for header in ("x-language", "accept-language"):
        if language := _preferred(request.headers.get(header, "")):
            return language
    is_english = is_ours(request) or is_smn(request) or is_iam(request)
    return Language.EN if is_english else Language.ZH


def _preferred(header: str) -> Language | None:
    ranges = [match for part in header.split(",")[:20] if (match := _RANGE.match(part.replace("_", "-")))]
    known = [(_weight(match[2]), match[1].lower()) for match in ranges if match[1].lower() in set(Language)]
    return Language(max(known, key=lambda pair: pair[0])[1]) if known else None


def _weight(text: str | None) -> float:
    try:
        return float(text or 1)
    except ValueError:
        return 0.0
