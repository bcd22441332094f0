"""Where an object lies, as callers write it: `obs://bucket/key`, `s3://bucket/key`, or as the address of an object.

An address (`https://bucket.host/key`, dli: "Uploading a resource package") is only read, never called: it counts where
its host is the one that the operator says our own objects have.
"""

from dataclasses import dataclass
from urllib.parse import unquote

from penstock.domain.bucket import bucket_name_faults, object_key_faults

_SCHEMES = frozenset({"obs", "s3", "s3a"})


@dataclass(frozen=True, slots=True)
class ObjectPath:
    """A bucket and a key that objects can have."""

    bucket: str
    key: str

    def __str__(self) -> str:
        return f"obs://{self.bucket}/{self.key}"

    @property
    def file_name(self) -> str:
        return self.key.rpartition("/")[2]


def object_path_of(text: str, host: str = "") -> ObjectPath | None:
    """None if it is no path of an object, or the address of one that cannot be ours."""
    scheme, _, rest = text.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme == "https":
        bucket, key = _own_bucket(bucket, host), _decoded(key)
    elif scheme not in _SCHEMES:
        return None
    sound = not bucket_name_faults(bucket, "") and not object_key_faults(key)
    return ObjectPath(bucket, key) if sound else None


def folder_path_of(text: str) -> ObjectPath | None:
    """A folder of objects, as `bucket/dir/`, `obs://bucket/dir` or `bucket` (then its key is empty); None if it is none."""
    scheme, found, rest = text.partition("://")
    if found and scheme not in _SCHEMES:
        return None
    bucket, _, key = (rest if found else text).partition("/")
    key = key.removesuffix("/")
    sound = not bucket_name_faults(bucket, "") and not (key and object_key_faults(key))
    return ObjectPath(bucket, key) if sound else None


def _own_bucket(authority: str, host: str) -> str:
    suffix = f".{host.lower()}"
    return authority[: -len(suffix)] if host and authority.lower().endswith(suffix) else ""


def _decoded(path: str) -> str:
    """Empty, which no key is, where the address says more than a path."""
    if "?" in path or "#" in path:
        return ""
    try:
        return unquote(path, errors="strict")
    except UnicodeDecodeError:
        return ""
