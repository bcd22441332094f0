"""The one place where the parts meet: settings in, a running control plane out."""

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, AsyncExitStack, contextmanager
from dataclasses import asdict
from datetime import timedelta
from functools import partial

import structlog
import uvloop

from penstock import logs, plugins
from penstock.api.app import create_app
from penstock.api.auth import Gate
from penstock.api.metrics import Metrics
from penstock.api.office import Office
from penstock.api.uploads import UploadRoom
from penstock.control.alarm_publisher import Post
from penstock.control.chores import Chores
from penstock.control.controller import Controller, Served
from penstock.control.guarded_engine import GuardedEngine
from penstock.control.place_notes import PlaceNotes
from penstock.control.tools import Tools
from penstock.control.upkeep import Upkeep
from penstock.database.bell import bell_for
from penstock.database.migrate import migrate
from penstock.database.records import DatabaseRecords
from penstock.database.state_directory import JobsFolder, StateDirectory
from penstock.database.vault import KeyFileVault
from penstock.domain.errors import SetupError, StorageError
from penstock.domain.history import Fact
from penstock.domain.links import Links
from penstock.domain.plan import Rules
from penstock.domain.run import InstallationId, RunId
from penstock.domain.topic import Protocol
from penstock.listening.certificate import CertificateFiles
from penstock.listening.door import Door, address_for_clients, open_door
from penstock.listening.server import Server
from penstock.listening.supervisor import Supervisor
from penstock.listening.tls import Tls
from penstock.outgoing.guard import GuardedCalls
from penstock.outgoing.stamp import FileStamp
from penstock.ports.bell import CONTROL, OUTBOX, Bell, job_topic
from penstock.ports.clock import SystemClock
from penstock.ports.engine import Engine
from penstock.ports.ids import RandomIds
from penstock.ports.notifier import Notifier, NotifierSurroundings
from penstock.ports.object_store import ObjectStore
from penstock.ports.records import Records
from penstock.ports.surroundings import Blobs, Surroundings
from penstock.settings import Settings
from penstock.usecases.access import Profile, first_start
from penstock.usecases.atlas import Atlas
from penstock.usecases.blobs import BlobStore
from penstock.usecases.desk import Desk
from penstock.usecases.joining import bind_places, installation_of, share_stamp, share_store, share_vault
from penstock.usecases.shelf import Shelf

_log = structlog.get_logger()
_DATABASE_PATIENCE = 60  # seconds that a start waits for a database server which starts, too


def serve(settings: Settings, ready: Callable[[str], None] | None = None) -> int:
    """Serve until SIGINT or SIGTERM, and answer the exit code; `ready` is told the address once it answers.

    Raises SetupError: unreadable surroundings, a port that is taken, a state directory that another service serves.
    """
    os.umask(0o077)
    logs.set_up(settings.log.level, settings.log.format)
    state = StateDirectory(settings.state)
    with state.occupied(), _door(settings) as door:
        with _sentences(state):
            migrate(settings.database_url, patience=_DATABASE_PATIENCE)
            service = _Service(settings, state, door)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(service.run(ready))
    return 0


class _Service:
    """The parts of one process, in the order in which they need each other."""

    def __init__(self, settings: Settings, state: StateDirectory, door: Door) -> None:
        self._settings = settings
        self._state = state
        self._door = door
        self._supervisor = Supervisor()
        self._clock = SystemClock()
        self._ids = RandomIds()
        self._vault = KeyFileVault(state.key)
        self._store = _object_store(settings, state)
        self._outgoing = GuardedCalls(settings.outgoing.allow, settings.outgoing.limit)
        self._stamp = FileStamp(state.stamp, self._clock)
        self._links = Links(settings.server.public_url or door.endpoint)
        around = NotifierSurroundings(outgoing=self._outgoing, stamp=self._stamp, links=self._links)
        self._notifiers = _notifiers(settings, around)
        self._controller: Controller | None = None

    async def run(self, ready: Callable[[str], None] | None) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, stop.set)
        async with AsyncExitStack() as stack:
            records = DatabaseRecords(self._settings.database_url)
            stack.push_async_callback(records.close)
            bell = await stack.enter_async_context(bell_for(self._settings.database_url))
            with _sentences(self._state):
                office = await self._office(records, bell)
            server = Server(create_app(office), self._door)
            loop.add_signal_handler(
                signal.SIGHUP, lambda: stop.set() if self._supervisor.hangs_up() else server.renew()
            )
            serving = asyncio.create_task(server.serve_at_the_door())
            controlling = asyncio.create_task(self._control(records, office).serve())
            telling = asyncio.create_task(self._tell_when_ready(server, ready))
            stopping = asyncio.create_task(stop.wait())
            try:
                done, _ = await asyncio.wait({serving, controlling, stopping}, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            finally:
                _log.info("service stops", jobs="run on")
                self._supervisor.tell("STOPPING=1")
                server.should_exit = True
                telling.cancel()
                stopping.cancel()
                await asyncio.wait({serving})
                controlling.cancel()
                await asyncio.wait({controlling, telling, stopping})

    async def _office(self, records: DatabaseRecords, bell: Bell) -> Office:
        installation = await self._join(records)
        blobs = BlobStore(self._store, self._state.cache, self._ids)
        engines = self._engines(records, installation, blobs)
        bound = [name for name, engine in engines.items() if engine.capabilities.bound]
        await bind_places(records, self._state.site, bound)
        atlas = Atlas(self._clock, engines, {name: given.engine for name, given in self._settings.places.items()})
        desk = self._desk(records, bell, installation, blobs, atlas)
        await first_start(desk, self._write_profile, self._state.profile.unlink)
        await asyncio.to_thread(self._refresh_profile)
        uploads = UploadRoom(self._state.uploads, self._ids, self._settings.api.upload_limit)
        await asyncio.to_thread(uploads.sweep)
        api = self._settings.api
        return Office(
            desk=desk,
            gate=Gate(desk, api.body_limit),
            uploads=uploads,
            metrics=Metrics(),
            is_success_strings=api.is_success == "string",
            body_limit=api.body_limit,
            public_url=self._settings.server.public_url,
            stamp=self._stamp,
        )

    def _desk(self, records: Records, bell: Bell, installation: InstallationId, blobs: BlobStore, atlas: Atlas) -> Desk:
        api = self._settings.api
        return Desk(
            records=records,
            clock=self._clock,
            ids=self._ids,
            bell=bell,
            vault=self._vault,
            blobs=blobs,
            shelf=Shelf(self._store),
            installation=installation,
            places=atlas,
            default_place=self._settings.first_place,
            create_starts_jobs=api.create == "start",
            create_wait=timedelta(seconds=api.create_wait),
            drafts_limit=api.drafts_limit,
            object_host=api.object_host,
            protocols=frozenset(self._notifiers),
            permits=self._outgoing.permits,
        )

    async def _join(self, records: Records) -> InstallationId:
        installation = await installation_of(records, self._ids)
        await share_vault(records, self._vault)
        await share_stamp(records, self._vault, self._stamp)
        await share_store(records, self._store, self._ids)
        return installation

    def _engines(self, records: Records, installation: InstallationId, blobs: BlobStore) -> dict[str, Engine]:
        engines: dict[str, Engine] = {}
        for name, chosen in self._settings.places.items():
            plugin = plugins.find(plugins.Kind.ENGINE, chosen.engine)
            around = self._surroundings(records, installation, name, blobs)
            engines[name] = GuardedEngine(name, plugin.factory(plugin.settings(chosen.own), around))
        return engines

    def _control(self, records: DatabaseRecords, office: Office) -> Controller:
        desk = office.desk
        tools = Tools(
            records=records,
            clock=self._clock,
            ids=self._ids,
            bell=desk.bell,
            store=self._store,
            # The lock of the state directory lets one process in, so whoever is in may go on with its old leases.
            holder=self._state.site,
        )
        chores = Chores(records, self._clock)
        keep = timedelta(days=self._settings.retention.deleted)
        upkeep = Upkeep(
            {
                "forget expired tokens": chores.tokens,
                "forget unnamed contents": partial(chores.contents, desk.blobs),
                "forget state of deleted jobs": partial(chores.state, JobsFolder(self._state.jobs), keep),
            }
        )
        records.on_facts(partial(_tell_facts, desk.bell, office.metrics))
        rules = _rules(self._settings)
        post = Post(notifiers=self._notifiers, vault=desk.vault, links=self._links)
        engines = {name: given.engine for name, given in self._settings.places.items()}
        served = Served(
            places=desk.places.ours,
            engines=engines,
            default_place=desk.default_place,
            heard=desk.places.hear,
            store_heard=desk.shelf.hear,
        )
        self._controller = Controller(tools, served, rules, upkeep, post, desk.blobs)
        return self._controller

    def _stir(self, run: RunId) -> None:
        if self._controller is not None:
            self._controller.stir(run)

    def _surroundings(self, records: Records, installation: InstallationId, place: str, blobs: Blobs) -> Surroundings:
        folder = self._state.places / place
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Surroundings(
            installation=installation,
            place=place,
            folder=folder,
            jobs_folder=self._state.jobs,
            clock=self._clock,
            ids=self._ids,
            blobs=blobs,
            notes=PlaceNotes(records, place),
            stir=self._stir,
        )

    async def _tell_when_ready(self, server: Server, ready: Callable[[str], None] | None) -> None:
        await server.answers.wait()
        _log.info("service answers", endpoint=self._door.endpoint)
        self._supervisor.tell("READY=1")
        if ready is not None:
            ready(self._door.endpoint)

    def _write_profile(self, profile: Profile) -> None:
        _log.info("first start", project=profile.project_name, profile=str(self._state.profile))
        self._hand_over(asdict(profile))

    def _refresh_profile(self) -> None:
        """The address may have changed since the profile was written; one that the operator removed stays away."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            known = json.loads(self._state.profile.read_text("utf-8"))
            if isinstance(known, dict) and known != self._addressed(known):
                self._hand_over(known)

    def _hand_over(self, profile: Mapping[str, object]) -> None:
        self._state.hand_over(json.dumps(self._addressed(profile), indent=2) + "\n")

    def _addressed(self, profile: Mapping[str, object]) -> dict[str, object]:
        """With where to call, and what to trust there: the certificate itself, so that one of our own making will do."""
        server = self._settings.server
        where = {"endpoint": address_for_clients(self._door.endpoint, server.public_url)}
        if server.certificate is not None:
            where["ca"] = str(server.certificate.absolute())
        return {**where, **{name: value for name, value in profile.items() if name not in ("endpoint", "ca")}}


def _door(settings: Settings) -> AbstractContextManager[Door]:
    server, tls = settings.server, None
    if server.certificate is not None and server.key is not None:
        files = CertificateFiles(certificate=server.certificate, key=server.key, password=server.key_password_file)
        tls = Tls(files, SystemClock())
    return open_door(server.host, server.port, tls=tls, allow_plain=server.allow_plain)


def _notifiers(settings: Settings, around: NotifierSurroundings) -> dict[Protocol, Notifier]:
    """By what they tell; each protocol has one. Raises SetupError."""
    chosen: dict[Protocol, Notifier] = {}
    owners: dict[Protocol, str] = {}
    for name, given in settings.every_notifier.items():
        plugin = plugins.find(plugins.Kind.NOTIFIER, name)
        notifier: Notifier = plugin.factory(plugin.settings(given.own), around)
        for protocol in notifier.protocols:
            if protocol in owners:
                raise SetupError(f"The notifiers {owners[protocol]!r} and {name!r} both tell {protocol}: keep one.")
            chosen[protocol], owners[protocol] = notifier, name
    return chosen


def _object_store(settings: Settings, state: StateDirectory) -> ObjectStore:
    plugin = plugins.find(plugins.Kind.OBJECT_STORE, settings.store.plugin)
    store: ObjectStore = plugin.factory(plugin.settings(settings.store.own), state.objects)
    return store


@contextmanager
def _sentences(state: StateDirectory) -> Iterator[None]:
    """What keeps a service from starting is one sentence: a disk that is full, a folder that cannot be written."""
    try:
        yield
    except (OSError, StorageError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise SetupError(f"The service cannot start in the state directory {state.path}: {why}.") from error


def _tell_facts(bell: Bell, metrics: Metrics, facts: Iterable[Fact]) -> None:
    """The one place that says that a job's state changed: a line in the log, a count, a ring."""
    facts = list(facts)
    metrics.hear(facts)
    for fact in facts:
        _log.info(
            "job moved" if fact.before is not fact.after else "job noted",
            job=fact.job_id,
            run=fact.run_id,
            news=fact.what,
            state=fact.after,
            why=fact.reason.code,
            facts=dict(fact.reason.params),
            request_id=fact.request_id,
        )
        bell.ring(job_topic(fact.job_id))
    bell.ring(CONTROL)
    bell.ring(OUTBOX)


def _rules(settings: Settings) -> Rules:
    limits = settings.limits
    return Rules(
        launch_limit=timedelta(seconds=limits.launch),
        stop_limit=timedelta(seconds=limits.stop),
        savepoint_limit=timedelta(seconds=limits.savepoint),
        silence_limit=timedelta(seconds=limits.silence),
        log_limit=timedelta(seconds=limits.logs),
    )
