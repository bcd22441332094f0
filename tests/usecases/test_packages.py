"""Packages without HTTP around them: names are checked here too, and contents outlive names."""

import hashlib
from pathlib import Path

import pytest

from api.house import MINE, SECOND, House, a_house
from penstock.domain.caller import Caller
from penstock.domain.errors import Invalid, NotFound, StoreFull
from penstock.domain.package import Package, PackageKind, PackageName
from penstock.testing.object_store import MemoryObjectStore
from penstock.usecases.access import known_by_key
from penstock.usecases.errand import Errand, errand_for
from penstock.usecases.packages import UploadedFile, delete_package, list_packages, show_package, store_package

pytestmark = pytest.mark.anyio

NAME = PackageName("g", "a.jar")


@pytest.fixture
async def house(tmp_path: Path) -> House:
    return await a_house(tmp_path)


@pytest.fixture
async def caller(house: House) -> Caller:
    holder = await known_by_key(house.desk, "AK")
    assert holder is not None
    return holder.caller


@pytest.fixture
def errand(caller: Caller) -> Errand:
    return errand_for(caller, MINE)


async def kept(
    house: House, errand: Errand, name: PackageName = NAME, content: bytes = b"x", kind: PackageKind = PackageKind.JAR
) -> Package:
    path = house.folder / "upload"
    path.write_bytes(content)
    file = UploadedFile(path=path, sha256=hashlib.sha256(content).hexdigest(), size=len(content))
    return await store_package(house.desk, errand, name, kind, file)


async def test_a_package_is_what_was_stored(house: House, errand: Errand) -> None:
    package = await kept(house, errand)

    assert await show_package(house.desk, errand, NAME) == package
    assert (package.owner, package.size) == ("a1", 1)


async def test_a_name_that_cannot_be_is_refused_before_the_content_is_kept(house: House, errand: Errand) -> None:
    with pytest.raises(Invalid):
        await kept(house, errand, PackageName("g", "../a.jar"))

    assert not list((house.folder / "store" / "objects").rglob("*"))


async def test_a_content_that_cannot_be_stored_gets_no_name(tmp_path: Path) -> None:
    store = MemoryObjectStore()
    store.trouble = StoreFull()
    house = await a_house(tmp_path, store=store)
    holder = await known_by_key(house.desk, "AK")
    assert holder is not None
    errand = errand_for(holder.caller, MINE)

    with pytest.raises(StoreFull):
        await kept(house, errand)

    assert await list_packages(house.desk, errand) == ()


async def test_the_list_is_in_the_order_of_letters_whatever_the_database_thinks(house: House, errand: Errand) -> None:
    for name in (PackageName("b", "a"), PackageName("", "z"), PackageName("B", "a"), PackageName("b", "Z")):
        await kept(house, errand, name, kind=PackageKind.FILE)

    names = [str(package.name) for package in await list_packages(house.desk, errand, PackageKind.FILE)]

    assert names == ["z", "B/a", "b/Z", "b/a"]
    assert await list_packages(house.desk, errand, PackageKind.JAR) == ()


async def test_deleting_takes_the_name_and_leaves_the_content_to_whoever_needs_it(house: House, errand: Errand) -> None:
    package = await kept(house, errand)

    await delete_package(house.desk, errand, NAME)

    assert (await house.desk.blobs.fetch(package.sha256)).read_bytes() == b"x"
    with pytest.raises(NotFound):
        await show_package(house.desk, errand, NAME)


@pytest.mark.parametrize("name", [PackageName("", "a.jar"), PackageName("g", "\x00"), PackageName("g", "b.jar")])
async def test_what_is_not_there_is_neither_shown_nor_deleted(house: House, errand: Errand, name: PackageName) -> None:
    await kept(house, errand)

    with pytest.raises(NotFound):
        await show_package(house.desk, errand, name)
    with pytest.raises(NotFound):
        await delete_package(house.desk, errand, name)


async def test_projects_do_not_see_each_others_packages(house: House, errand: Errand, caller: Caller) -> None:
    await kept(house, errand)

    other = errand_for(caller, SECOND)

    assert await list_packages(house.desk, other) == ()
    with pytest.raises(NotFound):
        await delete_package(house.desk, other, NAME)
