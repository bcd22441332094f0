"""Things that have names in a project."""

from dataclasses import replace
from functools import partial

import pytest

from penstock.domain.errors import AlreadyExists
from penstock.domain.faults import FaultCode
from penstock.domain.package import Content, Package, PackageKind, PackageName, PackageStatus
from penstock.ports.records import Records, Tx
from penstock.testing.builders import (
    PROJECT,
    a_new_job,
    a_package,
    a_part,
    a_queue_spec,
    a_sheet,
)
from penstock.testing.clock import NOON
from penstock.testing.records_suite.stored_jobs import ELSEWHERE, SECOND


class QueuesSuite:
    """Queues by project and lower-case name."""

    async def test_a_queue_is_found_in_any_case(self, records: Records) -> None:
        spec = a_queue_spec(name="testQueue", labels=("a", "b"), description="说明")

        queue = await records.change(lambda tx: tx.queues.add(PROJECT, spec, "someone", NOON))

        assert queue.spec == replace(spec, name="testqueue")
        assert (queue.owner, queue.created_at) == ("someone", NOON)
        assert await records.look(lambda tx: tx.queues.find(PROJECT, "TESTQUEUE")) == queue
        assert await records.look(lambda tx: tx.queues.find(ELSEWHERE, "testqueue")) is None

    async def test_a_queue_name_is_taken_in_any_case(self, records: Records) -> None:
        await records.change(lambda tx: tx.queues.add(PROJECT, a_queue_spec(name="one"), "someone", NOON))

        with pytest.raises(AlreadyExists):
            await records.change(lambda tx: tx.queues.add(PROJECT, a_queue_spec(name="ONE"), "someone", NOON))

        await records.change(lambda tx: tx.queues.add(ELSEWHERE, a_queue_spec(name="one"), "someone", NOON))

    async def test_queues_are_listed_by_name(self, records: Records) -> None:
        def add(tx: Tx) -> None:
            for name, project_id in (("b", PROJECT), ("a", PROJECT), ("c", ELSEWHERE)):
                tx.queues.add(project_id, a_queue_spec(name=name), "someone", NOON)

        await records.change(add)

        assert [queue.name for queue in await records.look(lambda tx: tx.queues.list(PROJECT))] == ["a", "b"]
        assert {queue.name for queue in await records.look(lambda tx: tx.queues.all())} == {"a", "b", "c"}

    async def test_a_deleted_queue_is_gone_and_its_name_free(self, records: Records) -> None:
        queue = await records.change(lambda tx: tx.queues.add(PROJECT, a_queue_spec(), "someone", NOON))

        await records.change(lambda tx: tx.queues.delete(queue))

        assert await records.look(lambda tx: tx.queues.list(PROJECT)) == []
        again = await records.change(lambda tx: tx.queues.add(PROJECT, a_queue_spec(), "someone", NOON))
        assert again.id != queue.id
        await records.change(lambda tx: tx.queues.delete(queue))
        assert await records.look(lambda tx: tx.queues.list(PROJECT)) == [again]


class PackagesSuite:
    """Packages by project, group and name."""

    async def test_a_package_is_kept_as_it_was_put(self, records: Records) -> None:
        package = a_package("myGroup/数据 1.csv", kind=PackageKind.FILE, size=2**40)

        assert await records.change(lambda tx: tx.packages.put(package)) == package

        assert await records.look(lambda tx: tx.packages.find(PROJECT, package.name)) == package
        assert await records.look(lambda tx: tx.packages.find(ELSEWHERE, package.name)) is None
        assert await records.look(lambda tx: tx.packages.find(PROJECT, PackageName("", "数据 1.csv"))) is None

    async def test_putting_again_points_the_name_at_new_content(self, records: Records) -> None:
        await records.change(lambda tx: tx.packages.put(a_package()))
        newer = a_package(sha256="b" * 64, size=2, owner="other", created_at=NOON + SECOND, updated_at=NOON + SECOND)

        kept = await records.change(lambda tx: tx.packages.put(newer))

        assert kept == replace(newer, created_at=NOON)
        assert await records.look(lambda tx: tx.packages.list(PROJECT)) == [kept]

    async def test_packages_are_listed_by_group_and_name(self, records: Records) -> None:
        def put_all(tx: Tx) -> None:
            for name in ("b/a.jar", "z.jar", "a/b.jar", "a/a.jar"):
                tx.packages.put(a_package(name))
            tx.packages.put(a_package("a/c.csv", kind=PackageKind.FILE))
            tx.packages.put(a_package("elsewhere.jar", project_id=ELSEWHERE))

        await records.change(put_all)

        everything = await records.look(lambda tx: tx.packages.list(PROJECT))
        assert [str(package.name) for package in everything] == ["z.jar", "a/a.jar", "a/b.jar", "a/c.csv", "b/a.jar"]
        files = await records.look(lambda tx: tx.packages.list(PROJECT, PackageKind.FILE))
        assert [str(package.name) for package in files] == ["a/c.csv"]

    async def test_deleting_says_whether_there_was_one(self, records: Records) -> None:
        await records.change(lambda tx: tx.packages.put(a_package("g/a.jar")))
        name = PackageName("g", "a.jar")

        assert not await records.change(lambda tx: tx.packages.delete(ELSEWHERE, name))
        assert await records.change(lambda tx: tx.packages.delete(PROJECT, name))
        assert not await records.change(lambda tx: tx.packages.delete(PROJECT, name))

    async def test_an_upload_is_kept_with_its_source_its_status_and_its_trouble(self, records: Records) -> None:
        announced = a_package(sha256="", size=0, status=PackageStatus.UPLOADING, source="obs://b/数据/a.jar")
        failed = announced.failed(FaultCode.PACKAGE_SOURCE_GONE)

        for package in (announced, failed, announced.filled(Content("c" * 64, 3)), announced):
            assert await records.change(partial(_put, package)) == package
            assert await records.look(lambda tx: tx.packages.find(PROJECT, announced.name)) == package

    async def test_those_to_be_copied_come_in_the_order_asked_from_every_project(self, records: Records) -> None:
        status = PackageStatus.UPLOADING
        later = a_package("a.jar", status=status, sha256="", updated_at=NOON + SECOND)
        first = a_package("z.jar", status=status, project_id=ELSEWHERE)

        for package in (later, first, a_package("b.jar"), a_package("c.jar", status=PackageStatus.FAILED)):
            await records.change(partial(_put, package))

        assert await records.look(lambda tx: tx.packages.uploading()) == [first, later]

    async def test_contents_named_by_packages_or_sheets_are_known(self, records: Records) -> None:
        def name_some(tx: Tx) -> None:
            job = tx.jobs.add(a_new_job())
            tx.packages.put(a_package(sha256="1" * 64))
            tx.packages.put(a_package("announced.jar", sha256="", status=PackageStatus.UPLOADING))
            tx.packages.put(a_package("gone.jar", sha256="2" * 64))
            tx.packages.delete(PROJECT, PackageName("", "gone.jar"))
            tx.sheets.add(job.id, a_sheet(entrypoint=a_part("e.jar", "3"), jars=(a_part("j.jar", "4"),)))

        await records.change(name_some)

        assert await records.look(lambda tx: tx.packages.named_blobs()) == {"1" * 64, "3" * 64, "4" * 64}


def _put(package: Package, tx: Tx) -> Package:
    return tx.packages.put(package)
