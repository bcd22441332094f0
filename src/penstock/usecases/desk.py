"""What every use case is given: our memory, the time, names, the bell, the places, packages' contents and objects."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from penstock.domain.run import InstallationId
from penstock.domain.topic import Protocol
from penstock.ports.bell import Bell
from penstock.ports.clock import Clock
from penstock.ports.ids import Ids
from penstock.ports.records import Records
from penstock.ports.vault import Vault
from penstock.usecases.atlas import Atlas
from penstock.usecases.blobs import BlobStore
from penstock.usecases.jar_lore import JarLore
from penstock.usecases.passwords import Passwords
from penstock.usecases.shelf import Shelf


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Plain values and ports; the settings object itself stays outside."""

    installation: InstallationId
    records: Records
    clock: Clock
    ids: Ids
    bell: Bell
    vault: Vault
    blobs: BlobStore
    shelf: Shelf
    places: Atlas
    default_place: str
    create_starts_jobs: bool = True  # dli-contract rule 4: `create = "draft"` is the other mode
    create_wait: timedelta = timedelta(seconds=10)
    token_life: timedelta = timedelta(hours=24)
    signature_tolerance: timedelta = timedelta(minutes=15)
    drafts_limit: int = 100
    object_host: str = ""  # objects are at `https://<bucket>.<host>/<key>`, as callers write it; empty: nowhere
    protocols: frozenset[Protocol] = frozenset({Protocol.HTTP, Protocol.HTTPS})  # by which subscriptions can be told
    permits: Callable[[str], bool] = lambda url: True  # `Outgoing.permits`
    passwords: Passwords = field(default_factory=Passwords)
    jars: JarLore = field(default_factory=JarLore)
