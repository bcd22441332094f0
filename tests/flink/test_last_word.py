"""Flink's last word about a job survives being written down."""

import pytest

from penstock.domain.observation import SavepointNews, SavepointSeen, Seen
from penstock.domain.savepoint import SavepointId
from penstock.flink.last_word import LastWord, last_word_from

SAVEPOINT = SavepointId("5" * 32)


def test_what_was_written_is_what_is_read() -> None:
    news = SavepointNews(SavepointSeen.COMPLETED, path="file:/s", said="")
    word = LastWord(seen=Seen.FAILED, said="a.B: “no”\nat", savepoints={SAVEPOINT: news})

    assert last_word_from(word.as_json()) == word


@pytest.mark.parametrize(
    ("seen", "savepoint", "is_whole"),
    [
        (Seen.FINISHED, SavepointSeen.COMPLETED, True),
        (Seen.FINISHED, SavepointSeen.IN_PROGRESS, False),
        (Seen.RUNNING, SavepointSeen.COMPLETED, False),
    ],
)
def test_it_is_the_last_once_nothing_can_change(seen: Seen, savepoint: SavepointSeen, is_whole: bool) -> None:
    assert LastWord(seen=seen, savepoints={SAVEPOINT: SavepointNews(savepoint)}).is_whole is is_whole
