"""Where the original of a savepoint is now: its state folder may have moved since Flink wrote it, state directory and all."""

import asyncio

from penstock.control.savepoint_transfer import METADATA
from penstock.domain.kept_savepoint import KeptSavepoint
from penstock.ports.engine import Engine


async def found_again(engine: Engine, kept: KeptSavepoint) -> KeptSavepoint:
    """With the address that it has in the state folder of today, if that has it in the folder of its id."""
    folder = engine.state_folder(kept.job_id)
    if folder is None or not kept.path or folder.path_of(kept.path) is not None:
        return kept
    inside = f"savepoints/{kept.id}/{kept.path.rstrip('/').rpartition('/')[2]}"
    is_there = await asyncio.to_thread((folder.path / inside / METADATA).is_file)
    return kept.at(kept.place, f"{folder.address}/{inside}") if is_there else kept
