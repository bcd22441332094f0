"""Announced packages: copied, settled, and gone on with whenever the controller dies."""

import asyncio
from contextlib import suppress

import pytest

from control.theatre import Died, Fuse, Mortal, SilentBell
from penstock.control.fetcher import Fetcher
from penstock.control.leases import LeaseKeeper
from penstock.control.tools import Tools
from penstock.domain.bucket import Bucket
from penstock.domain.errors import LeaseLost, StoreFull, StoreUnavailable
from penstock.domain.faults import FaultCode
from penstock.domain.package import PackageStatus
from penstock.testing.builders import PROJECT, a_package
from penstock.testing.clock import NOON, ManualClock
from penstock.testing.ids import CountingIds
from penstock.testing.object_store import MemoryObjectStore
from penstock.testing.records import MemoryRecords
from penstock.usecases.blobs import BlobStore

pytestmark = pytest.mark.anyio

BUCKET = Bucket(project_id=PROJECT, name="code", created_at=NOON)
SOURCE = "obs://code/lib/a.jar"


class Stage:
    """A fetcher, an object to copy, and the package that was announced for it."""

    def __init__(self, cache):
        self.clock, self.fuse, self.cache = ManualClock(), Fuse(), cache
        self.memory, self.objects, self.ids = MemoryRecords(), MemoryObjectStore(), CountingIds()

    async def set_up(self):
        await self.memory.change(lambda tx: tx.buckets.add(BUCKET))
        await self.objects.put(BUCKET.stored("lib/a.jar"), b"new")
        await self.raise_curtain()

    async def raise_curtain(self, holder="me"):
        records = Mortal(self.memory, self.fuse, {"change", "look"})
        self.blobs = BlobStore(Mortal(self.objects, self.fuse, {"put_file"}), self.cache, self.ids)
        tools = Tools(
            records=records, clock=self.clock, ids=self.ids, bell=SilentBell(), store=self.objects, holder=holder
        )
        self.lease = LeaseKeeper("uploads", tools)
        self.fetcher = Fetcher(tools, self.blobs, self.lease)

    async def announce(self, text="a.jar", source=SOURCE, **changes):
        status = PackageStatus.UPLOADING
        given = {"sha256": "", "size": 0, "updated_at": self.clock.now()} | changes
        return await self.put(a_package(text, status=status, source=source, **given))

    async def put(self, package):
        return await self.memory.change(lambda tx: tx.packages.put(package))

    async def play(self):
        await self.lease.renew()
        async with asyncio.TaskGroup() as acts:
            return await self.fetcher.look(acts)

    async def now(self, package):
        return await self.memory.look(lambda tx: tx.packages.find(PROJECT, package.name))

    async def content_of(self, package):
        return (await self.blobs.fetch((await self.now(package)).sha256)).read_bytes()


@pytest.fixture
async def stage(anyio_backend, tmp_path):
    built = Stage(tmp_path)
    await built.set_up()
    return built


async def test_an_announced_package_becomes_ready_with_what_its_object_holds(stage):
    package = await stage.announce()

    await stage.play()

    assert await stage.content_of(package) == b"new"
    settled = await stage.now(package)
    assert (settled.status, settled.size, settled.source) == (PackageStatus.READY, 3, SOURCE)


async def test_packages_that_are_ready_or_failed_are_left_alone(stage):
    ready = await stage.put(a_package("b.jar"))
    failed = await stage.put((await stage.announce()).failed(FaultCode.PACKAGE_SOURCE_GONE))

    await stage.play()

    assert [await stage.now(package) for package in (ready, failed)] == [ready, failed]


@pytest.mark.parametrize("source", ["obs://code/gone.jar", "obs://nowhere/a.jar"])
async def test_what_is_gone_fails_and_what_was_held_before_stays(stage, source):
    package = await stage.announce(source=source, sha256="d" * 64, size=7)

    await stage.play()

    settled = await stage.now(package)
    assert (settled.status, settled.trouble) == (PackageStatus.FAILED, FaultCode.PACKAGE_SOURCE_GONE)
    assert (settled.sha256, settled.size) == ("d" * 64, 7)


@pytest.mark.parametrize("trouble", [StoreUnavailable("silent"), StoreFull(), RuntimeError("odd")])
async def test_a_store_in_trouble_is_asked_again_with_longer_pauses(stage, trouble):
    package = await stage.announce()
    stage.objects.trouble = trouble

    await stage.play()
    pause = await stage.play()
    stage.clock.advance(1)
    await stage.play()
    longer = await stage.play()
    stage.objects.trouble = None
    stage.clock.advance(2)
    await stage.play()

    assert (pause, longer) == (1, 2)
    assert (await stage.now(package)).status is PackageStatus.READY


async def test_a_store_that_is_in_trouble_for_an_hour_costs_the_upload(stage):
    package = await stage.announce()
    stage.objects.trouble = StoreUnavailable("silent")

    for _ in range(59):
        await stage.play()
        stage.clock.advance(60)
    assert (await stage.now(package)).is_uploading
    for _ in range(2):
        await stage.play()
        stage.clock.advance(60)

    settled = await stage.now(package)
    assert (settled.status, settled.trouble) == (PackageStatus.FAILED, FaultCode.PACKAGE_SOURCE_SILENT)


async def test_an_upload_in_trouble_holds_up_no_other(stage):
    await stage.announce("gone.jar", "obs://code/gone.jar")
    others = [await stage.announce(f"{number}.jar") for number in range(9)]

    await stage.play()

    assert {(await stage.now(package)).status for package in others} == {PackageStatus.READY}


async def while_it_is_copied(stage, happen):
    """What happens between the reading of a package and the moment its copy is there."""
    take = stage.blobs.take

    async def slow(pieces):
        kept = await take(pieces)
        await happen()
        return kept

    stage.blobs.take = slow
    await stage.play()
    stage.blobs.take = take


async def test_a_package_that_was_deleted_meanwhile_stays_deleted(stage):
    package = await stage.announce()

    await while_it_is_copied(stage, lambda: stage.memory.change(lambda tx: tx.packages.delete(PROJECT, package.name)))

    assert await stage.now(package) is None


async def test_a_later_upload_wins(stage):
    package = await stage.announce()

    await while_it_is_copied(stage, lambda: stage.put(a_package("a.jar", sha256="e" * 64)))

    settled = await stage.now(package)
    assert (settled.sha256, settled.status) == ("e" * 64, PackageStatus.READY)


async def test_the_same_object_announced_again_is_copied_again(stage):
    package = await stage.announce()

    async def again():
        stage.clock.advance(1)
        await stage.objects.put(BUCKET.stored("lib/a.jar"), b"newest")
        await stage.announce()

    await while_it_is_copied(stage, again)
    assert (await stage.now(package)).is_uploading
    await stage.play()

    assert await stage.content_of(package) == b"newest"


async def test_nothing_is_copied_while_another_controller_holds_the_lease(stage):
    package = await stage.announce()
    await stage.lease.renew()
    await stage.raise_curtain("another")

    with pytest.RaisesGroup(LeaseLost):
        await stage.play()

    assert (await stage.now(package)).is_uploading


async def test_a_copy_that_lost_the_lease_meanwhile_is_not_noted(stage):
    package = await stage.announce()

    async def lose():
        await stage.memory.change(lambda tx: tx.leases.give_up(stage.lease.current))

    await while_it_is_copied(stage, lose)

    assert (await stage.now(package)).is_uploading


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", range(1, 7))
async def test_a_controller_killed_at_any_step_is_gone_on_by_the_next(stage, step, after):
    package = await stage.announce(sha256="d" * 64)

    stage.fuse.left, stage.fuse.after = step, after
    with suppress(Died, BaseExceptionGroup):
        await stage.play()
    assert (await stage.now(package)).sha256 in {
        "d" * 64,
        "11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437",
    }
    stage.fuse.left = None
    await stage.raise_curtain()
    await stage.play()

    assert (await stage.now(package)).status is PackageStatus.READY
    assert await stage.content_of(package) == b"new"
