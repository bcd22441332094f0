"""A stage on which jobs make savepoints: a bucket `b`, and a folder in which jobs keep their state."""

from dataclasses import replace
from datetime import timedelta

from control.theatre import Theatre
from penstock.domain.bucket import Bucket
from penstock.domain.lifecycle import News
from penstock.domain.run_sheet import Beginning, SheetId
from penstock.domain.savepoint import SavepointId
from penstock.testing.builders import PROJECT, a_kept_savepoint, a_savepoint
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

    async def lie_in_bucket(self, folder="in", files=None):
        """What somebody else stored there; the answer is where a copy would be."""
        for name, data in (SAVEPOINT_FILES if files is None else files).items():
            await self.objects.put(f"{ROOT}{folder}/{name}" if folder else f"{ROOT}{name}", data)
        return f"b/{folder}" if folder else "b"

    async def create_from(self, main_class="Unbounded", spec=None, **kept):
        """A job that was asked to run from this savepoint."""
        job_id = await self.create(main_class, **spec or {})
        savepoint = a_kept_savepoint(**{"id": savepoint_id(1), "job_id": job_id} | kept)
        await self.memory.change(keep, savepoint)
        await self.memory.change(begin_from, job_id, savepoint)
        return job_id

    async def order(self):
        [order] = self.world.orders.values()
        return order

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


def keep(tx, kept):
    tx.jobs.save(replace(tx.jobs.load(kept.job_id), newest_savepoint=kept))


def begin_from(tx, job_id, kept):
    job = tx.jobs.load(job_id)
    before = tx.sheets.load(job.sheet_id)
    sheet = replace(before, id=SheetId(f"{before.id}+"), beginning=Beginning.SAVEPOINT, savepoint=kept.id)
    tx.sheets.add(job_id, sheet)
    tx.jobs.save(replace(job, sheet_id=sheet.id))


async def take_the_lease(stage, holder):
    now = stage.clock.advance(60)
    await stage.memory.change(lambda tx: tx.leases.take("place:here", holder, now, timedelta(hours=1)))
