"""A desk over fakes, with a queue and packages, and a hand that plays the controllers."""

import asyncio
import hashlib
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from jars.class_writer import MAIN as MAIN_METHOD
from jars.class_writer import a_class
from jars.corpus import Part, a_jar
from penstock.database.process_bell import ProcessBell
from penstock.domain.caller import Caller, Project, User
from penstock.domain.footprint import Room, footprint_of
from penstock.domain.lifecycle import News
from penstock.domain.package import PackageKind, PackageName
from penstock.domain.reason import Reason, ReasonCode
from penstock.domain.run import Run, RunId
from penstock.ports.bell import CONTROL, job_topic
from penstock.testing.builders import PLACE, PROJECT, a_package, a_queue_spec
from penstock.testing.clock import ManualClock
from penstock.testing.engine import FakeEngine
from penstock.testing.ids import CountingIds
from penstock.testing.object_store import MemoryObjectStore
from penstock.testing.records import MemoryRecords
from penstock.testing.topic_builders import a_topic
from penstock.usecases.atlas import Atlas
from penstock.usecases.blobs import BlobStore
from penstock.usecases.desk import Desk
from penstock.usecases.errand import Errand
from penstock.usecases.shelf import Shelf

MAIN = "org.apache.flink.examples.streaming.JavaQueueStream"
OTHER = "o" * 32

USER = User(id="u1", account_id="a1", name="someone")
ERRAND = Errand(
    caller=Caller(user=USER, projects=(Project(id=PROJECT, account_id="a1", name="cn-north-4"),)),
    project_id=PROJECT,
    request_id="request-1",
)
STRANGER = replace(ERRAND, project_id=OTHER)


def jar_with(*classes, manifest_main=""):
    manifest = b"Manifest-Version: 1.0\r\n" + (f"Main-Class: {manifest_main}\r\n".encode() if manifest_main else b"")
    parts = [Part(name=b"META-INF/MANIFEST.MF", data=manifest + b"\r\n")]
    parts += [
        Part(name=name.replace(".", "/").encode() + b".class", data=a_class(name, MAIN_METHOD)) for name in classes
    ]
    return a_jar(parts)


class House:
    """Everything that a use case needs; `desk` may be changed with `with_desk`."""

    def __init__(self, cache):
        self.clock = ManualClock()
        self.records = MemoryRecords()
        self.bell = ProcessBell()
        self.store = MemoryObjectStore()
        self.ids = CountingIds()
        self.blobs = BlobStore(self.store, cache, self.ids)
        self.engine = FakeEngine(self.clock, room=Room(cus=64))
        self.desk = Desk(
            installation="0123abcd",
            records=self.records,
            clock=self.clock,
            ids=self.ids,
            bell=self.bell,
            vault=None,
            blobs=self.blobs,
            shelf=Shelf(self.store),
            places=Atlas(self.clock, {PLACE: self.engine}, {PLACE: "fake"}),
            default_place=PLACE,
            create_wait=timedelta(0),
        )

    def with_desk(self, **changes):
        self.desk = replace(self.desk, **changes)
        return self.desk

    async def set_up(self):
        await self.add_queue(name="testQueue")
        await self.records.change(lambda tx: tx.topics.add(a_topic()))
        await self.add_package("javaQueueStream.jar", jar_with(MAIN, manifest_main=MAIN))
        for name in ("myGroup/test.jar", "myGroup/test1.jar"):
            await self.add_package(name, jar_with("a.Dependency"))
        for name in ("myGroup/test.csv", "myGroup/test1.csv"):
            await self.add_package(name, b"1,2,3\n", kind=PackageKind.FILE)

    async def add_queue(self, **changes):
        spec = a_queue_spec(**changes)
        return await self.records.change(lambda tx: tx.queues.add(PROJECT, spec, "someone", self.clock.now()))

    async def add_package(self, text, content, kind=PackageKind.JAR):
        sha256 = hashlib.sha256(content).hexdigest()
        await self.store.put(f"packages/{sha256[:2]}/{sha256}", content)
        package = a_package(text, sha256=sha256, size=len(content), kind=kind)
        await self.records.change(lambda tx: tx.packages.put(package))
        return sha256

    async def remove_package(self, text):
        await self.records.change(lambda tx: tx.packages.delete(PROJECT, PackageName.parse(text)))

    async def job(self, job_id):
        return await self.records.look(lambda tx: tx.jobs.load(job_id))

    async def sheet_of(self, job):
        return await self.records.look(lambda tx: tx.sheets.load(job.sheet_id))

    async def facts(self, job_id):
        return [fact.what for fact in await self.records.look(lambda tx: tx.history.of_job(job_id))]

    async def tell(self, job_id, *news, reason=None):
        """What a controller would write down."""
        for one in news:
            await self.records.change(self._hear, job_id, one, reason or Reason.of(ReasonCode.RUNS))
        self.bell.ring(job_topic(job_id))

    def _hear(self, tx, job_id, news, reason):
        job, fact = tx.jobs.load(job_id).hear(news, self.clock.now(), reason)
        if news is News.ADMITTED:
            run = Run(
                id=RunId(self.ids.hex(24)),
                job_id=job.id,
                sheet_id=job.sheet_id,
                place=PLACE,
                footprint=footprint_of(job.spec),
                admitted_at=self.clock.now(),
            )
            job = replace(job, run=run)
        tx.jobs.save(job)
        tx.history.add(fact)

    async def clear(self, job_id):
        """Its place says that nothing of the run is left."""
        await self.records.change(lambda tx: tx.jobs.save(tx.jobs.load(job_id).cleared(self.clock.now())[0]))

    @asynccontextmanager
    async def controllers(self, *news, reason=None):
        """As if they ran: each waiting job hears the news, whenever the bell is rung."""
        async with self.bell.listen(CONTROL) as ear, asyncio.TaskGroup() as tasks:
            task = tasks.create_task(self._control(ear, news, reason))
            yield
            task.cancel()

    async def _control(self, ear, news, reason):
        while True:
            await ear.wait(60)
            for job in await self.records.look(lambda tx: tx.jobs.waiting()):
                await self.tell(job.id, *news, reason=reason)
