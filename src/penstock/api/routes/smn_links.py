"""Where the links in letters lead: to confirm, to leave, to the certificate. Public: the token says who may.

To confirm is the only GET that changes something, as SMN's receivers expect it. Leaving takes a POST, so that whatever
opens the links of a mail before its reader does, ends nothing.
"""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse

from penstock.api.asking import request_id_of
from penstock.api.document import PUBLIC
from penstock.api.office import office_of
from penstock.domain.errors import NotFound
from penstock.domain.faults import FaultCode
from penstock.domain.links import CERTIFICATE_PATH, CONFIRM_PATH, LEAVE_PATH
from penstock.domain.topic import Subscription
from penstock.usecases import subscriptions

router = APIRouter(tags=["notifications (SMN)"])

_ENDING = ".pem"
_NO_TRACE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Penstock</title></head>
<body><form method="post"><p>No more messages of this topic?</p><button>Leave</button></form></body></html>
"""
_CLOSED_PAGE = "default-src 'none'; form-action 'self'; frame-ancestors 'none'"


@router.get(CONFIRM_PATH, summary="Confirm a subscription", openapi_extra=PUBLIC)
async def confirm_subscription(request: Request) -> JSONResponse:
    """The token works once, within 48 hours."""
    confirmed = await subscriptions.confirm(office_of(request).desk, _token(request))
    return _told(request, confirmed, "The subscription is confirmed.")


@router.get(LEAVE_PATH, summary="Ask whether to leave a topic", openapi_extra=PUBLIC)
async def show_leave_page(request: Request) -> HTMLResponse:
    """A page with one button; changes nothing, and does not say whether the token is one."""
    return HTMLResponse(_PAGE, headers={**_NO_TRACE, "Content-Security-Policy": _CLOSED_PAGE})


@router.post(LEAVE_PATH, summary="Leave a topic", openapi_extra=PUBLIC)
async def leave_topic(request: Request) -> JSONResponse:
    """What mail programs send for one click (RFC 8058), and what the page's button does."""
    left = await subscriptions.leave(office_of(request).desk, _token(request))
    return _told(request, left, "The subscription has ended.")


@router.get(CERTIFICATE_PATH + "/{name}", summary="The certificate of signed messages", openapi_extra=PUBLIC)
async def show_certificate(request: Request) -> PlainTextResponse:
    """X.509 in PEM; messages name it as `signing_cert_url`."""
    stamp = office_of(request).stamp
    if stamp is None or request.path_params["name"] != f"{await stamp.name()}{_ENDING}":
        raise NotFound.of(FaultCode.ROUTE_UNKNOWN, method=request.method, path=request.scope["path"])
    return PlainTextResponse(await stamp.certificate(), media_type="application/x-pem-file")


def _token(request: Request) -> str:
    return request.query_params.get("token", "")


def _told(request: Request, subscription: Subscription, message: str) -> JSONResponse:
    told = {
        "request_id": request_id_of(request),
        "message": message,
        "topic_urn": subscription.topic_urn,
        "subscription_urn": subscription.urn,
    }
    return JSONResponse(told, headers=_NO_TRACE)
