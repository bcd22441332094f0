"""IAM's calls that DLI's clients make: signing in, and finding their project, their domain and the addresses of services."""

import hashlib
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from penstock.api.address import address_of
from penstock.api.bodies import fault_at, public_json_of, query_of
from penstock.api.document import PUBLIC
from penstock.api.office import office_of
from penstock.api.schemas.documents import asks, takes
from penstock.api.schemas.iam import (
    ProjectsQuery,
    SignInIn,
    domain_document,
    links,
    project_document,
    token_document,
)
from penstock.domain.caller import Project
from penstock.domain.errors import Invalid
from penstock.domain.faults import FaultCode
from penstock.usecases.access import KnownToken
from penstock.usecases.identity import show_account, sign_in, validate

router = APIRouter(prefix="/v3", tags=["Callers (IAM)"])

_SUBJECT = "X-Subject-Token"
_PRIVATE = {"Cache-Control": "no-store"}  # what is told depends on who asks, and where
_LIMIT = 64 * 1024  # bytes of a body from somebody unknown
_SERVICES = {"dli": "v1.0", "iam": "v3", "smn": "v2"}
_OF_NO_PROJECT = frozenset({"iam"})


@router.post("/auth/tokens", status_code=201, summary="Sign in", openapi_extra=takes(SignInIn) | PUBLIC)
async def sign_in_here(request: Request) -> JSONResponse:
    """By password or by another token; the new one is in the header `X-Subject-Token`. Public."""
    login = _read(await public_json_of(request, _LIMIT)).to_login()
    signed = await sign_in(office_of(request).desk, login)
    answer = _token(request, signed.known, 201)
    answer.headers[_SUBJECT] = signed.issued.text
    return answer


@router.get("/auth/tokens", summary="Say what a token stands for")
async def show_token(request: Request) -> JSONResponse:
    """The one in `X-Subject-Token`, to somebody of the same account."""
    caller = await office_of(request).gate.known(request)
    subject = request.headers.get(_SUBJECT, "")
    if not subject:
        raise Invalid.of(FaultCode.FIELD_MISSING, _SUBJECT, field=_SUBJECT)
    known = await validate(office_of(request).desk, caller, subject.encode("latin-1"))
    answer = _token(request, known, 200)
    answer.headers[_SUBJECT] = subject
    return answer


@router.get("/projects", summary="Find projects", openapi_extra=asks(ProjectsQuery))
async def find_projects(request: Request) -> JSONResponse:
    """Of the caller's account, by name: clients look for the project of their region."""
    return await _projects(request)


@router.get("/auth/projects", summary="List my projects", openapi_extra=asks(ProjectsQuery))
async def list_my_projects(request: Request) -> JSONResponse:
    """Those that these credentials reach."""
    return await _projects(request)


@router.get("/auth/domains", summary="List my domains")
async def list_domains(request: Request) -> JSONResponse:
    """The caller's account."""
    caller = await office_of(request).gate.known(request)
    account = await show_account(office_of(request).desk, caller)
    address = address_of(request)
    document = {"domains": [domain_document(account, address)], "links": links(f"{address}/v3/auth/domains")}
    return JSONResponse(document, headers=_PRIVATE)


@router.get("/auth/catalog", summary="List services and their addresses")
async def show_catalog(request: Request) -> JSONResponse:
    """All at this address."""
    caller = await office_of(request).gate.known(request)
    only = caller.projects[0] if len(caller.projects) == 1 else None
    document = {"catalog": _catalog(request, only), "links": links(f"{address_of(request)}/v3/auth/catalog")}
    return JSONResponse(document, headers=_PRIVATE)


def _read(fields: Any) -> SignInIn:
    try:
        return SignInIn.model_validate(fields)
    except ValidationError as error:
        details = error.errors(include_url=False)
    raise Invalid([fault_at(".".join(map(str, detail["loc"])), detail) for detail in details])


async def _projects(request: Request) -> JSONResponse:
    caller = await office_of(request).gate.known(request)
    query = query_of(request, ProjectsQuery)
    if faults := query.faults():
        raise Invalid(faults)
    found, address = query.chosen(caller.projects), address_of(request)
    document = {
        "projects": [project_document(project, address) for project in query.paged(found)],
        "links": links(f"{address}{request.scope['path']}"),
    }
    return JSONResponse(document, headers=_PRIVATE)


def _token(request: Request, known: KnownToken, status: int) -> JSONResponse:
    catalog = [] if "nocatalog" in request.query_params else _catalog(request, known.project)
    return JSONResponse(token_document(known, catalog), status, headers=_PRIVATE)


def _catalog(request: Request, project: Project | None) -> list[dict[str, Any]]:
    address = address_of(request)
    region = project.name if project else "*"
    entries = []
    for name, version in _SERVICES.items():
        ends = f"/{project.id}" if project and name not in _OF_NO_PROJECT else ""
        endpoint = {
            "id": _id_of(f"{name} {region}"),
            "interface": "public",
            "region": region,
            "region_id": region,
            "url": f"{address}/{version}{ends}",
        }
        entries.append({"id": _id_of(name), "name": name, "type": name, "endpoints": [endpoint]})
    return entries


def _id_of(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:32]
