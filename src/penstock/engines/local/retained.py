"""What state the ended runs of a job have left on disk: the newest checkpoint that is whole.

Flink writes checkpoint N of a job under `<checkpoints>/<Flink's id of the job>/chk-N`, and its `_metadata` last. A
JobManager that died while writing may leave a `_metadata` that is cut short, so a checkpoint counts as readable only if
its metadata begins as Flink's serializers begin it, and every file that it names beside itself is there.
Source: `org.apache.flink.runtime.checkpoint.Checkpoints` (HEADER_MAGIC_NUMBER 0x4960672d, then the version as an int).
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from penstock.domain.observation import Retained

_CHECKPOINT = re.compile(r"chk-(\d+)\Z")
_MAGIC = b"\x49\x60\x67\x2d"
_VERSIONS = range(1, 6)
_METADATA_LIMIT = 64 * 1024 * 1024
_FILE = b"file:"


def retained_in(checkpoints: Path, job_ids: Sequence[str]) -> Retained:
    """`job_ids` are Flink's, newest run first; the newest checkpoint of the newest run that has one wins."""
    had_state = False
    for job_id in job_ids:
        for folder in _newest_first(checkpoints / job_id):
            had_state = had_state or (folder / "_metadata").exists()
            if is_whole(folder):
                return Retained(f"file://{folder}", had_state=True)
    return Retained(had_state=had_state)


def is_whole(folder: Path) -> bool:
    """Whether Flink can begin from it, as far as can be told without reading the state itself."""
    try:
        metadata = (folder / "_metadata").read_bytes()[:_METADATA_LIMIT]
    except OSError:
        return False
    version = int.from_bytes(metadata[4:8], "big")
    return metadata[:4] == _MAGIC and version in _VERSIONS and len(metadata) > 8 and not _missing(metadata)


def _missing(metadata: bytes) -> bool:
    return any(not Path(path).exists() for path in _files_beside(metadata))


def _files_beside(metadata: bytes) -> Iterator[str]:
    """The paths of the state's files: Java writes each text as its length in two bytes, then UTF-8."""
    at = metadata.find(_FILE)
    while at >= 0:
        length = int.from_bytes(metadata[max(0, at - 2) : at], "big")
        text = metadata[at : at + length]
        if len(text) == length > len(_FILE):
            yield text.decode("utf-8", "replace").removeprefix("file:")
        at = metadata.find(_FILE, at + 1)


def _newest_first(folder: Path) -> Iterator[Path]:
    try:
        found = [(int(match[1]), path) for path in folder.iterdir() if (match := _CHECKPOINT.match(path.name))]
    except OSError:
        return
    for _, path in sorted(found, reverse=True):
        yield path
