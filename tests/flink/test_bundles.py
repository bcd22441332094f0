"""Bundles are built once and kept as long as there is room."""

import asyncio
import os
import zipfile
from pathlib import Path

import pytest

from engines.local.places import TEST_JOBS
from penstock.domain.errors import ObjectMissing
from penstock.domain.run_sheet import Part, RunSheet
from penstock.flink.bundles import Bundles
from penstock.testing.builders import a_sheet
from penstock.testing.surroundings import FolderOfBlobs

pytestmark = pytest.mark.anyio


@pytest.fixture
def blobs(tmp_path: Path) -> FolderOfBlobs:
    return FolderOfBlobs(tmp_path / "blobs")


def a_sheet_of(blobs: FolderOfBlobs, *files: tuple[str, bytes]) -> RunSheet:
    jar = Part("testjobs.jar", blobs.keep(TEST_JOBS.read_bytes()))
    return a_sheet(entrypoint=jar, jars=(jar, jar), files=tuple(Part(name, blobs.keep(data)) for name, data in files))


async def test_a_bundle_holds_what_the_sheet_names(tmp_path: Path, blobs: FolderOfBlobs) -> None:
    sheet = a_sheet_of(blobs, ("g/a.csv", b"1"))

    bundle = await Bundles(tmp_path / "bundles", blobs, 10**9).fetch(sheet)

    names = zipfile.ZipFile(bundle).namelist()
    assert bundle.name == f"{sheet.bundle}.jar"
    assert f"lib/{sheet.entrypoint.sha256}.jar" in names
    assert "userData/a.csv" in names


async def test_runs_of_one_sheet_build_one_bundle(tmp_path: Path, blobs: FolderOfBlobs) -> None:
    bundles = Bundles(tmp_path / "bundles", blobs, 10**9)
    sheet = a_sheet_of(blobs)

    paths = await asyncio.gather(*(bundles.fetch(sheet) for _ in range(3)))
    before = paths[0].stat().st_ino
    await bundles.fetch(sheet)

    assert len(set(paths)) == 1
    assert paths[0].stat().st_ino == before


async def test_the_least_recently_used_goes_first(tmp_path: Path, blobs: FolderOfBlobs) -> None:
    bundles = Bundles(tmp_path / "bundles", blobs, 2 * 100_000)
    old, used, new = (a_sheet_of(blobs, ("a", letter * 10)) for letter in (b"1", b"2", b"3"))
    for age, sheet in ((30, old), (20, used)):
        path = await bundles.fetch(sheet)
        os.utime(path, (path.stat().st_mtime - age, path.stat().st_mtime - age))

    await bundles.fetch(new)

    names = {path.stem for path in (tmp_path / "bundles").glob("*.jar")}
    assert names == {used.bundle, new.bundle}


async def test_a_missing_content_is_told(tmp_path: Path, blobs: FolderOfBlobs) -> None:
    sheet = a_sheet(entrypoint=Part("x.jar", "e" * 64))

    with pytest.raises(ObjectMissing):
        await Bundles(tmp_path / "bundles", blobs, 10**9).fetch(sheet)
