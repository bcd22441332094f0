"""What state the runs of a job have left on disk: the newest checkpoint that is whole, and savepoints that are.

Flink writes checkpoint N of a job under `<checkpoints>/<Flink's id of the job>/chk-N`, and its `_metadata` last. A
JobManager that died while writing may leave a `_metadata` that is cut short, so a checkpoint counts as readable only if
its metadata begins as Flink's serializers begin it, and every file that it names beside itself is there.
Source: Flink 1.20, `runtime.checkpoint.metadata.MetadataV2V3SerializerBase` (the types of handles).
"""

import asyncio
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from penstock.domain.kept_savepoint import METADATA_HEAD, begins_as_metadata
from penstock.domain.observation import Observation, Retained, SavepointNews, SavepointSeen
from penstock.domain.savepoint import SavepointId

_CHECKPOINT = re.compile(r"chk-(\d+)\Z")
_METADATA_LIMIT = 64 * 1024 * 1024
# How a handle of state is written: its type, then, for a file in the checkpoint's own folder (3), its name and size,
# for one elsewhere (2) its size and address. Java writes a text as its length in two bytes, then UTF-8.
_RELATIVE = re.compile(rb"\x03\x00\x24([0-9a-f]{8}-[0-9a-f-]{27})(.{8})", re.DOTALL)
_ABSOLUTE = re.compile(rb"\x02(\x00.{7})(..)(file:)", re.DOTALL)


def retained_in(checkpoints: Path, job_ids: Sequence[str]) -> Retained:
    """`job_ids` are Flink's, newest run first; the newest checkpoint of the newest run that has one wins."""
    had_state = False
    for job_id in job_ids:
        for folder in _newest_first(checkpoints / job_id):
            had_state = had_state or (folder / "_metadata").exists()
            if is_whole(folder):
                return Retained(f"file://{folder}", had_state=True)
    return Retained(had_state=had_state)


async def with_savepoints_on_disk(seen: Observation, asked: Collection[SavepointId], state: Path | None) -> Observation:
    """Flink forgets a savepoint's end after five minutes (`rest.async.store-duration`), and one that is gone tells
    nothing: what lies whole in the folder of its id is complete all the same. `state` is the job's folder, None if it
    is out of our sight."""
    unknown = [savepoint for savepoint in asked if _is_unknown(seen, savepoint)]
    if state is None or not unknown:
        return seen
    found = await asyncio.to_thread(_savepoints_in, state / "savepoints", unknown)
    return replace(seen, savepoints={**seen.savepoints, **found}) if found else seen


def is_whole(folder: Path) -> bool:
    """Whether Flink can begin from it, as far as can be told without reading the state itself."""
    try:
        metadata = (folder / "_metadata").read_bytes()[:_METADATA_LIMIT]
        begins_well = begins_as_metadata(metadata) and len(metadata) > METADATA_HEAD
        return begins_well and all(file.stat().st_size >= size for file, size in _files(folder, metadata))
    except OSError:
        return False


def _is_unknown(seen: Observation, savepoint: SavepointId) -> bool:
    news = seen.savepoints.get(savepoint)
    return news is None or news.seen is SavepointSeen.UNKNOWN


def _savepoints_in(folder: Path, savepoints: Sequence[SavepointId]) -> Mapping[SavepointId, SavepointNews]:
    found = {}
    for savepoint in savepoints:
        with suppress(OSError):
            whole = [path for path in sorted((folder / savepoint).iterdir()) if is_whole(path)]
            if whole:
                found[savepoint] = SavepointNews(SavepointSeen.COMPLETED, path=f"file://{whole[0]}")
    return found


def _files(folder: Path, metadata: bytes) -> Iterator[tuple[Path, int]]:
    """The files that hold state beside the metadata, with the bytes that they must have at least.

    Small state lies in the metadata itself, under the name of a file that never was: those names do not count.
    """
    for name, size in _RELATIVE.findall(metadata):
        yield folder / name.decode("ascii"), int.from_bytes(size, "big")
    for match in _ABSOLUTE.finditer(metadata):
        size, length = int.from_bytes(match[1], "big"), int.from_bytes(match[2], "big")
        text = metadata[match.start(3) : match.start(3) + length]
        yield Path(text.decode("utf-8", "replace").removeprefix("file:")), size


def _newest_first(folder: Path) -> Iterator[Path]:
    try:
        found = [(int(match[1]), path) for path in folder.iterdir() if (match := _CHECKPOINT.match(path.name))]
    except OSError:
        return
    for _, path in sorted(found, reverse=True):
        yield path
