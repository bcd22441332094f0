"""Our own calls about the caller: a token to go on with, and who they are."""

from fastapi import APIRouter, Request

from penstock.api.bodies import sound_body_of
from penstock.api.document import SIGNED
from penstock.api.incoming import has_body
from penstock.api.office import office_of
from penstock.api.schemas.callers import MeOut, TokenIn, TokenOut
from penstock.api.schemas.documents import takes
from penstock.domain.errors import Invalid
from penstock.usecases.access import issue_token
from penstock.usecases.credentials import create_token as create_token_for

router = APIRouter(prefix="/penstock/v1", tags=["Callers"])

_BODY = takes(TokenIn)
_BODY["requestBody"]["required"] = False


@router.post("/tokens", status_code=201, openapi_extra=_BODY | SIGNED, summary="Issue a token")
async def create_token(request: Request) -> TokenOut:
    """The request must be signed with a key; the token speaks for one project and lives for a day.

    An operator may ask for another user, and for a longer life: a monitor that cannot sign needs such a token.
    """
    office = office_of(request)
    caller = await office.gate.signer(request)
    wanted = await sound_body_of(request, TokenIn) if has_body(request) else TokenIn()
    if faults := wanted.faults():
        raise Invalid(faults)
    if wanted.user_id:
        issued = await create_token_for(office.desk, caller, wanted.user_id, wanted.project_id, wanted.span)
    else:
        issued = await issue_token(office.desk, caller, wanted.project_id, wanted.span)
    return TokenOut.from_token(issued)


@router.get("/me", summary="Say who I am")
async def show_me(request: Request) -> MeOut:
    """The user, their account, and the projects that these credentials reach."""
    return MeOut.from_caller(await office_of(request).gate.known(request))
