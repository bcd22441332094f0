"""A named place for objects that belongs to a project, and what its name and its keys may be.

Names are as given: upper and lower case are different names. Jobs may name a bucket once it is authorised (dli:
"Granting OBS bucket permissions to DLI").
"""

import re
from dataclasses import dataclass
from datetime import datetime

from penstock.domain.caller import ProjectId
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.location import Location

KEY_LIMIT = 1024  # bytes of UTF-8 (obs: "Naming an object")
PART_LIMIT = 255  # bytes: the parts of a key are names of files where the store is a folder

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]\Z|[A-Za-z0-9]{1,63}\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A bucket that is not authorised exists, but no job may name it."""

    project_id: ProjectId
    name: str
    created_at: datetime
    authorised: bool = False
    location: Location | None = None  # where an operator has mapped it to, in a store that has buckets of its own

    @property
    def root(self) -> str:
        """What the keys of its objects begin with in the store; neither part can hold a `/`."""
        if self.location is not None:
            return f"@{self.location.bucket}/{self.location.root}"
        return f"buckets/{self.project_id}/{self.name}/"

    def stored(self, key: str) -> str:
        """The key in the store of an object of this bucket."""
        return self.root + key


def bucket_name_faults(name: str, path: str) -> list[Fault]:
    """What is wrong with a bucket's name, at this field."""
    return [] if _NAME.match(name) else [Fault.at(path, FaultCode.BUCKET_NAME_INVALID, bucket=name)]


def object_key_faults(key: str) -> list[Fault]:
    """What is wrong with the key of an object, as strangers write it."""
    parts = key.split("/")
    if _CONTROL.search(key):
        return [Fault.at("key", FaultCode.CONTROL_CHARACTERS, field="key")]
    if not {"", ".", ".."}.isdisjoint(parts):
        return [Fault.at("key", FaultCode.OBJECT_KEY_INVALID, key=key)]
    if len(key.encode()) > KEY_LIMIT or any(len(part.encode()) > PART_LIMIT for part in parts):
        return [Fault.at("key", FaultCode.OBJECT_KEY_TOO_LONG, limit=KEY_LIMIT, part_limit=PART_LIMIT)]
    return []


def keys_above(key: str) -> list[str]:
    """The keys that would have to be folders for this one; none of them can be an object beside it."""
    parts = key.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]
