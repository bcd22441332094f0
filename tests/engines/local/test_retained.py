"""Which checkpoint a job may begin again from."""

import pytest

from penstock.domain.observation import Retained
from penstock.engines.local.retained import retained_in

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


def test_one_whose_state_files_are_gone_is_passed_over(checkpoints):
    a_checkpoint(checkpoints, NEW, 1, naming(checkpoints / "gone"))

    assert retained_in(checkpoints, [NEW]) == Retained(had_state=True)


def test_one_whose_state_files_are_there_is_whole(checkpoints):
    state = a_checkpoint(checkpoints, NEW, 1).parent / "chk-1" / "state file"
    state.write_bytes(b"state")
    (state.parent / "_metadata").write_bytes(naming(state))

    assert retained_in(checkpoints, [NEW]).checkpoint == f"file://{state.parent}"


def naming(file):
    """Metadata that names a file as Java writes texts, followed by bytes that could be letters of it."""
    uri = f"file:{file}".encode()
    return b"\x49\x60\x67\x2d\x00\x00\x00\x04" + len(uri).to_bytes(2, "big") + uri + b"abc\x00"


def test_a_run_that_made_none_leaves_it_to_the_run_before(checkpoints):
    older = a_checkpoint(checkpoints, OLD, 3)

    assert retained_in(checkpoints, [NEW, OLD]).checkpoint == f"file://{older}"


def test_a_job_that_never_had_state_has_none(checkpoints):
    a_checkpoint(checkpoints, NEW, 1, metadata=None)  # begun, never completed

    assert retained_in(checkpoints, [NEW]) == Retained()
