"""What every engine must do: a class of tests that each adapter inherits and gives its fixtures.

An adapter's test file provides three fixtures: `engine`, being served; `order`, a function from a scenario to a
LaunchOrder for a new run; and `reborn`, an async function that ends the engine and answers with a new one, also being
served, over the same place. Scenarios: `unbounded` runs until it is stopped, `bounded` finishes, `fails` throws once
it runs, `refused` throws in its main().

What the engine's `capabilities` deny is not asked of it: those tests are skipped, and say why.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import pytest

from penstock.domain.log import LogFile, LogListing
from penstock.domain.observation import ENDED, Observation, SavepointSeen, Seen
from penstock.domain.run import RunId
from penstock.domain.savepoint import Savepoint, SavepointId
from penstock.ports.engine import Engine, LaunchOrder
from penstock.testing.clock import NOON

Orders = Callable[[str], LaunchOrder]
Reborn = Callable[[], Awaitable[Engine]]

_PATIENCE = 120.0  # seconds; a cold start on a busy machine


async def look(engine: Engine, run: RunId) -> Observation:
    return (await engine.observe([run]))[run]


async def wait_for(engine: Engine, run: RunId, *wanted: Seen) -> Observation:
    """Look until one of these is seen; an end that nobody waits for fails at once."""
    async with asyncio.timeout(_PATIENCE):
        while True:
            seen = await look(engine, run)
            if seen.seen in wanted:
                return seen
            assert seen.seen not in ENDED, f"{seen.seen}: {seen.said}"
            await asyncio.sleep(0.05)


async def launch(engine: Engine, order: LaunchOrder, *wanted: Seen) -> Observation:
    await engine.launch(order)
    return await wait_for(engine, order.run, *wanted)


def demand(engine: Engine, capability: str) -> None:
    """Skip the test where the engine says that it has no such thing."""
    if not getattr(engine.capabilities, capability):
        pytest.skip(f"the engine says that it has no {capability}")


async def read(engine: Engine, run: RunId, name: str) -> bytes:
    """All of a log, in small pieces."""
    whole = b""
    for file in (file for file in (await engine.logs(run)).files if file.name == name):
        offset = 0
        while offset < file.size and (piece := await engine.read_log(run, file, offset, 1000)):
            offset, whole = offset + len(piece), whole + piece
    return whole


def a_savepoint(run: RunId, digit: str, *, stops_job: bool = False) -> Savepoint:
    """Of this run; its `digit` tells it from the run's others."""
    return Savepoint(id=SavepointId(run[:8] + digit * 24), asked_at=NOON, stops_job=stops_job)


def assert_in_state_folder(engine: Engine, job_id: int, made: Mapping[SavepointId, str]) -> None:
    """Each is one whole folder below that of its id, and alone there, if the engine sees where its runs keep state."""
    state = engine.state_folder(job_id)
    if state is None:
        return
    for savepoint, address in made.items():
        path = state.path_of(address)
        assert path is not None, address
        assert (path / "_metadata").is_file()
        assert list((state.path / "savepoints" / savepoint).iterdir()) == [path]


class EngineSuite:
    """Inherit it; each test leaves its runs discarded."""

    pytestmark = pytest.mark.anyio

    async def test_a_run_that_nobody_launched_is_absent(self, engine: Engine, order: Orders) -> None:
        assert (await look(engine, order("unbounded").run)).seen is Seen.ABSENT

    async def test_a_run_comes_to_run_is_stopped_and_discarded(self, engine: Engine, order: Orders) -> None:
        given = order("unbounded")

        await launch(engine, given, Seen.RUNNING)
        assert given.run in await engine.list_runs()
        await engine.stop(given.run)
        await wait_for(engine, given.run, Seen.CANCELED)
        await engine.stop(given.run)
        await engine.discard(given.run)

        assert (await look(engine, given.run)).seen is Seen.ABSENT
        assert given.run not in await engine.list_runs()

    async def test_launching_twice_is_launching_once(self, engine: Engine, order: Orders) -> None:
        given = order("unbounded")

        await asyncio.gather(*(engine.launch(given) for _ in range(3)))
        await wait_for(engine, given.run, Seen.RUNNING)
        before = await engine.graph(given.run)
        await engine.launch(given)

        assert (await look(engine, given.run)).seen is Seen.RUNNING
        assert list(await engine.list_runs()).count(given.run) == 1
        after = await engine.graph(given.run)
        assert before is not None
        assert after is not None
        assert before["jid"] == after["jid"]
        await engine.discard(given.run)

    async def test_a_bounded_run_finishes(self, engine: Engine, order: Orders) -> None:
        given = order("bounded")

        await launch(engine, given, Seen.FINISHED)

        await engine.launch(given)
        assert (await look(engine, given.run)).seen is Seen.FINISHED
        await engine.discard(given.run)

    async def test_a_run_that_fails_says_why(self, engine: Engine, order: Orders) -> None:
        given = order("fails")

        seen = await launch(engine, given, Seen.FAILED)

        assert "the job failed on purpose" in seen.said
        assert "\n" not in seen.said
        await engine.discard(given.run)

    async def test_a_run_that_is_refused_says_why_and_stays_so(self, engine: Engine, order: Orders) -> None:
        given = order("refused")

        seen = await launch(engine, given, Seen.REFUSED)
        await engine.launch(given)
        await engine.stop(given.run)

        assert "main refused on purpose" in seen.said
        assert await look(engine, given.run) == seen
        await engine.discard(given.run)
        assert (await look(engine, given.run)).seen is Seen.ABSENT

    async def test_stopping_and_discarding_what_is_not_there_is_no_error(self, engine: Engine, order: Orders) -> None:
        run = order("unbounded").run

        await engine.stop(run)
        await engine.discard(run)
        await engine.discard(run)

        assert (await look(engine, run)).seen is Seen.ABSENT

    async def test_a_run_discarded_before_it_runs_leaves_nothing(self, engine: Engine, order: Orders) -> None:
        given = order("unbounded")

        await engine.launch(given)
        await engine.discard(given.run)

        assert (await look(engine, given.run)).seen is Seen.ABSENT
        assert given.run not in await engine.list_runs()

    async def test_savepoints_are_taken_once_each_under_their_ids(self, engine: Engine, order: Orders) -> None:
        demand(engine, "savepoints")
        given = order("unbounded")
        first, second = a_savepoint(given.run, "4"), a_savepoint(given.run, "5")

        await launch(engine, given, Seen.RUNNING)
        await engine.take_savepoint(given.run, first)
        await engine.take_savepoint(given.run, first)
        made = [await self._savepoint(engine, given.run, first.id)]
        await engine.take_savepoint(given.run, second)
        made += [await self._savepoint(engine, given.run, second.id)]
        await engine.take_savepoint(given.run, first)

        assert len(set(made)) == 2
        assert [await self._savepoint(engine, given.run, each.id) for each in (first, second)] == made
        assert (await look(engine, given.run)).seen is Seen.RUNNING
        assert_in_state_folder(engine, given.job_id, dict(zip((first.id, second.id), made, strict=True)))
        await engine.discard(given.run)
        assert_in_state_folder(engine, given.job_id, dict(zip((first.id, second.id), made, strict=True)))

    async def test_a_savepoint_may_stop_its_job_and_another_run_begins_from_it(
        self, engine: Engine, order: Orders
    ) -> None:
        demand(engine, "savepoints")
        given, later = order("unbounded"), order("unbounded")
        savepoint = a_savepoint(given.run, "6", stops_job=True)

        await launch(engine, given, Seen.RUNNING)
        await engine.take_savepoint(given.run, savepoint)
        await wait_for(engine, given.run, Seen.FINISHED)
        path = await self._savepoint(engine, given.run, savepoint.id)
        await engine.discard(given.run)
        await launch(engine, replace(later, restore_from=path), Seen.RUNNING)

        assert_in_state_folder(engine, given.job_id, {savepoint.id: path})
        await engine.discard(later.run)

    async def test_a_reborn_engine_finds_its_runs_as_they_are(
        self, engine: Engine, order: Orders, reborn: Reborn
    ) -> None:
        running, refused = order("unbounded"), order("refused")
        await launch(engine, running, Seen.RUNNING)
        said = await launch(engine, refused, Seen.REFUSED)
        before = await engine.graph(running.run)

        later = await reborn()
        seen = await wait_for(later, running.run, Seen.RUNNING)
        await later.launch(running)
        after = await later.graph(running.run)

        assert {running.run, refused.run} <= set(await later.list_runs())
        assert await look(later, refused.run) == said
        assert seen.restarts == 0
        assert before is not None
        assert after is not None
        assert (before["jid"], before.get("start-time")) == (after["jid"], after.get("start-time"))
        await later.discard(running.run)
        await later.discard(refused.run)
        assert not {running.run, refused.run} & set(await later.list_runs())

    async def test_a_run_logs_until_it_is_halted_and_its_logs_stay_until_it_is_discarded(
        self, engine: Engine, order: Orders, reborn: Reborn
    ) -> None:
        demand(engine, "logs")
        given = order("unbounded")
        await launch(engine, given, Seen.RUNNING)
        before = await engine.logs(given.run)
        said = await read(engine, given.run, "jobmanager.log")

        await engine.halt(given.run)
        await engine.halt(given.run)
        after = await engine.logs(given.run)

        assert said
        assert (before.is_final, after.is_final) == (False, True)
        assert not [file for file in after.files if file.grows]
        assert {file.incarnation for file in before.files} <= {file.incarnation for file in after.files}
        seen = await look(engine, given.run)
        assert (seen.halted, seen.seen) == (True, Seen.LOST)
        later = await reborn()
        await later.halt(given.run)
        assert await later.logs(given.run) == after
        assert (await read(later, given.run, "jobmanager.log")).startswith(said)
        await later.discard(given.run)
        assert await later.logs(given.run) == LogListing(is_final=True)

    async def test_a_run_that_nobody_launched_has_no_logs(self, engine: Engine, order: Orders) -> None:
        demand(engine, "logs")
        run = order("unbounded").run

        await engine.halt(run)

        assert await engine.logs(run) == LogListing(is_final=True)
        assert await engine.read_log(run, LogFile("jobmanager.log", "1", 1), 0, 1) == b""

    async def _savepoint(self, engine: Engine, run: RunId, savepoint: SavepointId) -> str:
        async with asyncio.timeout(_PATIENCE):
            while True:
                told = (await look(engine, run)).savepoints.get(savepoint)
                assert told is None or told.seen is not SavepointSeen.FAILED, told
                if told is not None and told.seen is SavepointSeen.COMPLETED:
                    return told.path
                await asyncio.sleep(0.05)
