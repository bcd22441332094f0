"""Hands a run's bundle to the Flink of its pair, exactly once: what Flink knows by the run's id is never sent again.

Flink refuses a second job of one id with the same answer as a `main()` that fails. So the id is asked for before
anything is sent and after every refusal, and a refusal counts only while the id is unknown. A `main()` may run for
long after it has handed over its job, so the id is asked for while it runs, too.
"""

import asyncio
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from penstock.domain.errors import EngineUnavailable
from penstock.engines.local.journal import Note
from penstock.engines.local.pair import Pair
from penstock.flink.rest import Submission

_LOOK_EVERY = 0.03  # seconds
_NO_JOB = "The main() of the job ended without handing a job to Flink: it never called execute()"
_FLINKS_NO_JOB = "No jobs included in application"


class Answer(Enum):
    """What became of one try."""

    TAKEN = "taken"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Post:
    """How the call that runs main() ended."""

    refusal: str | None = None
    trouble: EngineUnavailable | None = None


async def submit(pair: Pair, bundle: Path, submission: Submission, main_limit: float) -> Answer:
    """Raises EngineUnavailable where it cannot be told what became of it; then it is asked again."""
    if await pair.rest.job(submission.job_id) is None:
        jar = await pair.rest.upload(bundle)
        await pair.note(Note.SUBMITTING, pair.begun_at.isoformat() if pair.begun_at else "")
        refusal = await _run(pair, jar, submission, main_limit)
        if refusal is not None:
            await pair.note(Note.REFUSED, refusal)
            return Answer.REFUSED
    await pair.note(Note.SUBMITTED)
    return Answer.TAKEN


async def _run(pair: Pair, jar: str, submission: Submission, main_limit: float) -> str | None:
    """None once Flink has the job, else why it never will."""
    async with asyncio.TaskGroup() as group:
        post = group.create_task(_post(pair, jar, submission))
        try:
            async with asyncio.timeout(main_limit):
                while not post.done():
                    if await _is_known(pair, submission.job_id):
                        return None
                    await asyncio.wait([post], timeout=_LOOK_EVERY)
        except TimeoutError:
            if await _is_known(pair, submission.job_id):
                return None
            return f"The main() of the job did not return within {main_limit:.0f} s, and handed no job to Flink"
        finally:
            post.cancel()
    return await _judge(pair, submission.job_id, post.result())


async def _judge(pair: Pair, job_id: str, post: _Post) -> str | None:
    if post.trouble is not None:
        code = await _exit_code(pair)
        if code is not None:
            return f"The main() of the job ended its Java process with exit code {code}; does it call System.exit?"
        raise post.trouble
    if await pair.rest.job(job_id) is not None:
        return None
    return _NO_JOB if post.refusal is None or _FLINKS_NO_JOB in post.refusal else post.refusal


async def _post(pair: Pair, jar: str, submission: Submission) -> _Post:
    try:
        return _Post(refusal=await pair.rest.run(jar, submission))
    except EngineUnavailable as trouble:
        return _Post(trouble=trouble)


async def _is_known(pair: Pair, job_id: str) -> bool:
    """A JobManager that is busy with main() may be slow: that is for the call itself to find out."""
    try:
        return await pair.rest.job(job_id) is not None
    except EngineUnavailable:
        return False


async def _exit_code(pair: Pair) -> int | None:
    """The connection ends a moment before the process does."""
    for _ in range(100):
        code = pair.exit_code()
        if code is not None:
            return code
        await asyncio.sleep(0.02)
    return None
