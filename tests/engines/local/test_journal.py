"""A pair's folder is the truth about it."""

from pathlib import Path

import pytest

from penstock.domain.run import RunId
from penstock.domain.savepoint import SavepointId
from penstock.engines.local.journal import Birth, Claim, Journal, Note
from penstock.engines.local.shape import Shape
from penstock.flink.launch import Ports
from penstock.testing.clock import NOON

MINE, OTHER = Claim(run=RunId("1" * 24), job_id=1), Claim(run=RunId("2" * 24), job_id=2)
BIRTH = Birth(shape=Shape(slots=2), ports=Ports(rpc=1, rest=2), made_of="1.20.5 21 1", started_at=NOON)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    journal = Journal(tmp_path / "p1")
    journal.make(BIRTH)
    return journal


def test_a_birth_is_read_as_it_was_written(journal: Journal) -> None:
    assert Journal(journal.folder).birth() == BIRTH


def test_a_folder_that_was_not_finished_is_nobodys_pair(tmp_path: Path) -> None:
    assert Journal(tmp_path).birth() is None


def test_only_the_first_claim_holds(journal: Journal) -> None:
    assert journal.claim(MINE)
    assert not journal.claim(OTHER)
    assert journal.claim(MINE)
    assert Journal(journal.folder).claimed() == MINE


def test_a_draft_of_a_claim_is_no_claim(journal: Journal) -> None:
    (journal.folder / "claim.draft").write_text('{"run": "x')

    assert journal.claimed() is None
    assert journal.claim(MINE)


def test_notes_last(journal: Journal) -> None:
    journal.note(Note.SUBMITTING)
    journal.note(Note.REFUSED, "因为\nso")

    assert Journal(journal.folder).notes() == {Note.SUBMITTING: "", Note.REFUSED: "因为\nso"}


def test_the_savepoint_that_was_asked_for_last_is_remembered(journal: Journal) -> None:
    before = journal.savepoints()
    journal.note_savepoint(SavepointId("a" * 32))
    journal.note_savepoint(SavepointId("b" * 32))

    assert before == frozenset()
    assert Journal(journal.folder).savepoints() == {"b" * 32}


def test_strangers_may_not_look_inside(journal: Journal) -> None:
    assert journal.folder.stat().st_mode & 0o077 == 0
    assert journal.folders.conf.stat().st_mode & 0o077 == 0


def test_what_is_removed_is_gone(journal: Journal) -> None:
    journal.remove()
    journal.remove()

    assert not journal.folder.exists()
