"""The names of pieces, and what is read out of them again."""

import pytest

from penstock.domain.lifecycle import State
from penstock.domain.log import PIECE, LogCursor, LogPiece, end_of, log_folder, piece_name, piece_of, submit_log
from penstock.domain.reason import Reason, ReasonCode
from penstock.testing.builders import a_job, a_run, a_run_id
from penstock.testing.clock import NOON


@pytest.mark.parametrize(
    ("file", "stream"),
    [("jobmanager.log", "jobmanager"), ("taskmanager-1.out", "taskmanager-1.out"), ("a.crash.log", "a.crash")],
)
def test_a_piece_is_found_again_by_its_name(file, stream):
    assert piece_of(piece_name(file, 12345)) == LogPiece(stream, 12345)


def test_names_have_the_order_of_the_stream():
    names = [piece_name("jobmanager.log", at) for at in (0, 9, 10, PIECE, 10**14)]

    assert names == sorted(names)


@pytest.mark.parametrize("name", ["submit.log", "jobmanager.log", "jobmanager.12.log", ".000000000000001.log"])
def test_what_is_no_piece_is_none(name):
    assert piece_of(name) is None


def test_the_object_that_grows_begins_at_a_whole_piece():
    cursors = [
        LogCursor(run=a_run_id(1), file="f", incarnation="1", begins=0, shipped=10),
        LogCursor(run=a_run_id(1), file="f", incarnation="2", begins=10, shipped=2 * PIECE + 1),
    ]

    assert [cursor.piece for cursor in cursors] == [0, 2 * PIECE]
    assert (end_of(cursors, "f"), end_of(cursors, "g")) == (11 + 2 * PIECE, 0)


def test_the_longest_name_of_a_job_fits_into_a_folder():
    job = a_job(id=10**18, state=State.RUNNING)
    job = a_job(id=10**18, state=State.RUNNING, spec=type(job.spec)(name="𠀀" * 57))

    assert max(len(part.encode()) for part in log_folder(job).split("/")) <= 255


def test_a_failed_submission_has_a_folder_of_its_own():
    reason = Reason.of(ReasonCode.REFUSED, said="main() threw")
    job = a_job(state=State.LAUNCH_FAILED, run=a_run(), reason=reason)

    assert log_folder(job) == f"jobs/logs/1_test/submit-client/{job.run.id}"
    assert submit_log(job) == f"{NOON.isoformat()} The submission of run {job.run.id} failed.\nmain() threw\n"
