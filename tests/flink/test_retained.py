"""Which checkpoint a job may begin again from, and which savepoints are there though nobody tells of them any more."""

from pathlib import Path

import pytest

from penstock.domain.observation import Observation, Retained, SavepointNews, SavepointSeen, Seen
from penstock.domain.savepoint import SavepointId
from penstock.flink.retained import retained_in, with_savepoints_on_disk
from penstock.testing.builders import a_run_id

NEW, OLD = "a" * 32, "b" * 32


@pytest.fixture
def checkpoints(tmp_path):
    return tmp_path / "checkpoints"


def a_checkpoint(checkpoints, job, number, metadata=b"\x49\x60\x67\x2d\x00\x00\x00\x04state"):
    folder = checkpoints / job / f"chk-{number}"
    folder.mkdir(parents=True)
    if metadata is not None:
        (folder / "_metadata").write_bytes(metadata)
    return folder


def test_the_newest_by_number_wins(checkpoints):
    a_checkpoint(checkpoints, NEW, 9)
    newest = a_checkpoint(checkpoints, NEW, 10)

    assert retained_in(checkpoints, [NEW]) == Retained(f"file://{newest}", had_state=True)


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        b"",
        b"\x49\x60\x67\x2d",
        b"\x49\x60\x67\x2d\x00\x00\x00\x04",
        b"not a checkpoint",
        b"\x49\x60\x67\x2d\xff\xff\xff\xffx",
    ],
)
def test_one_that_is_not_whole_is_passed_over(checkpoints, metadata):
    whole = a_checkpoint(checkpoints, NEW, 1)
    a_checkpoint(checkpoints, NEW, 2, metadata)

    assert retained_in(checkpoints, [NEW]).checkpoint == f"file://{whole}"


@pytest.mark.parametrize("size", [None, 4])
@pytest.mark.parametrize("is_beside", [True, False])
def test_one_whose_state_files_are_gone_or_cut_short_is_passed_over(checkpoints, size, is_beside):
    folder = a_checkpoint(checkpoints, NEW, 1)
    file = folder / UUID if is_beside else checkpoints / "shared file"
    (folder / "_metadata").write_bytes(naming(file, 5, is_beside))
    if size is not None:
        file.write_bytes(b"s" * size)

    assert retained_in(checkpoints, [NEW]) == Retained(had_state=True)


@pytest.mark.parametrize("is_beside", [True, False])
def test_one_whose_state_files_are_there_is_whole(checkpoints, is_beside):
    folder = a_checkpoint(checkpoints, NEW, 1)
    file = folder / UUID if is_beside else checkpoints / "shared file"
    (folder / "_metadata").write_bytes(naming(file, 5, is_beside))
    file.write_bytes(b"state")

    assert retained_in(checkpoints, [NEW]).checkpoint == f"file://{folder}"


def test_small_state_lies_in_the_metadata_under_the_name_of_a_file_that_never_was(checkpoints):
    name = f"file:{checkpoints}/{UUID}".encode()
    in_itself = HEAD + b"\x01" + len(name).to_bytes(2, "big") + name + b"\x00\x00\x00\x03abc"
    folder = a_checkpoint(checkpoints, NEW, 1, in_itself)

    assert retained_in(checkpoints, [NEW]).checkpoint == f"file://{folder}"


UUID = "9a311979-d690-4f89-b185-33201388f703"
HEAD = b"\x49\x60\x67\x2d\x00\x00\x00\x04"


def naming(file, size, is_beside):
    """Metadata with one handle, followed by bytes that could be letters of its name."""
    if is_beside:
        return HEAD + b"\x03\x00\x24" + file.name.encode() + size.to_bytes(8, "big") + b"abc"
    name = f"file:{file}".encode()
    return HEAD + b"\x02" + size.to_bytes(8, "big") + len(name).to_bytes(2, "big") + name + b"abc"


def test_a_run_that_made_none_leaves_it_to_the_run_before(checkpoints):
    older = a_checkpoint(checkpoints, OLD, 3)

    assert retained_in(checkpoints, [NEW, OLD]).checkpoint == f"file://{older}"


def test_a_job_that_never_had_state_has_none(checkpoints):
    a_checkpoint(checkpoints, NEW, 1, metadata=None)  # begun, never completed

    assert retained_in(checkpoints, [NEW]) == Retained()


ASKED, OTHER = SavepointId("c" * 32), SavepointId("d" * 32)
FLINKS_NAME = "savepoint-1c91bd-2f54e3b8f7f5"


def a_savepoint(state: Path, savepoint: SavepointId = ASKED, name: str = FLINKS_NAME, size: int | None = 5) -> Path:
    """With one file of state of five bytes, of which `size` are there."""
    folder = state / "savepoints" / savepoint / name
    folder.mkdir(parents=True)
    (folder / "_metadata").write_bytes(naming(folder / UUID, 5, is_beside=True))
    if size is not None:
        (folder / UUID).write_bytes(b"s" * size)
    return folder


def told(news: SavepointNews | None = None) -> Observation:
    """What the place itself says of the savepoint that was asked for, if it says anything."""
    known = {ASKED: news} if news else {}
    return Observation(run=a_run_id(1), seen=Seen.LOST, said="gone", savepoints=known)


def completed(folder: Path) -> SavepointNews:
    return SavepointNews(SavepointSeen.COMPLETED, path=f"file://{folder}")


@pytest.mark.anyio
@pytest.mark.parametrize("seen", [told(), told(SavepointNews(SavepointSeen.UNKNOWN))], ids=["untold", "unknown"])
async def test_a_savepoint_that_lies_whole_in_the_folder_of_its_id_is_complete(tmp_path, seen):
    folder = a_savepoint(tmp_path)

    found = await with_savepoints_on_disk(seen, [ASKED], tmp_path)

    assert found.savepoints == {ASKED: completed(folder)}
    assert (found.run, found.seen, found.said) == (seen.run, seen.seen, seen.said)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "news",
    [
        SavepointNews(SavepointSeen.IN_PROGRESS),
        SavepointNews(SavepointSeen.FAILED, said="the disk is full"),
        SavepointNews(SavepointSeen.COMPLETED, path="file:/elsewhere"),
    ],
)
async def test_flinks_own_word_counts_more_than_what_lies_there(tmp_path, news):
    a_savepoint(tmp_path)

    assert await with_savepoints_on_disk(told(news), [ASKED], tmp_path) == told(news)


@pytest.mark.anyio
@pytest.mark.parametrize("size", [None, 4])
async def test_half_a_savepoint_is_none(tmp_path, size):
    a_savepoint(tmp_path, size=size)

    assert await with_savepoints_on_disk(told(), [ASKED], tmp_path) == told()


@pytest.mark.anyio
async def test_a_savepoint_without_its_metadata_is_none(tmp_path):
    (a_savepoint(tmp_path) / "_metadata").rename(tmp_path / "._metadata.inprogress.1")

    assert await with_savepoints_on_disk(told(), [ASKED], tmp_path) == told()


@pytest.mark.anyio
async def test_what_a_first_try_left_half_does_not_hide_the_whole_one(tmp_path):
    a_savepoint(tmp_path, name="savepoint-1c91bd-000000000000", size=None)
    whole = a_savepoint(tmp_path)

    found = await with_savepoints_on_disk(told(), [ASKED], tmp_path)

    assert found.savepoints == {ASKED: completed(whole)}


@pytest.mark.anyio
async def test_the_folders_of_other_savepoints_are_foreign(tmp_path):
    a_savepoint(tmp_path, OTHER)
    a_savepoint(tmp_path / "savepoints" / ASKED)  # one that is too deep

    assert await with_savepoints_on_disk(told(), [ASKED], tmp_path) == told()


@pytest.mark.anyio
async def test_only_savepoints_that_were_asked_for_are_told_of(tmp_path):
    folder = a_savepoint(tmp_path)
    a_savepoint(tmp_path, OTHER)

    found = await with_savepoints_on_disk(told(), [ASKED], tmp_path)

    assert found.savepoints == {ASKED: completed(folder)}


@pytest.mark.anyio
async def test_what_stands_where_a_folder_should_hides_no_other_savepoint(tmp_path):
    (tmp_path / "savepoints").mkdir()
    (tmp_path / "savepoints" / OTHER).write_text("a file")
    folder = a_savepoint(tmp_path)

    found = await with_savepoints_on_disk(told(), [OTHER, ASKED], tmp_path)

    assert found.savepoints == {ASKED: completed(folder)}


@pytest.mark.anyio
async def test_a_job_without_a_folder_has_none(tmp_path):
    assert await with_savepoints_on_disk(told(), [ASKED], tmp_path / "nowhere") == told()


@pytest.mark.anyio
async def test_state_that_is_out_of_sight_adds_nothing():
    assert await with_savepoints_on_disk(told(), [ASKED], None) == told()
