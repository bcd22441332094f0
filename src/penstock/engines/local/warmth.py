"""Runs a small job once on a fresh pair, so that the first real one finds its classes loaded and compiled."""

import asyncio
from pathlib import Path

from penstock.domain.errors import EngineUnavailable
from penstock.engines.local.pair import Pair
from penstock.flink.rest import FlinkRest, Submission
from penstock.flink.states import JobView

_JAR = Path(__file__).with_name("prewarm.jar")
_MAIN = "io.penstock.prewarm.Prewarm"
_LOOK_EVERY = 0.05  # seconds
_LIMIT = 60.0  # seconds
_APPEARS_WITHIN = 10.0  # seconds; a small job that was being handed over when its pair was claimed


async def warm(pair: Pair) -> None:
    """Until the small job has made a checkpoint; it is gone then, and every slot is free again."""
    job_id = _job_id(pair)
    slots = pair.shape.task_managers * pair.shape.slots
    try:
        async with asyncio.timeout(_LIMIT):
            jar = await pair.rest.upload(_JAR, _JAR.stem)
            pair.is_warming = True
            told = await pair.rest.run(
                jar, Submission(job_id=job_id, main_class=_MAIN, arguments=(), parallelism=slots)
            )
            if told is not None:
                raise EngineUnavailable(f"The job that warms a pair was refused: {told}")
            await _until_checkpoint(pair.rest, job_id)
            await cool(pair)
            await pair.rest.delete_jar(jar)
    except TimeoutError as exc:
        raise EngineUnavailable(f"A pair was not warm within {_LIMIT:.0f} s") from exc


async def cool(pair: Pair) -> None:
    """Cancel whatever small job runs, and wait for the slots."""
    slots = pair.shape.task_managers * pair.shape.slots
    if pair.is_warming:
        await _until_known(pair.rest, _job_id(pair))
    while live := [view for view in (await pair.rest.jobs()).values() if not _is_over(view)]:
        for view in live:
            await pair.rest.cancel(view.id)
        await asyncio.sleep(_LOOK_EVERY)
    while (await pair.rest.cluster()).free_slots < slots:  # noqa: ASYNC110 - the event is in another process
        await asyncio.sleep(_LOOK_EVERY)
    pair.is_warming = False


async def _until_known(rest: FlinkRest, job_id: str) -> None:
    try:
        async with asyncio.timeout(_APPEARS_WITHIN):
            while await rest.job(job_id) is None:  # noqa: ASYNC110 - the event is in another process
                await asyncio.sleep(_LOOK_EVERY)
    except TimeoutError as exc:
        raise EngineUnavailable("The job that warms a pair neither came nor failed") from exc


async def _until_checkpoint(rest: FlinkRest, job_id: str) -> None:
    while not await rest.completed_checkpoints(job_id):
        view = await rest.job(job_id)
        if view is None or _is_over(view):
            raise EngineUnavailable(f"The job that warms a pair ended: {await rest.failure(job_id)}")
        await asyncio.sleep(_LOOK_EVERY)


def _job_id(pair: Pair) -> str:
    return f"{pair.id:0>32}"[-32:]


def _is_over(view: JobView) -> bool:
    return view.state in {"CANCELED", "FAILED", "FINISHED"}
