"""What lies at a place beside its copy is let go once nobody will begin from it."""

import asyncio
import contextlib
from dataclasses import replace

import pytest

from control.savepoint_stage import a_stage, begin_from, keys_of, take_the_lease
from control.theatre import Died
from penstock.domain.errors import LeaseLost
from penstock.domain.lifecycle import State
from penstock.testing.clock import NOON

pytestmark = pytest.mark.anyio


@pytest.fixture
async def stage(tmp_path):
    return await a_stage(tmp_path)


async def test_an_original_goes_once_its_job_has_a_newer_savepoint(stage):
    job_id = await stage.running()
    first = await stage.savepoint(job_id, 1)
    await stage.ship_savepoints()
    assert stage.folder(first).is_dir()  # the newest stays at its place

    second = await stage.savepoint(job_id, 2)
    await stage.ship_savepoints()

    assert (stage.folder(first).parent.exists(), stage.folder(second).is_dir()) == (False, True)
    assert await stage.keys() == sorted([*keys_of(first), *keys_of(second)])
    assert ((await stage.kept(1)).path, (await stage.kept(1)).shown) == ("", first.copy)


async def test_an_original_that_is_nowhere_else_never_goes(stage):
    job_id = await stage.running()
    first = await stage.savepoint(job_id, 1, copy_to="")
    await stage.savepoint(job_id, 2)

    await stage.ship_savepoints()
    await stage.ship_savepoints()

    assert stage.folder(first).is_dir()


async def test_the_original_that_a_run_began_from_stays(stage):
    job_id = await stage.running()
    first = await stage.savepoint(job_id, 1)
    await stage.ship_savepoints()
    await stage.memory.change(begin_from, job_id, first)
    await stage.savepoint(job_id, 2)

    await stage.ship_savepoints()

    assert stage.folder(first).is_dir()


async def test_only_the_folder_of_the_savepoint_goes_whatever_its_address_says(stage):
    job_id = await stage.running()
    first = await stage.savepoint(job_id, 1)
    await stage.ship_savepoints()
    above = first.path.rpartition("/")[0]
    await stage.memory.change(lambda tx: tx.savepoints.save(replace(first.copied(NOON), path=above)))
    second = await stage.savepoint(job_id, 2)

    await stage.ship_savepoints()

    assert stage.folder(second).is_dir()


@pytest.mark.parametrize("step", range(1, 6))
async def test_whoever_dies_while_letting_go_is_followed_by_one_who_ends_it(tmp_path, step):
    stage = await a_stage(tmp_path)
    job_id = await stage.running()
    first = await stage.savepoint(job_id, 1)
    await stage.ship_savepoints()
    await stage.savepoint(job_id, 2)

    stage.fuse.left = step
    with contextlib.suppress(Died, BaseExceptionGroup):
        await stage.ship_savepoints()
    stage.fuse.left = None
    stage.raise_curtain()
    await stage.ship_savepoints()

    assert (stage.folder(first).parent.exists(), (await stage.kept(1)).path) == (False, "")


async def test_without_the_lease_nothing_is_let_go(stage):
    job_id = await stage.running()
    first = await stage.savepoint(job_id, 1)
    await stage.ship_savepoints()
    await stage.savepoint(job_id, 2)
    await take_the_lease(stage, "other")

    async with asyncio.TaskGroup() as acts:
        with pytest.raises(LeaseLost):
            await stage.savepoints.look(acts)

    assert stage.folder(first).is_dir()
    assert await stage.state(job_id) is State.RUNNING
