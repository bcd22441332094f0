"""A stage on which jobs make savepoints: a bucket `b`, and a folder in which jobs keep their state."""

from dataclasses import replace
from datetime import timedelta

from control.theatre import Theatre
from penstock.domain.bucket import Bucket
from penstock.domain.lifecycle import News
from penstock.domain.run_sheet import Beginning, SheetId
from penstock.domain.savepoint import SavepointId
from penstock.testing.builders import PROJECT, a_savepoint, a_sheet
from penstock.testing.clock import NOON
from penstock.testing.engine import SAVEPOINT_FILES

ROOT = f"buckets/{PROJECT}/b/"


class Stage(Theatre):
    """With a bucket `b`, and a folder in which jobs keep their state."""

    def __init__(self, folder):
        super().__init__()
        self.world.state = folder

    async def add_bucket(self, name="b", **changes):
        bucket = Bucket(project_id=PROJECT, name=name, created_at=NOON, authorised=True)
        await self.memory.change(lambda tx: tx.buckets.add(replace(bucket, **changes)))

    async def remove_bucket(self, name="b"):
        await self.memory.change(lambda tx: tx.buckets.delete(PROJECT, name))

    async def running(self, **spec):
        job_id = await self.create(**spec)
        await self.play(5)
        return job_id

    async def savepoint(self, job_id, number=1, copy_to="b/dir"):
        """A savepoint that the job has kept."""
        self.clock.advance(1)
        asked = a_savepoint(id=savepoint_id(number), copy_to=copy_to)
        await self.ask(job_id, News.SAVEPOINT_ASKED, savepoint=asked)
        await self.play(4)
        return (await self.job(job_id)).newest_savepoint

    async def kept(self, number=1):
        return await self.memory.look(lambda tx: tx.savepoints.load(savepoint_id(number)))

    async def keys(self):
        return [found.key.removeprefix(ROOT) for found in (await self.objects.list("buckets/")).objects]

    async def whats(self, job_id):
        facts = await self.memory.look(lambda tx: tx.history.of_job(job_id))
        return [fact.what for fact in facts if fact.what.startswith("savepoint_co") or fact.what.endswith("_copied")]

    def folder(self, kept):
        return self.engine.state_folder(kept.job_id).path_of(kept.path)


def savepoint_id(number):
    return SavepointId(f"{number:012x}{number:020x}")


def keys_of(kept):
    folder = kept.copy.removeprefix("b/")
    return sorted(f"{folder}/{name}" for name in SAVEPOINT_FILES)


async def a_stage(folder):
    built = Stage(folder)
    await built.set_up()
    await built.add_bucket()
    return built


def begin_from(tx, job_id, kept):
    job = tx.jobs.load(job_id)
    sheet = a_sheet(id=SheetId("begun"), spec=job.spec, beginning=Beginning.SAVEPOINT, savepoint=kept.id)
    tx.sheets.add(job_id, sheet)
    tx.jobs.save(replace(job, sheet_id=sheet.id))


async def take_the_lease(stage, holder):
    now = stage.clock.advance(60)
    await stage.memory.change(lambda tx: tx.leases.take("place:here", holder, now, timedelta(hours=1)))
