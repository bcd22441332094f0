"""Making, listing, showing, renaming and deleting topics."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from penstock.domain.errors import Invalid, NotFound, NotNow
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.topic import (
    TOPICS_LIMIT,
    Topic,
    display_name_faults_of,
    is_topic_urn,
    topic_faults_of,
    topic_name_in,
    topic_urn_of,
)
from penstock.ports.records import Tx
from penstock.ports.topics import TopicFilter, TopicPage
from penstock.usecases.access import project_of
from penstock.usecases.desk import Desk
from penstock.usecases.errand import Errand

_ID_DIGITS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTopic:
    """What a caller says of a topic when making it."""

    name: str
    display_name: str = ""
    enterprise_project_id: str = "0"


@dataclass(frozen=True, slots=True)
class MadeTopic:
    """The topic of that name, and whether there was none before."""

    topic: Topic
    is_new: bool


async def create(desk: Desk, errand: Errand, new: NewTopic, known: Sequence[Fault] = ()) -> MadeTopic:
    """A name that is there already is answered with its topic, unchanged. Raises Invalid."""
    paths = {fault.path for fault in known}
    own = [fault for fault in topic_faults_of(new.name, new.display_name) if fault.path not in paths]
    if faults := [*known, *own]:
        raise Invalid(faults)
    now = desk.clock.now()
    topic = Topic(
        id=desk.ids.hex(_ID_DIGITS),
        urn=topic_urn_of(project_of(errand.caller, errand.project_id), new.name),
        project_id=errand.project_id,
        name=new.name,
        display_name=new.display_name,
        enterprise_project_id=new.enterprise_project_id,
        created_at=now,
        updated_at=now,
    )
    return await desk.records.change(_add, topic)


async def list_topics(desk: Desk, errand: Errand, wanted: TopicFilter) -> TopicPage:
    """In the order of the names."""
    return await desk.records.look(_list, errand, wanted)


async def show(desk: Desk, errand: Errand, urn: str) -> Topic:
    """Raises NotFound, or Invalid where the URN is none."""
    return await desk.records.look(found_topic, errand, urn)


async def rename(desk: Desk, errand: Errand, urn: str, display_name: str, known: Sequence[Fault] = ()) -> None:
    """Only the name that people read can change. Raises NotFound or Invalid."""
    if faults := [*known, *([] if known else display_name_faults_of(display_name))]:
        raise Invalid(faults)
    await desk.records.change(_rename, desk, errand, urn, display_name)


async def delete(desk: Desk, errand: Errand, urn: str) -> None:
    """With its subscriptions; jobs that name it go on, and their history says that nobody could be told. Raises
    NotFound, or Invalid where the URN is none."""
    await desk.records.change(_delete, errand, urn)


def found_topic(tx: Tx, errand: Errand, urn: str) -> Topic:
    """The topic, if it is the project's. Raises NotFound, or Invalid where the URN is none."""
    if not is_topic_urn(urn):
        raise Invalid.of(FaultCode.TOPIC_URN_INVALID, "topic_urn", urn=urn[:300])
    name = topic_name_in(urn, errand.project_id)
    topic = tx.topics.find(errand.project_id, name) if name else None
    if topic is None or topic.urn != urn:
        raise NotFound.of(FaultCode.TOPIC_NOT_FOUND, "topic_urn", topic=urn)
    return topic


def _add(tx: Tx, topic: Topic) -> MadeTopic:
    if kept := tx.topics.find(topic.project_id, topic.name):
        return MadeTopic(kept, is_new=False)
    if tx.topics.list(topic.project_id, TopicFilter(limit=1)).total >= TOPICS_LIMIT:
        raise NotNow.of(FaultCode.TOPICS_TOO_MANY, limit=TOPICS_LIMIT)
    tx.topics.add(topic)
    return MadeTopic(topic, is_new=True)


def _list(tx: Tx, errand: Errand, wanted: TopicFilter) -> TopicPage:
    return tx.topics.list(errand.project_id, wanted)


def _rename(tx: Tx, desk: Desk, errand: Errand, urn: str, display_name: str) -> None:
    topic = found_topic(tx, errand, urn)
    tx.topics.save(replace(topic, display_name=display_name, updated_at=desk.clock.now()))


def _delete(tx: Tx, errand: Errand, urn: str) -> None:
    tx.topics.delete(found_topic(tx, errand, urn))
