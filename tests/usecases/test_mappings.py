"""Where buckets lie in a store that has its own: what an operator may say, and who never meets whose objects."""

from dataclasses import replace

import pytest

from penstock.domain.caller import Account, Caller, Project
from penstock.domain.errors import Invalid, NotAllowed, NotFound, NotNow, StoreUnavailable
from penstock.domain.faults import FaultCode
from penstock.domain.lifecycle import News
from penstock.domain.location import Location
from penstock.testing.builders import PROJECT, a_spec
from penstock.testing.object_store import MemoryObjectStore
from penstock.usecases import buckets, jobs, mappings, running
from penstock.usecases.packages import UploadedFile
from penstock.usecases.shelf import Shelf
from usecases.house import ERRAND, OTHER, STRANGER, USER, House

pytestmark = pytest.mark.anyio
OPERATOR = Caller(user=replace(USER, is_operator=True), projects=())


@pytest.fixture
async def store(house: House) -> MemoryObjectStore:
    """One with buckets of its own; the service lives in `penstock/own`."""
    store = MemoryObjectStore(home="penstock/own")
    house.with_desk(shelf=Shelf(store))

    def settle(tx):
        tx.callers.add_account(Account(id="a1", name="acme"))
        for project in (PROJECT, OTHER):
            tx.callers.add_project(Project(id=project, account_id="a1", name=project[:8]))

    await house.records.change(settle)
    return store


async def map_to(house, where, name="logs", project=PROJECT, caller=OPERATOR):
    return await mappings.map_bucket(house.desk, caller, project, name, where)


async def refused(error, call):
    with pytest.raises(error) as caught:
        await call
    return [fault.code for fault in caught.value.faults]


async def test_an_operator_maps_a_bucket_and_its_objects_lie_there(house, store, tmp_path):
    (tmp_path / "file").write_bytes(b"bytes")
    bucket = await map_to(house, "acme-data/logs/")

    await buckets.put_object(
        house.desk, ERRAND, bucket, "a/b", UploadedFile(path=tmp_path / "file", sha256="0" * 64, size=5)
    )
    page = await buckets.list_objects(house.desk, ERRAND, "logs", prefix="a", limit=10, cursor="")

    assert bucket.location == Location("acme-data", "logs")
    assert [info.key for info in page.objects] == ["a/b"]
    assert (await store.head("@acme-data/logs/a/b")).size == 5


async def test_the_place_is_tried_and_nothing_of_the_trial_stays(house, store):
    await map_to(house, "acme-data")

    assert (await store.list("@acme-data/")).objects == ()


async def test_a_place_that_cannot_be_used_is_refused_in_the_stores_words(house, store):
    store.trouble = StoreUnavailable("The store has no bucket acme-data.")

    with pytest.raises(NotNow) as caught:
        await map_to(house, "acme-data")

    [fault] = caught.value.faults
    assert (fault.code, fault.params["why"]) == (FaultCode.LOCATION_UNUSABLE, "The store has no bucket acme-data.")
    assert await mappings.list_mapped(house.desk, OPERATOR) == []


async def test_mapping_again_changes_nothing_and_elsewhere_is_refused(house, store):
    first = await map_to(house, "acme-data/logs")
    await buckets.authorise(house.desk, ERRAND, ["logs"])
    store.trouble = StoreUnavailable()

    again = await map_to(house, "acme-data/logs")

    assert again == replace(first, authorised=True)
    assert await refused(NotNow, map_to(house, "acme-data/other")) == [FaultCode.BUCKET_MAPPED]


@pytest.mark.parametrize("where", ["acme-data/logs", "acme-data/logs/deep", "acme-data"])
async def test_two_buckets_never_share_a_place(house, store, where):
    await map_to(house, "acme-data/logs")

    assert await refused(NotNow, map_to(house, where, project=OTHER)) == [FaultCode.LOCATION_TAKEN]
    assert await refused(NotNow, map_to(house, where, name="more")) == [FaultCode.LOCATION_TAKEN]


@pytest.mark.parametrize("where", ["acme-data/logs2", "acme-data/log", "acme-data2", "acme-data/other/logs"])
async def test_places_side_by_side_are_two_places(house, store, where):
    await map_to(house, "acme-data/logs")

    await map_to(house, where, project=OTHER)

    assert [bucket.project_id for bucket in await mappings.list_mapped(house.desk, OPERATOR)] == sorted(
        [PROJECT, OTHER]
    )


@pytest.mark.parametrize("where", ["penstock", "penstock/own", "penstock/own/packages"])
async def test_no_bucket_lies_where_the_service_does(house, store, where):
    assert await refused(NotNow, map_to(house, where)) == [FaultCode.LOCATION_OF_SERVICE]


@pytest.mark.parametrize("where", ["", "/a", "ab", "Upper/case", "acme-data//a", "acme-data/../b", "acme-data/a\nb"])
async def test_what_is_no_place_is_refused(house, store, where):
    assert await refused(Invalid, map_to(house, where)) == [FaultCode.LOCATION_INVALID]


async def test_only_operators_map(house, store):
    for call in (
        map_to(house, "acme-data", caller=ERRAND.caller),
        mappings.unmap_bucket(house.desk, ERRAND.caller, PROJECT, "logs"),
        mappings.list_mapped(house.desk, ERRAND.caller),
    ):
        assert await refused(NotAllowed, call) == [FaultCode.OPERATOR_ONLY]


async def test_a_project_that_is_not_there_gets_no_bucket(house, store):
    assert await refused(NotFound, map_to(house, "acme-data", project="nobody")) == [FaultCode.PROJECT_UNKNOWN]


async def test_projects_can_neither_make_nor_delete_such_buckets(house, store):
    await map_to(house, "acme-data")

    assert (await buckets.make(house.desk, ERRAND, "logs")).location == Location("acme-data")
    assert await refused(NotAllowed, buckets.make(house.desk, ERRAND, "more")) == [FaultCode.BUCKET_NEEDS_OPERATOR]
    assert await refused(NotAllowed, buckets.make(house.desk, STRANGER, "logs")) == [FaultCode.BUCKET_NEEDS_OPERATOR]
    assert await refused(NotNow, buckets.delete(house.desk, ERRAND, "logs")) == [FaultCode.BUCKET_MAPPED]


async def test_unmapping_leaves_the_objects(house, store):
    await map_to(house, "acme-data")
    await store.put("@acme-data/a", b"x")

    await mappings.unmap_bucket(house.desk, OPERATOR, PROJECT, "logs")

    assert (await store.head("@acme-data/a")).size == 1
    assert await refused(NotFound, buckets.show(house.desk, ERRAND, "logs")) == [FaultCode.BUCKET_UNKNOWN]
    assert await refused(NotFound, mappings.unmap_bucket(house.desk, OPERATOR, PROJECT, "logs")) == [
        FaultCode.BUCKET_UNKNOWN
    ]


async def test_a_bucket_that_a_live_job_names_stays_mapped_until_it_is_over(house, store):
    await map_to(house, "acme-data")
    await buckets.authorise(house.desk, ERRAND, ["logs"])
    job = await jobs.create(house.desk, ERRAND, a_spec(obs_bucket="logs", log_enabled=True))
    await house.tell(job.id, News.ADMITTED, News.SEEN_RUNNING)

    assert await refused(NotNow, mappings.unmap_bucket(house.desk, OPERATOR, PROJECT, "logs")) == [
        FaultCode.BUCKET_LOGGED_TO
    ]
    await running.stop_jobs(house.desk, ERRAND, [job.id])
    await house.tell(job.id, News.SEEN_GONE)

    await mappings.unmap_bucket(house.desk, OPERATOR, PROJECT, "logs")


async def test_a_bucket_that_was_made_before_is_mapped_if_it_is_empty(house, store):
    home = house.desk.shelf
    plain = MemoryObjectStore()
    house.with_desk(shelf=Shelf(plain))
    for name in ("empty", "full"):
        await buckets.make(house.desk, ERRAND, name)
    await buckets.authorise(house.desk, ERRAND, ["empty"])
    house.with_desk(shelf=home)
    await store.put(f"buckets/{PROJECT}/full/a", b"x")

    mapped = await map_to(house, "acme-data", name="empty")

    assert (mapped.authorised, mapped.location) == (True, Location("acme-data"))
    assert await refused(NotNow, map_to(house, "acme-more", name="full")) == [FaultCode.BUCKET_NOT_EMPTY]
    assert await refused(NotNow, mappings.unmap_bucket(house.desk, OPERATOR, PROJECT, "full")) == [
        FaultCode.BUCKET_NOT_MAPPED
    ]


async def test_a_store_without_buckets_has_nothing_to_map_to(house):
    assert await refused(NotNow, map_to(house, "acme-data")) == [FaultCode.STORE_WITHOUT_BUCKETS]
