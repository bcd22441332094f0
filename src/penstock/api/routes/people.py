"""Our own calls about users, projects, keys and tokens; for operators, who must sign what changes something.

A token alone changes nobody's rights: those that live long are handed to monitors, and would be worth stealing.
"""

from typing import Any

from fastapi import APIRouter, Request, Response

from penstock.api.bodies import query_of, sound_body_of
from penstock.api.document import SIGNED
from penstock.api.office import office_of
from penstock.api.schemas.documents import asks, takes
from penstock.api.schemas.people import (
    KeyIn,
    KeysOut,
    ListedTokenOut,
    NewKeyOut,
    PasswordIn,
    PeopleOut,
    PeopleQuery,
    PersonOut,
    PlacedProjectOut,
    ProjectIn,
    ProjectsOut,
    TokensOut,
    UserIn,
)
from penstock.domain.caller import Caller
from penstock.usecases import credentials, people
from penstock.usecases.access import demand_operator

router = APIRouter(prefix="/penstock/v1", tags=["People"])

_PAGES: dict[str, Any] = asks(PeopleQuery)


@router.get("/users", summary="List users", openapi_extra=_PAGES)
async def list_users(request: Request) -> PeopleOut:
    """Of all accounts, disabled ones too. For operators."""
    caller, query = await _reader(request)
    return PeopleOut.from_people(await people.list_users(office_of(request).desk, caller), query)


@router.post("/users", status_code=201, summary="Make a user", openapi_extra=takes(UserIn) | SIGNED)
async def create_user(request: Request) -> PersonOut:
    """For operators."""
    caller = await _writer(request)
    new = (await sound_body_of(request, UserIn)).to_user()
    return PersonOut.from_person(await people.create_user(office_of(request).desk, caller, new))


@router.put(
    "/users/{user_id}/password",
    status_code=204,
    summary="Set a user's password",
    openapi_extra=takes(PasswordIn) | SIGNED,
)
async def set_password(request: Request) -> Response:
    """For operators."""
    caller = await _writer(request)
    body = await sound_body_of(request, PasswordIn)
    await people.set_password(office_of(request).desk, caller, request.path_params["user_id"], body.password)
    return Response(status_code=204)


@router.delete("/users/{user_id}", status_code=204, summary="Disable a user", openapi_extra=SIGNED)
async def disable_user(request: Request) -> Response:
    """Their keys, tokens and password are refused at once; what they made stays. For operators."""
    caller = await _writer(request)
    await people.disable_user(office_of(request).desk, caller, request.path_params["user_id"])
    return Response(status_code=204)


@router.get("/projects", summary="List projects", openapi_extra=_PAGES)
async def list_projects(request: Request) -> ProjectsOut:
    """Of all accounts, closed ones too. For operators."""
    caller, query = await _reader(request)
    return ProjectsOut.from_places(await people.list_projects(office_of(request).desk, caller), query)


@router.post("/projects", status_code=201, summary="Make a project", openapi_extra=takes(ProjectIn) | SIGNED)
async def create_project(request: Request) -> PlacedProjectOut:
    """For operators."""
    caller = await _writer(request)
    body = await sound_body_of(request, ProjectIn)
    place = await people.create_project(office_of(request).desk, caller, body.name, body.account)
    return PlacedProjectOut.from_place(place)


@router.delete("/projects/{project_id}", status_code=204, summary="Close a project", openapi_extra=SIGNED)
async def close_project(request: Request) -> Response:
    """Nobody reaches it from then on; it must have no job that waits or runs. For operators."""
    caller = await _writer(request)
    await people.close_project(office_of(request).desk, caller, request.path_params["project_id"])
    return Response(status_code=204)


@router.get("/keys", summary="List access keys", openapi_extra=_PAGES)
async def list_keys(request: Request) -> KeysOut:
    """Of all users, without their secrets. For operators."""
    caller, query = await _reader(request)
    return KeysOut.from_held(await credentials.list_keys(office_of(request).desk, caller), query)


@router.post("/keys", status_code=201, summary="Make an access key", openapi_extra=takes(KeyIn) | SIGNED)
async def create_key(request: Request) -> NewKeyOut:
    """The secret is shown this once. For operators."""
    caller = await _writer(request)
    body = await sound_body_of(request, KeyIn)
    return NewKeyOut.from_new(await credentials.create_key(office_of(request).desk, caller, body.user_id))


@router.delete("/keys/{access_key}", status_code=204, summary="Revoke an access key", openapi_extra=SIGNED)
async def revoke_key(request: Request) -> Response:
    """It is refused at once. For operators."""
    caller = await _writer(request)
    await credentials.revoke_key(office_of(request).desk, caller, request.path_params["access_key"])
    return Response(status_code=204)


@router.get("/tokens", summary="List tokens", openapi_extra=_PAGES)
async def list_tokens(request: Request) -> TokensOut:
    """The newest first, each by the first digits of its hash. For operators."""
    caller, query = await _reader(request)
    limit, offset = query.limit, query.cursor
    held = await credentials.list_tokens(office_of(request).desk, caller, limit=limit + 1, offset=offset)
    tokens = [ListedTokenOut.from_held(one) for one in held[:limit]]
    return TokensOut(tokens=tokens, next=offset + limit if len(held) > limit else None)


@router.delete("/tokens/{prefix}", status_code=204, summary="Revoke a token", openapi_extra=SIGNED)
async def revoke_token(request: Request) -> Response:
    """By the first digits of its hash; it is refused at once. For operators."""
    caller = await _writer(request)
    await credentials.revoke_token(office_of(request).desk, caller, request.path_params["prefix"])
    return Response(status_code=204)


async def _reader(request: Request) -> tuple[Caller, PeopleQuery]:
    caller = await office_of(request).gate.known(request)
    demand_operator(caller)
    query = query_of(request, PeopleQuery)
    query.demand_sound()
    return caller, query


async def _writer(request: Request) -> Caller:
    caller = await office_of(request).gate.signer(request)
    demand_operator(caller)
    return caller
