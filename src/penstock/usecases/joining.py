"""A service joins its installation: what all services of one have to share is settled once, and checked at every start.

Services that share a database share its jobs. One that has another vault key, another object store, or another state
directory under the name of a place would lose what the others know, so it must not start at all.
"""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import Protocol, TypeVar

import structlog

from penstock.domain.errors import ObjectMissing, SetupError, StorageError, StoreUnavailable
from penstock.domain.run import InstallationId
from penstock.ports.ids import Ids
from penstock.ports.object_store import ObjectStore
from penstock.ports.records import Records, Tx
from penstock.ports.vault import Vault
from penstock.usecases.places import home_of

_log = structlog.get_logger()
T = TypeVar("T")

_PATIENCE = 10.0  # seconds
_PROOF = "penstock"  # what is sealed to prove that a vault has the installation's key


class SharedStamp(Protocol):
    """A signing key that all services of an installation use."""

    async def export(self) -> str:
        """As text; made if there is none yet."""
        ...

    async def adopt(self, text: str) -> None:
        """From now on this one. Raises SetupError."""
        ...


async def installation_of(records: Records, ids: Ids) -> InstallationId:
    """Its id, made by the service that came first."""
    return InstallationId(await records.change(_settle, "installation", ids.hex(8)))


async def share_vault(records: Records, vault: Vault) -> None:
    """Raises SetupError where this vault's key is not the installation's."""
    proof = await records.look(_find, "vault")
    if proof is None:
        proof = await records.change(_settle, "vault", vault.seal(_PROOF).hex())
    vault.open(bytes.fromhex(proof))


async def share_stamp(records: Records, vault: Vault, stamp: SharedStamp) -> None:
    """Whoever came first made it; the others get it from the records, where it lies sealed. Raises SetupError."""
    sealed = await records.look(_find, "stamp")
    if sealed is None:
        own = vault.seal(await stamp.export()).hex()
        sealed = await records.change(_settle, "stamp", own)
    await stamp.adopt(vault.open(bytes.fromhex(sealed)))


async def share_store(records: Records, store: ObjectStore, ids: Ids) -> None:
    """Raises SetupError where this store is not the one that the installation keeps its objects in. One that does not
    answer now is looked at by the next start: until then nothing is lost, only nothing is found."""
    try:
        mark = await records.look(_find, "store") or await _mark(records, store, ids)
        await _soon(store.head(_key(mark)))
    except ObjectMissing as error:
        raise SetupError(
            "The object store of the settings is not the one that this installation keeps its objects in: correct "
            "`store`, or copy all objects of the old store into the new one first."
        ) from error
    except StorageError as error:
        _log.warning("store not checked", why=str(error))


async def bind_places(records: Records, site: str, names: Iterable[str]) -> None:
    """These places keep their runs in our state directory, `site`. Raises SetupError where one is another's."""
    for name in names:
        if await records.change(_settle, home_of(name), site) != site:
            raise SetupError(
                f"The place {name!r} belongs to the service of another state directory, which keeps its runs: give the "
                "place of this one a name of its own in the settings, as in `places.another.engine`; or, if that state "
                f"directory is gone for good, run `penstock place release {name}` with another service."
            )


async def _mark(records: Records, store: ObjectStore, ids: Ids) -> str:
    """The mark lies in the store before anybody is told to look for it."""
    mark = ids.hex(16)
    await _soon(store.put(_key(mark), b"An installation of Penstock keeps its objects here.\n"))
    settled = await records.change(_settle, "store", mark)
    if settled != mark:
        await store.delete(_key(mark))
    return settled


async def _soon(call: Awaitable[T]) -> T:
    """What the store answers; a start must not wait for one that takes every request and answers none."""
    try:
        async with asyncio.timeout(_PATIENCE):
            return await call
    except TimeoutError as error:
        raise StoreUnavailable(f"The object store did not answer within {_PATIENCE:.0f} s.") from error


def _key(mark: str) -> str:
    return f"marks/{mark}"


def _find(tx: Tx, key: str) -> str | None:
    return tx.notes.find(key)


def _settle(tx: Tx, key: str, value: str) -> str:
    return tx.notes.settle(key, value)
