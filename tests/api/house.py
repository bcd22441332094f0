"""A whole app over fakes, and callers who knock at it: two accounts, keys, tokens, signatures."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from penstock.api.app import create_app
from penstock.api.auth import Gate
from penstock.api.office import Office
from penstock.api.signatures import sign
from penstock.api.uploads import UploadRoom
from penstock.database.process_bell import ProcessBell
from penstock.database.vault import KeyFileVault
from penstock.domain.caller import Account, AccountId, Key, Project, ProjectId, User, UserId
from penstock.domain.run import InstallationId
from penstock.object_stores.filesystem import FilesystemStore
from penstock.ports.object_store import ObjectStore
from penstock.ports.records import Tx
from penstock.testing.clock import ManualClock
from penstock.testing.engine import FakeEngine
from penstock.testing.ids import CountingIds
from penstock.testing.records import MemoryRecords
from penstock.usecases.atlas import Atlas
from penstock.usecases.blobs import BlobStore
from penstock.usecases.desk import Desk
from penstock.usecases.passwords import Passwords
from penstock.usecases.shelf import Shelf

MINE, THEIRS, SECOND = "mine", "theirs", "second"
ENDPOINT = "http://dli.local:8080"
# Whoever signs in is not known yet; whoever opens a link proves by its token that they may.
PUBLIC = frozenset(
    {
        ("GET", "/healthz"),
        ("GET", "/readyz"),
        ("POST", "/v3/auth/tokens"),
        ("GET", "/smn/subscriptions/confirm"),
        ("GET", "/smn/subscriptions/leave"),
        ("POST", "/smn/subscriptions/leave"),
        ("GET", "/smn/certificates/{name}"),
    }
)


@dataclass(frozen=True, slots=True)
class House:
    """The app, and what a test looks at behind it. The key `AK` is an operator's, `AK2` belongs to another account."""

    app: FastAPI
    desk: Desk
    clock: ManualClock
    folder: Path

    @property
    def uploads(self) -> list[Path]:
        return list((self.folder / "uploads").iterdir())

    def signed(self, method: str, path: str, body: bytes = b"", key: str = "AK", **headers: str) -> dict[str, str]:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return sign(method, ENDPOINT + path, given, body, key, f"S{key}", self.clock.now())

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=ENDPOINT) as client:
            yield client

    async def ask(
        self, method: str, path: str, body: Any = b"", headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Signed with the operator's key unless headers are given."""
        content = json.dumps(body).encode() if isinstance(body, dict) else body
        sent = self.signed(method, path, content) if headers is None else headers
        async with self.client() as client:
            return await client.request(method, path, content=content or None, headers=sent)


async def a_house(
    folder: Path, *, store: ObjectStore | None = None, upload_limit: int = 2**30, stall: float = 60
) -> House:
    """Ready to knock at."""
    clock, ids = ManualClock(), CountingIds()
    records, vault = MemoryRecords(), KeyFileVault(folder / "key")
    store = store or FilesystemStore(folder / "store")
    blobs = BlobStore(store, folder / "cache", ids)
    desk = Desk(
        installation=InstallationId("1" * 8),
        records=records,
        clock=clock,
        ids=ids,
        bell=ProcessBell(),
        vault=vault,
        blobs=blobs,
        shelf=Shelf(store),
        places=Atlas(clock, {"here": FakeEngine(clock)}, {"here": "fake"}),
        default_place="here",
        passwords=Passwords(cost=2),
    )
    await records.change(_settle, vault, clock)
    uploads = UploadRoom(folder / "uploads", ids, upload_limit, stall)
    uploads.sweep()
    office = Office(desk=desk, gate=Gate(desk), uploads=uploads)
    records.on_facts(office.metrics.hear)
    return House(create_app(office), desk, clock, folder)


def _settle(tx: Tx, vault: KeyFileVault, clock: ManualClock) -> None:
    for account, projects, key in (("a1", (MINE, SECOND), "AK"), ("a2", (THEIRS,), "AK2")):
        tx.callers.add_account(Account(id=AccountId(account), name=account))
        user = User(id=UserId(f"user-{account}"), account_id=AccountId(account), name=account, is_operator=key == "AK")
        tx.callers.add_user(user)
        for project in projects:
            tx.callers.add_project(Project(id=ProjectId(project), account_id=AccountId(account), name=project))
        tx.callers.add_key(
            Key(access=key, sealed_secret=vault.seal(f"S{key}"), user_id=user.id, created_at=clock.now())
        )
