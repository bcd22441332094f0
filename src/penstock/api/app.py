"""The web application: its routes, what stands around every request, and how errors become answers."""

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from penstock.api.document import DocumentedApp
from penstock.api.envelope import Envelope
from penstock.api.errors import answer_to, refusal
from penstock.api.metrics import Metered
from penstock.api.office import Office
from penstock.api.routes import (
    authorisation,
    buckets,
    iam,
    jobs,
    mappings,
    operations,
    packages,
    penstock_jobs,
    people,
    queues,
    resources,
    savepoints,
    smn,
    smn_links,
    tags,
    tokens,
)
from penstock.domain.errors import CallerError, PenstockError
from penstock.domain.faults import Fault, FaultCode

_log = structlog.get_logger()
_ROUTERS = (
    jobs.router,
    savepoints.router,
    tags.router,
    queues.router,
    resources.router,
    penstock_jobs.router,
    packages.router,
    buckets.router,
    mappings.router,
    authorisation.router,
    smn.router,
    smn_links.router,
    tokens.router,
    iam.router,
    people.router,
    operations.router,
)


def create_app(office: Office) -> FastAPI:
    """Serves what the office holds."""
    app = DocumentedApp(
        title="Penstock",
        summary="Runs Apache Flink jar jobs behind the job API of Huawei Cloud DLI.",
        redirect_slashes=False,
        openapi_url="/openapi.json",
    )
    app.state.office = office
    app.add_middleware(Envelope, ids=office.desk.ids)
    app.add_middleware(Metered, metrics=office.metrics, clock=office.desk.clock)
    app.add_exception_handler(PenstockError, _on_our_error)
    app.add_exception_handler(HTTPException, _on_no_route)
    for router in _ROUTERS:
        app.include_router(router)
    return app


async def _on_our_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, PenstockError):
        raise error
    if not isinstance(error, CallerError):  # ours to look into: the answer tells nothing of our insides
        _log.warning("request not served", trouble=type(error).__name__, why=str(error), **error.facts)
    return answer_to(request, error)


async def _on_no_route(request: Request, error: Exception) -> JSONResponse:
    """FastAPI itself raises this where no route fits; our routes never do."""
    is_method = isinstance(error, HTTPException) and error.status_code == 405
    code = FaultCode.METHOD_NOT_ALLOWED if is_method else FaultCode.ROUTE_UNKNOWN
    answer = refusal(request, [Fault(code, "", {"method": request.method, "path": request.scope["path"]})])
    if isinstance(error, HTTPException) and error.headers:
        answer.headers.update(error.headers)
    return answer
