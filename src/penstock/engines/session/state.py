"""Where the jobs of a session cluster keep their state, and what of it is left.

If the folder is one that this machine sees, it is looked into; else Flink's own word counts, noted while the job ran. A
folder may have the same name here and there and not be the same: what Flink told of and is not there says so.
"""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from penstock.domain.observation import Retained
from penstock.domain.run import InstallationId, RunId, flink_job_id
from penstock.engines.session.notes import Known, Note
from penstock.flink.retained import retained_in
from penstock.ports.surroundings import Surroundings

_FILE = "file://"


def state_address(chosen: str, around: Surroundings, job_id: int) -> str:
    """The folder of one job; `chosen` is the setting."""
    if chosen:
        return f"{chosen}/{around.installation}/jobs/{job_id}/state"
    return f"{_FILE}{around.jobs_folder}/{job_id}/state"


def folder_seen_here(state: str) -> Path | None:
    """The folder of that name here, which may be another one than the cluster's; None if it is none of a file system."""
    return Path(state.removeprefix(_FILE)) if state.startswith(_FILE) else None


async def has_made_state(state: str, flink_job: str) -> bool:
    """As far as this machine can see."""
    return (await asyncio.to_thread(_seen_here, state, [flink_job])).had_state


async def retained(
    known: Mapping[RunId, Known], runs: Sequence[RunId], installation: InstallationId, state: str
) -> Retained:
    """`runs` are of one job, newest first; `state` is where it goes now. Notes of earlier runs may be gone."""
    had_state = False
    for run in runs:
        place = known[run].state or state
        here = await asyncio.to_thread(_seen_here, place, [flink_job_id(installation, run)])
        if here.checkpoint:
            return here
        if here.had_state:
            had_state = True
        elif Note.CHECKPOINT in known[run]:
            return Retained(known[run][Note.CHECKPOINT], had_state=True)
    return Retained(had_state=had_state)


def _seen_here(state: str, flink_jobs: list[str]) -> Retained:
    folder = folder_seen_here(state)
    if folder is None:
        return Retained()
    try:
        return retained_in(folder / "checkpoints", flink_jobs)
    except OSError:  # it may belong to the OS user of the cluster
        return Retained()
