"""A pair: one JobManager with its TaskManagers, processes of this machine that serve one run and are then discarded."""

import asyncio
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from penstock.domain.errors import EngineUnavailable
from penstock.domain.savepoint import SavepointId
from penstock.engines.local import machine
from penstock.engines.local.archives import Archives
from penstock.engines.local.journal import Birth, Claim, Journal, Note
from penstock.engines.local.machine import Command, Process
from penstock.engines.local.shape import Shape
from penstock.flink import launch
from penstock.flink.certificates import client_context, keys_in, make_keys
from penstock.flink.launch import LOOPBACK, Folders, Install, Ports
from penstock.flink.rest import FlinkRest, Manners
from penstock.flink.root_cause import root_cause
from penstock.flink.sizes import manager_sizes, worker_sizes
from penstock.flink.watching import Watch

MANAGER = "jobmanager"
_LOG4J = Path(launch.__file__).with_name("log4j2.properties")
_LOOK_EVERY = 0.05  # seconds, while a pair starts
_LAST_WORDS = 600  # characters of a process's output that say why it ended
_COUNTED_WITHIN = timedelta(seconds=10)
_ERROR = re.compile(r"^\S+ (?:ERROR|FATAL) ", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """What every pair of a place is made from."""

    install: Install
    marks: Mapping[str, str]  # the tags that tell our processes from all others
    cu_memory: int  # bytes
    archives: Archives
    time_zone: str | None

    @property
    def fingerprint(self) -> str:
        return f"{self.install.flink.version} {self.install.java.version} {self.cu_memory}"


class Pair:
    """One pair, from its folder to its end; its journal is the truth, what is kept here is what was read of it."""

    def __init__(self, making: Making, journal: Journal, birth: Birth) -> None:
        self.journal = journal
        self.shape = birth.shape
        self.birth = birth
        self.claim: Claim | None = journal.claimed()
        self.notes = dict(journal.notes())
        self.processes: dict[str, Process] = {}  # by role: `jobmanager`, `taskmanager-1`, …
        self.savepoints = journal.savepoints()
        begun = self.notes.get(Note.SUBMITTING)
        self.begun_at = datetime.fromisoformat(begun) if begun else None  # its run, not the pair itself
        self.is_training = False  # it makes archives, and is of no use for a run
        self.is_broken = False  # it did not come up: to be discarded
        self.is_warming = False  # a small job of ours runs on it, or is about to
        self.is_halted = False  # by us, and for good: its logs are final
        self._making = making
        self._rest: FlinkRest | None = None
        self._watch: Watch | None = None

    @property
    def id(self) -> str:
        return self.journal.id

    @property
    def rest(self) -> FlinkRest:
        if self._rest is None:
            context = client_context(keys_in(self.journal.folders.conf))
            self._rest = FlinkRest(f"https://{LOOPBACK}:{self.birth.ports.rest}", Manners(context=context))
        return self._rest

    def watch(self, job_id: str) -> Watch:
        """What looks at its run remember of each other."""
        self._watch = self._watch or Watch(job_id, _COUNTED_WITHIN)
        return self._watch

    @property
    def manager_lives(self) -> bool:
        manager = self.processes.get(MANAGER)
        return manager is not None and machine.is_alive(manager)

    @property
    def is_whole(self) -> bool:
        return self.manager_lives and not self.missing_workers

    @property
    def missing_workers(self) -> int:
        alive = sum(machine.is_alive(process) for role, process in self.processes.items() if role != MANAGER)
        return max(0, self.shape.task_managers - alive)

    async def note(self, note: Note, text: str = "") -> None:
        await asyncio.to_thread(self.journal.note, note, text)
        self.notes[note] = text

    async def note_savepoint(self, savepoint: SavepointId) -> None:
        if savepoint not in self.savepoints:
            await asyncio.to_thread(self.journal.note_savepoint, savepoint)
            self.savepoints = frozenset({savepoint})

    async def take(self, claim: Claim) -> None:
        """Nobody else has it from here on; on the disk too, once this returns."""
        self.claim = claim
        if not await asyncio.to_thread(self.journal.claim, claim):
            raise EngineUnavailable(f"The pair {self.id} belongs to another run")

    def spawn(self, policy: int = os.SCHED_OTHER) -> None:
        """Start whatever of the pair is not there."""
        if not self.manager_lives:
            self.processes[MANAGER] = self._start(MANAGER, policy)
        for _ in range(self.missing_workers):
            role = self._next_worker()
            self.processes[role] = self._start(role, policy)

    def set_policy(self, policy: int) -> None:
        for process in self.processes.values():
            machine.set_policy(process, policy)

    async def wait_until_up(self, seconds: float) -> None:
        """Until every slot is there; raises EngineUnavailable with the last words of a process that ended."""
        try:
            async with asyncio.timeout(seconds):
                while not await self.is_free():
                    self._raise_if_dead()
                    await asyncio.sleep(_LOOK_EVERY)
        except TimeoutError as exc:
            raise EngineUnavailable(f"Flink was not up within {seconds:.0f} s") from exc

    async def is_free(self) -> bool:
        """Flink answers, and every slot of the pair is there and free."""
        try:
            view = await self.rest.cluster()
        except EngineUnavailable:
            return False
        return view.free_slots >= self.shape.task_managers * self.shape.slots

    async def kill(self) -> None:
        """Its processes; what its journal says of them stays."""
        await machine.kill(list({*self.processes.values(), *self._strays()}))
        await self.close()

    async def discard(self) -> None:
        """No process, port or scratch file is left; the folder goes last, since it is what names them."""
        await self.kill()
        await asyncio.to_thread(self.journal.remove)

    async def close(self) -> None:
        """Let go of it; its processes live on."""
        if self._rest is not None:
            await self._rest.close()
            self._rest = None

    def exit_code(self) -> int | None:
        """Of a JobManager that ended by itself while we were its parent."""
        manager = self.processes.get(MANAGER)
        return machine.exit_code(manager) if manager else None

    def _strays(self) -> Iterator[Process]:
        """What a service that was killed had just started, too late for the next one to see it as it looked."""
        tags = {**self._making.marks, "penstock.pair": self.id}
        found = (process for process, _ in machine.find(tags))
        return (process for process in found if machine.works_in(process, self.journal.folder))

    def _raise_if_dead(self) -> None:
        for role, process in self.processes.items():
            if not machine.is_alive(process):
                raise EngineUnavailable(f"The {role} ended at its start: {self._last_words(role)}")

    def _last_words(self, role: str) -> str:
        logs = self.journal.folders.logs
        error = _ERROR.split(_read(logs / f"{role}.log"))[1:]
        return root_cause(error[-1]) if error else _tail(_read(logs / f"{role}.err") + _read(logs / f"{role}.out"))

    def _next_worker(self) -> str:
        """A name that this cluster never saw: under an old one Flink would take it for the TaskManager that died."""
        count = sum(1 for _ in self.journal.folders.logs.glob("taskmanager-*.out"))
        return f"taskmanager-{count + 1}"

    def _start(self, role: str, policy: int) -> Process:
        folders, making = self.journal.folders, self._making
        tags = {**making.install.tags, "penstock.pair": self.id, "penstock.role": role}
        install = Install(flink=making.install.flink, java=making.install.java, tags=tags)
        archives = making.archives
        archive = archives.of_training(role, folders.tmp) if self.is_training else archives.of(role)
        if role == MANAGER:
            sizes = manager_sizes(making.cu_memory * self.shape.manager_cus)
            argv = launch.manager_argv(install, folders, sizes, archive)
        else:
            workers = worker_sizes(making.cu_memory * self.shape.tm_cus)
            argv = launch.worker_argv(install, folders, workers, archive, role)
        env = launch.environment(install, folders, making.time_zone)
        command = Command(argv=argv, env=env, folder=folders.work, output=folders.logs / role)
        return machine.spawn(command, policy)


def make_pair(making: Making, folder: Path, shape: Shape, started_at: datetime, taken: frozenset[int]) -> Pair:
    """A pair's folder with all that its processes will read; nothing runs yet."""
    rpc = machine.free_port(taken)
    ports = Ports(rpc=rpc, rest=machine.free_port(taken | {rpc}))
    birth = Birth(shape=shape, ports=ports, made_of=making.fingerprint, started_at=started_at)
    journal = Journal(folder)
    journal.make(birth)
    _configure(making, journal.folders, birth)
    return Pair(making, journal, birth)


def _configure(making: Making, folders: Folders, birth: Birth) -> None:
    keys = make_keys(folders.conf, birth.started_at)
    workers = worker_sizes(making.cu_memory * birth.shape.tm_cus)
    config = launch.configuration(birth.ports, folders, keys, workers, birth.shape.slots)
    place = folders.conf / "config.yaml"
    place.touch(mode=0o600)
    place.write_text(launch.as_yaml(config), encoding="utf-8")
    (folders.conf / _LOG4J.name).write_bytes(_LOG4J.read_bytes())


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _tail(text: str) -> str:
    told = [line for line in text.splitlines() if line.strip() and "WARNING:" not in line]
    return " ".join(told)[-_LAST_WORDS:] or "it said nothing"
