"""Which facts are worth an alarm, and what it says: one message when a job breaks or cannot be submitted.

An alarm has no reader whose language is known, so its words are English and made here, not at the edge.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from penstock.domain.history import Fact
from penstock.domain.job import Job
from penstock.domain.lifecycle import State
from penstock.domain.outbox import ALARM_LIFE, Message
from penstock.domain.reason import Reason, ReasonCode

# DLI's own names, since whoever reads an alarm looks for them in DLI's clients; a test holds them against `api/words`.
STATUSES: Mapping[State, str] = MappingProxyType(
    {State.FAILED: "job_running_exception", State.LAUNCH_FAILED: "job_submit_fail"}
)
_HEADINGS = {State.FAILED: "failed", State.LAUNCH_FAILED: "could not be submitted"}

R = ReasonCode
SENTENCES: Mapping[ReasonCode, str] = MappingProxyType(
    {
        R.QUEUE_GONE: "The queue {queue} is gone.",
        R.QUEUE_TOO_SMALL: "The queue {queue} has {total} CUs in all, the job asks for {asked}.",
        R.REFUSED: "{said}",
        R.LAUNCH_TIMED_OUT: "It did not run after {seconds} s and was given up.",
        R.BROKE: "{said}",
        R.LOST: "The processes that ran it are gone. {said}",
        R.STATE_UNREADABLE: "It had state that cannot be read now, so it does not begin again by itself. {said}",
    }
)

_SUBJECT_LIMIT = 512  # bytes (smn: "Publishing a message")
_SAID_LIMIT = 8000  # characters; Flink's own words can be a stack trace of any length
_NO_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_NO_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_HALVES = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A message for the job's topic."""

    topic_name: str
    message: Message


def alarm_of(job: Job, fact: Fact) -> Alarm | None:
    """The alarm that the fact raises, None if it raises none. `job` is the job as it is after the fact."""
    if fact.after not in STATUSES or fact.before is fact.after:
        return None
    if not job.spec.smn_topic or job.deleted_at is not None:
        return None
    message = Message(
        id=_id_of(job, fact), subject=_subject(job, fact), text=_text(job, fact), said_at=fact.at, life=ALARM_LIFE
    )
    return Alarm(topic_name=job.spec.smn_topic, message=message)


def sentence_of(reason: Reason) -> str:
    """Why, in English; a reason without a sentence says its code and what it knows."""
    shown = _Shown({name: _clean(str(value)) for name, value in reason.params.items() if value is not None})
    if reason.code in SENTENCES:
        return SENTENCES[reason.code].format_map(shown).strip()
    return ", ".join([reason.code.value, *(f"{name}: {value}" for name, value in shown.items())])


def _id_of(job: Job, fact: Fact) -> str:
    """The same whenever the same fact is told: readers know a repetition by it."""
    # Job ids count from one in every installation; the project's id is random.
    named = (job.project_id, job.id, fact.run_id, fact.what, fact.at.isoformat())
    return hashlib.sha256("\n".join(map(str, named)).encode()).hexdigest()[:32]


def _subject(job: Job, fact: Fact) -> str:
    subject = f"Flink job {job.spec.name} ({job.id}) {_HEADINGS[fact.after]}: {STATUSES[fact.after]}"
    return _NO_LINE.sub(" ", _HALVES.sub("?", subject)).encode()[:_SUBJECT_LIMIT].decode("utf-8", "ignore")


def _text(job: Job, fact: Fact) -> str:
    lines = {
        "Job ID": job.id,
        "Job name": _clean(job.spec.name),
        "Project ID": job.project_id,
        "Queue": _clean(job.spec.queue_name),
        "Status": STATUSES[fact.after],
        "Reason": sentence_of(fact.reason),
        "Reason code": fact.reason.code.value,
        "Run ID": fact.run_id or "",
        "Time": f"{fact.at:%Y-%m-%dT%H:%M:%SZ}",
    }
    told = "\n".join(f"{name}: {value}" for name, value in lines.items() if value != "")
    return f"The Flink job {_clean(job.spec.name)} {_HEADINGS[fact.after]}.\n\n{told}\n"


def _clean(text: str) -> str:
    """Lines and tabs stay; whatever else steers a terminal or a mail does not."""
    short = text if len(text) <= _SAID_LIMIT else text[: _SAID_LIMIT - 1] + "…"
    return _NO_TEXT.sub(" ", _HALVES.sub("?", short.replace("\r\n", "\n")))


class _Shown(dict[str, str]):
    """Words must come out even of a reason that was written down without a parameter."""

    def __missing__(self, key: str) -> str:
        return ""
