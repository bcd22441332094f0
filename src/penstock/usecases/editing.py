"""Changing jobs: their fields, as far as their state allows it, and their tags in any state."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from penstock.domain.edit import ANY_TIME, Edit
from penstock.domain.errors import Invalid, StaleWrite
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.job import Job
from penstock.domain.lifecycle import State
from penstock.domain.run import JobId
from penstock.ports.records import Tx
from penstock.usecases.desk import Desk
from penstock.usecases.errand import Errand
from penstock.usecases.finding import found_in, patiently
from penstock.usecases.jobs import beside, draft_reason, searchable
from penstock.usecases.material import Material
from penstock.usecases.readiness import Survey, demand_unchanged, survey

Tags = Sequence[tuple[str, str]]


async def update(
    desk: Desk, errand: Errand, job_id: JobId, changes: Mapping[str, Any], known: Sequence[Fault] = ()
) -> Job:
    """The job with these fields, the others as they were; what runs of it follows its run sheet to the end.

    `known` are faults that were found before there was a spec. Raises NotFound, or Invalid with every fault at once.
    """
    return await patiently(lambda: _update(desk, errand, job_id, changes, known))


async def show_tags(desk: Desk, errand: Errand, job_id: JobId) -> tuple[tuple[str, str], ...]:
    """Raises NotFound."""
    return (await desk.records.look(found_in, errand, job_id)).spec.tags


async def add_tags(desk: Desk, errand: Errand, job_id: JobId, tags: Tags) -> None:
    """A tag whose key is there gets the new value. Raises NotFound or Invalid."""
    await patiently(lambda: desk.records.change(_set_tags, desk, errand, job_id, tags, ()))


async def remove_tags(desk: Desk, errand: Errand, job_id: JobId, tags: Tags) -> None:
    """Those with these keys, and where a value is given, with this value; one that is not there is gone already."""
    await patiently(lambda: desk.records.change(_set_tags, desk, errand, job_id, (), tags))


async def _update(desk: Desk, errand: Errand, job_id: JobId, changes: Mapping[str, Any], known: Sequence[Fault]) -> Job:
    job = await desk.records.look(found_in, errand, job_id)
    edit = Edit.of(job.spec, changes)
    own = [*known, *beside(known, edit.faults(job.state))]
    # A new name or description needs no store: it must be possible while none answers.
    found = await survey(desk, errand, searchable(edit.after, own)) if set(edit.changed) - ANY_TIME else None
    is_named = all(fault.path != "name" for fault in own)
    taken = await desk.records.look(_taken, errand, edit) if is_named else []
    faults = [*own, *taken, *beside(own, await _fresh(desk, errand, edit, found))]
    if faults:
        raise Invalid(faults)
    if not edit.changed:
        return job
    return await desk.records.change(_store, desk, errand, job, edit, found.material if found else None)


async def _fresh(desk: Desk, errand: Errand, edit: Edit, found: Survey | None) -> list[Fault]:
    """What the edit made wrong: a package that is gone since is no reason to refuse another name."""
    if found is None or not found.faults:
        return []
    old = (await survey(desk, errand, edit.before)).faults
    return [fault for fault in found.faults if fault not in old]


def _taken(tx: Tx, errand: Errand, edit: Edit) -> list[Fault]:
    name = edit.after.name
    if name == edit.before.name or not tx.jobs.named(errand.project_id, name):
        return []
    return [Fault.at("name", FaultCode.NAME_TAKEN, name=name)]


def _store(tx: Tx, desk: Desk, errand: Errand, seen: Job, edit: Edit, material: Material | None) -> Job:
    job = found_in(tx, errand, seen.id)
    if job.version != seen.version or _taken(tx, errand, edit):
        raise StaleWrite("The job was changed, or its new name was taken, at the same moment.")
    if material:
        demand_unchanged(tx, errand, edit.after, material)
    return _save(tx, desk, errand, job, edit)


def _save(tx: Tx, desk: Desk, errand: Errand, job: Job, edit: Edit) -> Job:
    edited, fact = job.edited(edit.after, edit.changed, desk.clock.now(), errand.request_id)
    if job.state is State.DRAFT:
        edited = replace(edited, reason=draft_reason(edit.after))
    saved = tx.jobs.save(edited)
    tx.history.add(fact)
    return saved


def _set_tags(tx: Tx, desk: Desk, errand: Errand, job_id: JobId, new: Tags, gone: Tags) -> None:
    job = found_in(tx, errand, job_id)
    marks: set[object] = {*gone, *(key for key, value in gone if not value)}
    kept = {tag[0]: tag[1] for tag in job.spec.tags if not marks & {tag, tag[0]}}
    edit = Edit.of(job.spec, {"tags": tuple({**kept, **dict(new)}.items())})
    if faults := edit.faults(job.state):
        raise Invalid(faults)
    if edit.changed:
        _save(tx, desk, errand, job, edit)
