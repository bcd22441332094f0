"""The object store in an S3-compatible one keeps what the port promises, on each server that is here."""

from collections.abc import Iterator

import pytest

from penstock.object_stores.s3.store import S3Store
from penstock.testing.object_store_suite import ObjectStoreSuite
from s3_servers import S3Server, servers

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module", params=sorted(servers()))
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with servers()[request.param](tmp_path_factory.mktemp("s3")) as started:
        yield started


class TestS3Store(ObjectStoreSuite):
    @pytest.fixture
    def store(self, server: S3Server) -> S3Store:
        return server.store(server.new_bucket())


class TestS3StoreWithPrefix(ObjectStoreSuite):
    @pytest.fixture
    def store(self, server: S3Server) -> S3Store:
        return server.store(server.new_bucket(), prefix="deep/er")
