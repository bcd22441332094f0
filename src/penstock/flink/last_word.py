"""Flink's last word about a job that is over, as an engine keeps it: Flink itself forgets, or is gone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from penstock.domain.observation import Observation, SavepointNews, SavepointSeen, Seen
from penstock.domain.run import RunId
from penstock.domain.savepoint import SavepointId

OVER = frozenset({Seen.CANCELED, Seen.FINISHED, Seen.FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class LastWord:
    """Its state, the root cause, its savepoints."""

    seen: Seen
    said: str = ""
    savepoints: Mapping[SavepointId, SavepointNews] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Nothing of it can change any more."""
        pending = any(news.seen is SavepointSeen.IN_PROGRESS for news in self.savepoints.values())
        return self.seen in OVER and not pending

    def as_json(self) -> str:
        ends = {savepoint: (news.seen, news.path, news.said) for savepoint, news in self.savepoints.items()}
        return json.dumps({"seen": self.seen, "said": self.said, "savepoints": ends})

    def observed(self, run: RunId) -> Observation:
        return Observation(run=run, seen=self.seen, said=self.said, savepoints=self.savepoints)


def last_word_from(text: str) -> LastWord:
    found = json.loads(text)
    savepoints = {
        SavepointId(id): SavepointNews(SavepointSeen(seen), path=path, said=said)
        for id, (seen, path, said) in found["savepoints"].items()
    }
    return LastWord(seen=Seen(found["seen"]), said=found["said"], savepoints=savepoints)
