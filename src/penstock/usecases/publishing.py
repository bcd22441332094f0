"""Publishing a message to a topic: a letter to everybody who hears it, delivered by the publisher."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from penstock.domain.errors import Invalid
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.outbox import Message, letter_to
from penstock.domain.topic import has_control_characters
from penstock.ports.bell import OUTBOX
from penstock.ports.records import Tx
from penstock.usecases.desk import Desk
from penstock.usecases.errand import Errand
from penstock.usecases.topics import found_topic

MESSAGE_LIMIT = 256 * 1024  # bytes (smn: "Publishing a message")
SUBJECT_LIMIT = 512  # bytes
LIFE = (1, 86_400)  # seconds
_MESSAGE_DIGITS = 32
_NO_TEXT = re.compile(r"[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What a caller says; of message and structure the structure wins (smn: "Publishing a message")."""

    subject: str = ""
    message: str = ""
    structure: str = ""  # JSON: a text by protocol, and one named `default`
    seconds: int = 3600  # until it is given up


@dataclass(frozen=True, slots=True)
class _Texts:
    default: str
    by_protocol: Mapping[str, str] = field(default_factory=dict)


async def publish(desk: Desk, errand: Errand, topic_urn: str, said: Publication, known: Sequence[Fault] = ()) -> str:
    """The message's id; it is on its way once this returns. Raises NotFound or Invalid."""
    await desk.records.look(found_topic, errand, topic_urn)
    texts = _texts_of(said)
    paths = {fault.path for fault in known}
    if faults := [*known, *(fault for fault in _faults(said, texts) if fault.path not in paths)]:
        raise Invalid(faults)
    message = Message(
        id=desk.ids.hex(_MESSAGE_DIGITS),
        subject=said.subject,
        text=texts.default if texts else "",
        said_at=desk.clock.now(),
        life=timedelta(seconds=said.seconds),
    )
    await desk.records.change(_write, errand, topic_urn, message, texts.by_protocol if texts else {})
    desk.bell.ring(OUTBOX)
    return message.id


def _faults(said: Publication, texts: _Texts | None) -> list[Fault]:
    faults = []
    if has_control_characters(said.subject) or _size(said.subject) > SUBJECT_LIMIT:
        faults.append(Fault.at("subject", FaultCode.SUBJECT_INVALID, limit=SUBJECT_LIMIT))
    if texts is None:
        faults.append(Fault.at("message_structure", FaultCode.MESSAGE_STRUCTURE_INVALID))
    elif not texts.default or not _is_whole(texts.default) or _size(said.structure or said.message) > MESSAGE_LIMIT:
        faults.append(Fault.at("message", FaultCode.MESSAGE_INVALID, limit=MESSAGE_LIMIT))
    low, high = LIFE
    if not low <= said.seconds <= high:
        faults.append(Fault.at("time_to_live", FaultCode.TIME_TO_LIVE_INVALID, low=low, high=high))
    return faults


def _texts_of(said: Publication) -> _Texts | None:
    """None where the structure cannot be read."""
    if not said.structure:
        return _Texts(said.message)
    try:
        document = json.loads(said.structure)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or not document.get("default"):
        return None
    if not all(isinstance(text, str) and _is_whole(text) for text in document.values()):
        return None
    return _Texts(document["default"], document)


def _write(tx: Tx, errand: Errand, topic_urn: str, message: Message, by_protocol: Mapping[str, str]) -> None:
    topic = found_topic(tx, errand, topic_urn)
    for subscription in tx.subscriptions.hearing(topic.urn):
        text = by_protocol.get(subscription.protocol, message.text)
        tx.outbox.add(letter_to(subscription, replace(message, text=text), topic.display_name or topic.name))


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def _is_whole(text: str) -> bool:
    """JSON can spell half a character, and none at all; no database or mail can hold them."""
    return not _NO_TEXT.search(text)
