"""Whether a job can be run as it is, everything that stands against it, and the run sheet if nothing does."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from penstock.domain.errors import ObjectMissing, StaleWrite, StorageError
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.footprint import Footprint, footprint_of
from penstock.domain.job import Job
from penstock.domain.queue import Queue
from penstock.domain.run_sheet import Part, RunSheet, SheetId
from penstock.domain.spec import JobSpec, arguments_of
from penstock.domain.warning import JobWarning
from penstock.jars.examination import Findings
from penstock.ports.engine import Capabilities
from penstock.ports.records import Tx
from penstock.usecases.desk import Desk
from penstock.usecases.errand import Errand
from penstock.usecases.jar_lore import Question
from penstock.usecases.material import Material, look_up
from penstock.usecases.placing import beyond, crowding
from penstock.usecases.sources import Pins, pin

_JARS = frozenset({"entrypoint", "dependency_jars"})
# What a footprint is made of: with one of them wrong, nothing can be said about room.
SIZES = frozenset({"cu_number", "manager_cu_number", "parallel_number", "tm_cus", "tm_slot_num"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What was found out about a spec; `faults` are those of its code, `obstacles` only keep it from running."""

    material: Material
    main_class: str
    faults: tuple[Fault, ...]
    obstacles: tuple[Fault, ...]
    warnings: tuple[JobWarning, ...]


async def survey(desk: Desk, errand: Errand, spec: JobSpec) -> Survey:
    """Look everything up, and read the jars without running anything of them; what lies in buckets is copied first."""
    return await _survey(desk, errand, spec, await pin(desk, errand.project_id, spec))


async def warnings_of(desk: Desk, errand: Errand, job: Job) -> tuple[JobWarning, ...]:
    """What the caller should know of the jars that the job runs, or would run; nothing where they cannot be read now.

    Whoever asks for it only reads, so nothing is copied: objects that no run has named yet are not looked into.
    """
    with suppress(StorageError):
        if job.sheet_id is None:
            return (await _survey(desk, errand, job.spec, {})).warnings
        sheet = await desk.records.look(_sheet, job.sheet_id)
        question = _question(desk, sheet.place, sheet.main_class, sheet.entrypoint, sheet.jars)
        return (await desk.jars.examine(desk.blobs, question)).warnings
    return ()


def demand_unchanged(tx: Tx, errand: Errand, spec: JobSpec, seen: Material) -> None:
    """What decided is looked up again where it is written down. Raises StaleWrite."""
    if look_up(tx, errand.project_id, spec, seen.pins) != seen:
        raise StaleWrite("The queue or a package of the job was changed at the same moment.")


def sheet_of(desk: Desk, spec: JobSpec, found: Survey) -> RunSheet:
    """What exactly will run. The survey must have found nothing wrong."""
    queue, entrypoint = found.material.queue, found.material.entrypoint
    if queue is None or entrypoint is None:
        raise ValueError(f"the job {spec.name} has no queue or no entrypoint")
    place = _place_of(desk, queue)
    return RunSheet(
        id=SheetId(desk.ids.hex(24)),
        spec=spec,
        main_class=found.main_class,
        arguments=arguments_of(spec.entrypoint_args),
        entrypoint=entrypoint,
        jars=found.material.jars,
        files=found.material.files,
        footprint=footprint_of(spec),
        flink_version=spec.flink_version or desk.places[place].capabilities.default_flink_version,
        place=place,
    )


async def _survey(desk: Desk, errand: Errand, spec: JobSpec, pins: Pins) -> Survey:
    material = await desk.records.look(look_up, errand.project_id, spec, pins)
    try:
        lost = []
        main_class, findings = await _examined(desk, spec, material)
    except ObjectMissing:
        lost = await _lost(desk, material)
        main_class, findings = spec.main_class, Findings()
    faults = [*material.unknown, *lost, *findings.refusals, *_faults_of_place(desk, spec, material.queue)]
    if material.entrypoint and not main_class and not faults:
        faults.append(Fault.at("main_class", FaultCode.MAIN_CLASS_MISSING, entrypoint=material.entrypoint.name))
    return Survey(
        material=material,
        main_class=main_class,
        faults=tuple(faults),
        obstacles=(
            *_obstacles(desk, spec, material),
            *await desk.records.look(_crowding, desk, errand, material.queue),
        ),
        warnings=findings.warnings,
    )


async def _examined(desk: Desk, spec: JobSpec, material: Material) -> tuple[str, Findings]:
    """The main class, and what is to be said of the jars; of the class nothing while a package is unknown."""
    main_class, entrypoint = spec.main_class, material.entrypoint
    if entrypoint and not main_class:
        main_class = await desk.jars.main_class(desk.blobs, entrypoint.sha256)
    is_whole = entrypoint is not None and not {fault.path for fault in material.unknown} & _JARS
    place = _place_of(desk, material.queue)
    question = _question(desk, place, main_class if is_whole else "", entrypoint, material.jars)
    return main_class, await desk.jars.examine(desk.blobs, question)


async def _lost(desk: Desk, material: Material) -> list[Fault]:
    """The packages whose content the store does not have any more, each for itself."""
    named = [("entrypoint", material.entrypoint)] if material.entrypoint else []
    named += [("dependency_jars", part) for part in material.jars]
    named += [("dependency_files", part) for part in material.files]
    lost = []
    for field, part in named:
        try:
            await desk.blobs.fetch(part.sha256)
        except ObjectMissing:
            lost.append(Fault.at(field, FaultCode.PACKAGE_CONTENT_LOST, package=part.name))
    return lost


def _question(desk: Desk, place: str, main_class: str, entrypoint: Part | None, jars: tuple[Part, ...]) -> Question:
    found = desk.places.get(place)
    able = found.capabilities if found else Capabilities(flink_versions=(), default_flink_version="")
    return Question(entrypoint=entrypoint, jars=jars, main_class=main_class, java=able.java, class_path=able.class_path)


def _sheet(tx: Tx, sheet_id: SheetId) -> RunSheet:
    return tx.sheets.load(sheet_id)


def _faults_of_place(desk: Desk, spec: JobSpec, queue: Queue | None) -> Iterator[Fault]:
    place = desk.places.get(_place_of(desk, queue))
    if place is None:
        return
    if spec.flink_version and spec.flink_version not in place.capabilities.flink_versions:
        known = ", ".join(place.capabilities.flink_versions)
        yield Fault.at("flink_version", FaultCode.FLINK_VERSION_UNKNOWN, given=spec.flink_version, known=known)
    yield from beyond(spec, place)


def _crowding(tx: Tx, desk: Desk, errand: Errand, queue: Queue | None) -> list[Fault]:
    if queue is None:
        return []
    found = crowding(tx, desk, errand.project_id, _place_of(desk, queue))
    return [replace(fault, path="queue_name") for fault in found]


def _obstacles(desk: Desk, spec: JobSpec, material: Material) -> Iterator[Fault]:
    if not spec.queue_name:
        yield Fault.at("queue_name", FaultCode.QUEUE_NEEDED)
    if not spec.entrypoint:
        yield Fault.at("entrypoint", FaultCode.ENTRYPOINT_NEEDED)
    if queue := material.queue:
        if not queue.runs_jar_jobs:
            yield Fault.at("queue_name", FaultCode.QUEUE_SHARED, queue=spec.queue_name)
        yield from _too_large(desk, queue, spec, footprint_of(spec))


def _too_large(desk: Desk, queue: Queue, spec: JobSpec, footprint: Footprint) -> Iterator[Fault]:
    total = queue.spec.cu_count
    if footprint.cus > total:
        code = FaultCode.JOB_ABOVE_QUEUE
        yield Fault.at("cu_number", code, queue=spec.queue_name, total=total, asked=footprint.cus)
    place = _place_of(desk, queue)
    found = desk.places.get(place)
    if found is None:
        yield Fault.at("queue_name", FaultCode.PLACE_UNKNOWN, place=place)
        return
    if not found.capabilities.steady_room:
        return  # the room may grow until the job's turn comes
    offered, asked = found.room, footprint.taken
    for unit, most, wanted in (("CUs", offered.cus, asked.cus), ("slots", offered.slots, asked.slots)):
        if most is not None and wanted is not None and wanted > most:
            code = FaultCode.JOB_ABOVE_PLACE
            yield Fault.at("cu_number", code, place=place, total=f"{most} {unit}", asked=f"{wanted} {unit}")


def _place_of(desk: Desk, queue: Queue | None) -> str:
    return (queue.spec.place if queue else "") or desk.default_place
