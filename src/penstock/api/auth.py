"""The gate every request passes: who asks, by token or by signature, before anything is done with what they sent.

There is no half-known caller: whatever hands out a `Caller` has proven the whole head of the request, and whatever
hands out a body has proven that too. A signature that covers a body without naming its hash can only be proven
together with the body, so the gate itself reads that body then, up to its own limit, and keeps it for `body`.
"""

import hashlib
from contextlib import aclosing
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import Request

from penstock.api.incoming import has_body, pieces
from penstock.api.signatures import EMPTY_HASH, UNSIGNED_PAYLOAD, Claim, Head, proves, read_claim, refused
from penstock.domain.caller import Caller
from penstock.domain.errors import Invalid, NotKnown
from penstock.domain.faults import FaultCode
from penstock.usecases.access import KeyHolder, known_by_key, known_by_token
from penstock.usecases.desk import Desk

# "The maximum size of a request body signed by AK/SK is 12 MB" (DLI, "Authentication").
SIGNED_BODY_LIMIT = 12 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A proven caller, and what the body has to be: a SHA-256, UNSIGNED_PAYLOAD, or None for anything."""

    caller: Caller
    content: str | None
    body: bytes | None = None  # read already, and proven

    @property
    def is_bound(self) -> bool:
        """Whether the body has to have one certain hash."""
        return self.content not in (None, UNSIGNED_PAYLOAD)

    def allows(self, sha256: str) -> bool:
        return not self.is_bound or self.content == sha256


class Gate:
    """One for each app; what it finds out is kept in `request.state.visit`."""

    def __init__(self, desk: Desk, body_limit: int = SIGNED_BODY_LIMIT) -> None:
        self._desk = desk
        self._body_limit = body_limit

    async def known(self, request: Request) -> Caller:
        """The caller. Raises NotKnown."""
        return (await self._visit(request)).caller

    async def signer(self, request: Request) -> Caller:
        """The caller, who must have signed with a key: a token must not be able to make more tokens."""
        if not _head(request).values("authorization"):
            raise refused("signature_needed")
        return await self.known(request)

    async def uploader(self, request: Request) -> Visit:
        """The caller, known by the head alone; whoever reads the body asks `Visit.allows` with its hash at the end."""
        return await self._visit(request, upload=True)

    async def body(self, request: Request, limit: int) -> bytes:
        """The whole body, proven. Raises NotKnown, or Invalid if it is longer than `limit` bytes."""
        visit = await self._visit(request)
        body = visit.body if visit.body is not None else await _read(request, limit)
        if len(body) > limit:
            raise Invalid.of(FaultCode.BODY_TOO_LARGE, limit=limit)
        if not visit.allows(hashlib.sha256(body).hexdigest()):
            raise NotKnown.of(FaultCode.CONTENT_DIFFERS)
        return body

    async def _visit(self, request: Request, *, upload: bool = False) -> Visit:
        visit: Visit | None = getattr(request.state, "visit", None)
        if visit is None:
            visit = request.state.visit = await self._meet(request, upload=upload)
        return visit

    async def _meet(self, request: Request, *, upload: bool) -> Visit:
        head = _head(request)
        if head.values("authorization"):
            return await self._by_signature(request, head, upload=upload)
        tokens = [token for token in head.values("x-auth-token") if token]
        if not tokens:
            raise NotKnown.of(FaultCode.TOKEN_MISSING, "X-Auth-Token")
        if len(tokens) > 1:
            raise NotKnown.of(FaultCode.TOKEN_INVALID, "X-Auth-Token")
        return Visit(caller=await known_by_token(self._desk, tokens[0]), content=None)

    async def _by_signature(self, request: Request, head: Head, *, upload: bool) -> Visit:
        claim = read_claim(head)
        if abs(self._desk.clock.now() - claim.at) > self._desk.signature_tolerance:
            raise NotKnown.of(FaultCode.SIGNATURE_EXPIRED, "X-Sdk-Date", date=claim.date)
        holder = await known_by_key(self._desk, claim.access)
        if holder is None:
            raise refused("mismatch")  # the words of a wrong secret: which keys exist is nobody's business
        if not has_body(request):
            return _bodiless(claim, head, holder)
        if claim.content is None:
            return await self._with_body(request, claim, head, holder, upload=upload)
        if claim.content == UNSIGNED_PAYLOAD and not upload:
            raise refused("payload_unsigned")
        return _proven(claim, head, holder, claim.content)

    async def _with_body(self, request: Request, claim: Claim, head: Head, holder: KeyHolder, *, upload: bool) -> Visit:
        if upload:
            raise refused("content_hash_needed")
        body = await _read(request, self._body_limit)
        content = hashlib.sha256(body).hexdigest()
        _proven(claim, head, holder, content)
        return Visit(caller=holder.caller, content=content, body=body)


def _proven(claim: Claim, head: Head, holder: KeyHolder, content: str) -> Visit:
    if not proves(claim, head, content, holder.secret):
        raise refused("mismatch")
    return Visit(caller=holder.caller, content=content)


def _bodiless(claim: Claim, head: Head, holder: KeyHolder) -> Visit:
    """Some clients sign nothing as UNSIGNED-PAYLOAD, others as what it is; both mean that nothing may come."""
    if claim.content == UNSIGNED_PAYLOAD and proves(claim, head, UNSIGNED_PAYLOAD, holder.secret):
        return Visit(caller=holder.caller, content=EMPTY_HASH)
    return _proven(claim, head, holder, EMPTY_HASH)


def _head(request: Request) -> Head:
    scope = request.scope
    path = scope.get("raw_path") or quote(scope["path"]).encode()
    return Head(method=scope["method"], path=path, query=scope["query_string"], headers=scope["headers"])


async def _read(request: Request, limit: int) -> bytes:
    async with aclosing(pieces(request, limit)) as stream:
        return b"".join([piece async for piece in stream])
