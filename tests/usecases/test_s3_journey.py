"""Mapping, objects and packages through the use cases, in a real S3-compatible server."""

import hashlib
from dataclasses import replace

import pytest

from penstock.domain.caller import Account, Caller, Project
from penstock.domain.errors import NotNow
from penstock.domain.package import PackageKind
from penstock.testing.builders import PROJECT
from penstock.usecases import buckets, mappings, sources
from penstock.usecases.blobs import BlobStore
from penstock.usecases.packages import UploadedFile
from penstock.usecases.shelf import Shelf
from s3_servers import moto
from usecases.house import ERRAND, USER, House

pytestmark = pytest.mark.anyio
OPERATOR = Caller(user=replace(USER, is_operator=True), projects=())
CONTENT = b"1,2,3\n" * 3_000_000  # large enough for an upload in parts


@pytest.fixture(scope="module")
def server():
    with moto() as started:
        yield started


@pytest.fixture
async def house(server, tmp_path, anyio_backend):
    store = server.store(server.new_bucket(), prefix="penstock")
    built = House(tmp_path / "unused")
    built.with_desk(shelf=Shelf(store), blobs=BlobStore(store, tmp_path / "cache", built.ids))

    def settle(tx):
        tx.callers.add_account(Account(id="a1", name="acme"))
        tx.callers.add_project(Project(id=PROJECT, account_id="a1", name="cn-north-4"))

    await built.records.change(settle)
    return built


async def test_a_package_comes_from_a_mapped_bucket_and_is_fetched_as_a_file(house, server, tmp_path):
    theirs = server.new_bucket()
    bucket = await mappings.map_bucket(house.desk, OPERATOR, PROJECT, "data", f"{theirs}/in")
    (tmp_path / "upload").write_bytes(CONTENT)
    upload = UploadedFile(path=tmp_path / "upload", sha256="0" * 64, size=len(CONTENT))

    info = await buckets.put_object(house.desk, ERRAND, bucket, "prices.csv", upload)
    [package] = await sources.import_packages(
        house.desk, ERRAND, ["obs://data/prices.csv"], PackageKind.FILE, "myGroup"
    )
    copy = await house.desk.blobs.fetch(package.sha256)

    assert info.size == len(CONTENT)
    assert package.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert copy.read_bytes() == CONTENT
    assert [one["Key"] for one in server.client().list_objects_v2(Bucket=theirs)["Contents"]] == ["in/prices.csv"]


async def test_a_bucket_that_the_store_does_not_have_cannot_be_mapped(house):
    with pytest.raises(NotNow) as caught:
        await mappings.map_bucket(house.desk, OPERATOR, PROJECT, "data", "nobody-has-this-bucket")

    [fault] = caught.value.faults
    assert "has no bucket nobody-has-this-bucket: make it there" in fault.params["why"]
