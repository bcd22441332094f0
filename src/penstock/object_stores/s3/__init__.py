"""Objects in an S3-compatible store: OBS, S3, MinIO, Ceph and their like."""

from pathlib import Path

from penstock.object_stores.s3.access import Access, read_keys
from penstock.object_stores.s3.settings import S3Settings, read_settings
from penstock.object_stores.s3.store import S3Store
from penstock.ports.plugin import Plugin


def _make_store(settings: S3Settings, _: Path) -> S3Store:
    """Asks the store nothing yet: a service whose store is silent starts all the same, and its jobs live on."""
    return S3Store(Access(settings, read_keys(settings)))


plugin = Plugin(name="s3", settings=read_settings, factory=_make_store)
