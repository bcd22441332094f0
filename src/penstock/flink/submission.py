"""Hands a run's bundle to a Flink, exactly once: what Flink knows by the run's id is never sent again.

Flink refuses a second job of one id with the same answer as a `main()` that fails. So the id is asked for before
anything is sent and after every refusal, and a refusal counts only while the id is unknown. A `main()` may run for
long after it has handed over its job, so the id is asked for while it runs, too.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol

from penstock.domain.errors import EngineUnavailable
from penstock.flink.rest import FlinkRest, Submission

_LOOK_EVERY = 0.03  # seconds
_NO_JOB = "The main() of the job ended without handing a job to Flink: it never called execute()"
_FLINKS_NO_JOB = "No jobs included in application"


class Answer(Enum):
    """What became of one try."""

    TAKEN = "taken"
    REFUSED = "refused"


class _End(Enum):
    """Why nobody waits for main() any longer."""

    KNOWN = "known"  # Flink has the job
    RETURNED = "returned"
    LATE = "late"


class Progress(Protocol):
    """Where an engine writes down how far a run has come, each step before the next one is taken."""

    async def submitting(self) -> None:
        """The job may reach Flink from now on."""
        ...

    async def submitted(self) -> None:
        """Flink has the job."""
        ...

    async def refused(self, why: str) -> None:
        """Flink never will have it."""
        ...

    async def exit_code(self) -> int | None:
        """Of the JobManager, if it ended by itself and that can be known."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What is handed over, and how long its main() may take."""

    bundle: Path
    submission: Submission
    main_limit: float  # seconds
    grace: float = 0.0  # seconds that a main() gets to end once Flink has its job, so that its jar can be removed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Post:
    """How the call that runs main() ended."""

    refusal: str | None = None
    trouble: EngineUnavailable | None = None


async def submit(rest: FlinkRest, handover: Handover, progress: Progress) -> Answer:
    """Raises EngineUnavailable where it cannot be told what became of it; then it is asked again."""
    submission = handover.submission
    if await rest.job(submission.job_id) is None:
        jar = await rest.upload(handover.bundle, submission.job_id)
        await progress.submitting()
        refusal = await _run(rest, jar, handover, progress)
        if refusal is not None:
            await progress.refused(refusal)
            return Answer.REFUSED
    await progress.submitted()
    return Answer.TAKEN


async def _run(rest: FlinkRest, jar: str, handover: Handover, progress: Progress) -> str | None:
    """None once Flink has the job, else why it never will."""
    async with asyncio.TaskGroup() as group:
        post = group.create_task(_post(rest, jar, handover.submission))
        try:
            end = await _watch(rest, post, handover)
            if post.done():
                with suppress(EngineUnavailable):
                    await rest.delete_jar(jar)
        finally:
            post.cancel()
    if end is _End.KNOWN:
        return None
    if end is _End.RETURNED:
        return await _judge(rest, handover.submission.job_id, post.result(), progress)
    # Nobody may take silence for a main() that does not return: this raises if Flink does not answer.
    if await rest.job(handover.submission.job_id) is not None:
        return None
    return f"The main() of the job did not return within {handover.main_limit:.0f} s, and handed no job to Flink"


async def _watch(rest: FlinkRest, post: asyncio.Task[_Post], handover: Handover) -> _End:
    try:
        async with asyncio.timeout(handover.main_limit):
            while not post.done():
                if await _is_known(rest, handover.submission.job_id):
                    await asyncio.wait([post], timeout=handover.grace)
                    return _End.KNOWN
                await asyncio.wait([post], timeout=_LOOK_EVERY)
    except TimeoutError:
        return _End.LATE
    return _End.RETURNED


async def _judge(rest: FlinkRest, job_id: str, post: _Post, progress: Progress) -> str | None:
    if post.trouble is not None:
        code = await progress.exit_code()
        if code is not None:
            return f"The main() of the job ended its Java process with exit code {code}; does it call System.exit?"
        raise post.trouble
    if await rest.job(job_id) is not None:
        return None
    return _NO_JOB if post.refusal is None or _FLINKS_NO_JOB in post.refusal else post.refusal


async def _post(rest: FlinkRest, jar: str, submission: Submission) -> _Post:
    try:
        return _Post(refusal=await rest.run(jar, submission))
    except EngineUnavailable as trouble:
        return _Post(trouble=trouble)


async def _is_known(rest: FlinkRest, job_id: str) -> bool:
    """A JobManager that is busy with main() may be slow: that is for the call itself to find out."""
    try:
        return await rest.job(job_id) is not None
    except EngineUnavailable:
        return False
