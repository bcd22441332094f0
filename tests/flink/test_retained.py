"""Which checkpoint a job may begin again from."""

import pytest

from penstock.domain.observation import Retained
from penstock.flink.retained import retained_in

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
