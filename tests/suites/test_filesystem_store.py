"""The object store in a folder keeps what the port promises."""

from pathlib import Path

import pytest

from penstock.object_stores.filesystem import FilesystemStore
from penstock.testing.object_store_suite import ObjectStoreSuite

pytestmark = pytest.mark.anyio


class TestFilesystemStore(ObjectStoreSuite):
    @pytest.fixture
    def store(self, tmp_path: Path) -> FilesystemStore:
        return FilesystemStore(tmp_path / "store")
