"""Code out of buckets: copied when it is asked for, and the same from then on whatever becomes of the object."""

import pytest

from penstock.domain.errors import Invalid, StoreFull
from penstock.domain.faults import FaultCode
from penstock.domain.lifecycle import News
from penstock.domain.package import PackageKind, PackageStatus
from penstock.ports.bell import UPLOADS
from penstock.testing.builders import a_spec
from penstock.usecases import buckets, jobs, packages, running, sources
from usecases.house import ERRAND, MAIN, STRANGER, jar_with

pytestmark = pytest.mark.anyio


async def put(house, key, data, name="code", errand=ERRAND, *, authorised=True):
    bucket = await buckets.make(house.desk, errand, name)
    if authorised and not bucket.authorised:
        await buckets.authorise(house.desk, errand, [name])
    await house.store.put(bucket.stored(key), data)


async def create(house, **changes):
    return await jobs.create(house.desk, ERRAND, a_spec(**changes))


async def faults_of(house, **changes):
    with pytest.raises(Invalid) as caught:
        await create(house, **changes)
    return [(fault.path, fault.code) for fault in caught.value.faults]


async def test_a_job_runs_the_objects_as_they_were_when_it_was_asked_for(house):
    jar, other = jar_with(MAIN, manifest_main=MAIN), jar_with("a.Other", MAIN)
    await put(house, "lib/job.jar", jar)
    await put(house, "lib/other.jar", other)
    await put(house, "data/a.csv", b"1,2\n")

    job = await create(
        house,
        entrypoint="obs://code/lib/job.jar",
        dependency_jars=("s3://code/lib/other.jar",),
        dependency_files=("obs://code/data/a.csv",),
    )
    await put(house, "lib/job.jar", b"something else")
    sheet = await house.sheet_of(job)

    assert sheet.main_class == MAIN
    assert (await house.desk.blobs.fetch(sheet.entrypoint.sha256)).read_bytes() == jar
    assert (await house.desk.blobs.fetch(sheet.jars[0].sha256)).read_bytes() == other
    assert (sheet.files[0].file_name, sheet.files[0].name) == ("a.csv", "obs://code/data/a.csv")


async def test_running_again_reads_the_objects_again(house):
    await put(house, "job.jar", jar_with(MAIN))
    job = await create(house, entrypoint="obs://code/job.jar", main_class=MAIN)
    before = await house.sheet_of(job)
    await house.tell(job.id, News.STOP_ASKED)

    await put(house, "job.jar", jar_with(MAIN, "a.New"))
    await running.run_jobs(house.desk, ERRAND, [job.id])

    assert (await house.sheet_of(await house.job(job.id))).entrypoint.sha256 != before.entrypoint.sha256


async def test_explaining_a_draft_copies_nothing(house):
    await put(house, "job.jar", jar_with(MAIN, "org.apache.flink.api.Bundled"))
    job = await create(house, queue_name="", entrypoint="obs://code/job.jar", main_class=MAIN)
    await put(house, "job.jar", jar_with(MAIN, "a.New"))
    before = (await house.store.list("packages/")).objects

    explained = await jobs.explain(house.desk, ERRAND, job.id)

    assert explained.warnings == ()
    assert (await house.store.list("packages/")).objects == before


async def test_an_object_that_a_job_may_not_name_is_an_unknown_package(house):
    await put(house, "job.jar", jar_with(MAIN), "theirs", STRANGER)
    await put(house, "job.jar", jar_with(MAIN), "closed", authorised=False)
    await put(house, "job.jar", jar_with(MAIN))

    for path in ("obs://theirs/job.jar", "obs://closed/job.jar", "obs://code/nothing.jar", "obs://nowhere/job.jar"):
        assert await faults_of(house, entrypoint=path) == [("entrypoint", FaultCode.PACKAGE_UNKNOWN)]


async def test_a_path_that_no_object_can_have_is_a_wrong_name(house):
    for path in ("obs://code/../a.jar", "obs://code", "https://code.obs.example/a.jar"):
        assert await faults_of(house, entrypoint=path) == [("entrypoint", FaultCode.PACKAGE_NAME_INVALID)]


async def test_packages_are_made_all_or_none(house):
    await put(house, "a/one.jar", b"one")
    await put(house, "b/two.jar", b"two")

    made = await sources.import_packages(
        house.desk, ERRAND, ["obs://code/a/one.jar", "obs://code/b/two.jar"], PackageKind.JAR, "new"
    )
    with pytest.raises(Invalid) as caught:
        await sources.import_packages(
            house.desk, ERRAND, ["obs://code/a/one.jar", "obs://code/nothing.jar"], PackageKind.JAR, "none"
        )

    assert [(str(package.name), package.size) for package in made] == [("new/one.jar", 3), ("new/two.jar", 3)]
    assert [fault.code for fault in caught.value.faults] == [FaultCode.SOURCE_UNKNOWN]
    listed = [package.name.group for package in await packages.list_packages(house.desk, ERRAND)]
    assert (listed.count("new"), listed.count("none")) == (2, 0)


async def test_every_fault_of_a_list_of_paths_comes_at_once(house):
    await put(house, "a/x.jar", b"one")
    await put(house, "b/x.jar", b"two")
    paths = ["nothing", "obs://theirs/a.jar", "obs://code/a/x.jar", "obs://code/b/x.jar", "obs://code/.hidden"]

    with pytest.raises(Invalid) as caught:
        await sources.import_packages(house.desk, ERRAND, paths, PackageKind.JAR, "bad group")

    assert {fault.code for fault in caught.value.faults} == {
        FaultCode.OBJECT_PATH_INVALID,
        FaultCode.SOURCE_UNKNOWN,
        FaultCode.FILES_OF_ONE_NAME,
        FaultCode.FILE_NAME_INVALID,
        FaultCode.GROUP_NAME_INVALID,
    }


async def test_a_copy_that_has_no_room_leaves_nothing(house, tmp_path):
    await put(house, "a.jar", b"one")
    house.store.put_file = _refuse

    with pytest.raises(StoreFull):
        await sources.import_packages(house.desk, ERRAND, ["obs://code/a.jar"], PackageKind.JAR, "")

    assert list((tmp_path / "cache").iterdir()) == []


async def _refuse(key, source):
    raise StoreFull


async def announce(house, *paths, group=""):
    return await sources.announce_packages(house.desk, ERRAND, paths, PackageKind.JAR, group)


async def test_an_announced_package_is_there_before_it_holds_anything(house):
    await put(house, "a/one.jar", b"one")

    async with house.bell.listen(UPLOADS) as ear:
        made = await announce(house, "s3://code/a/one.jar", group="new")
        assert await ear.wait(1)

    [package] = made
    assert (str(package.name), package.status, package.sha256) == ("new/one.jar", PackageStatus.UPLOADING, "")
    assert package.source == "obs://code/a/one.jar"
    assert await packages.show_package(house.desk, ERRAND, package.name) == package
    await packages.delete_package(house.desk, ERRAND, package.name)
    assert package.name not in [found.name for found in await packages.list_packages(house.desk, ERRAND)]


async def test_nothing_is_announced_while_one_object_is_missing(house):
    await put(house, "one.jar", b"one")

    with pytest.raises(Invalid) as caught:
        await announce(house, "obs://code/one.jar", "obs://code/nothing.jar", "obs://code/none.jar", group="none")

    assert [fault.params["key"] for fault in caught.value.faults] == ["nothing.jar", "none.jar"]
    assert "none" not in {package.name.group for package in await packages.list_packages(house.desk, ERRAND)}


async def test_a_job_cannot_name_a_package_that_holds_nothing_and_is_told_why(house):
    await put(house, "one.jar", jar_with(MAIN))
    await put(house, "two.jar", jar_with(MAIN))
    _, two = await announce(house, "obs://code/one.jar", "obs://code/two.jar")

    def fail(tx):
        tx.packages.put(two.failed(FaultCode.PACKAGE_SOURCE_GONE))

    await house.records.change(fail)

    assert await faults_of(house, entrypoint="one.jar", dependency_jars=("one.jar", "two.jar")) == [
        ("entrypoint", FaultCode.PACKAGE_UPLOADING),
        ("dependency_jars", FaultCode.PACKAGE_UPLOADING),
        ("dependency_jars", FaultCode.PACKAGE_SOURCE_GONE),
    ]


@pytest.mark.parametrize("settle", [lambda package: package, lambda package: package.failed(FaultCode.STORE_FULL)])
async def test_a_name_that_held_something_goes_on_holding_it(house, settle):
    before = await house.add_package("job.jar", jar_with(MAIN))
    await put(house, "job.jar", b"something else")
    [package] = await announce(house, "obs://code/job.jar")
    await house.records.change(lambda tx: tx.packages.put(settle(package)))

    job = await create(house, entrypoint="job.jar", main_class=MAIN)

    assert (await house.sheet_of(job)).entrypoint.sha256 == before
