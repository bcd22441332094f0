"""A state directory that was moved takes its savepoints along: the records still know them by where they were written."""

import pytest

from control.savepoint_stage import a_stage, keys_of, savepoint_id
from penstock.domain.lifecycle import State
from penstock.testing.builders import a_kept_savepoint
from penstock.testing.clock import NOON
from penstock.testing.engine import SAVEPOINT_FILES

pytestmark = pytest.mark.anyio

NAME = "savepoint-4f2a1c-0b1c2d3e4f50"
BEFORE = f"file:/old/1/savepoints/{savepoint_id(1)}/{NAME}"


@pytest.fixture
async def stage(tmp_path):
    return await a_stage(tmp_path)


def lie_here(stage, job_id=1):
    folder = stage.world.state / str(job_id) / "savepoints" / savepoint_id(1) / NAME
    folder.mkdir(parents=True)
    for name, data in SAVEPOINT_FILES.items():
        (folder / name).write_bytes(data)
    return folder


async def test_a_run_begins_from_an_original_that_has_moved(stage):
    job_id = await stage.create_from(place="here", path=BEFORE)
    here = lie_here(stage, job_id)

    await stage.play(6)

    assert (await stage.state(job_id), (await stage.order()).restore_from) == (State.RUNNING, f"file://{here}")


async def test_a_run_begins_from_the_copy_where_the_original_was_left_behind(stage):
    copy = {"copy": await stage.lie_in_bucket(), "copied_at": NOON}
    job_id = await stage.create_from(place="here", path=BEFORE, **copy)

    await stage.play(6)

    brought = stage.world.state / str(job_id) / "savepoints" / savepoint_id(1) / "brought"
    assert (await stage.order()).restore_from == f"file://{brought}"


async def test_an_original_that_has_moved_is_copied_all_the_same(stage):
    job_id = await stage.create_from(place="here", path=BEFORE, copy=f"b/dir/{NAME}")
    lie_here(stage, job_id)

    await stage.ship_savepoints()

    expected = a_kept_savepoint(id=savepoint_id(1), copy=f"b/dir/{NAME}")
    assert sorted(await stage.keys()) == keys_of(expected)
    assert (await stage.kept()).is_copied
