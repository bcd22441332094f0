"""Where a bucket of ours lies in an object store that has buckets of its own: one of those, and a prefix in it."""

import re
from dataclasses import dataclass
from typing import Self

PREFIX_LIMIT = 512  # bytes: half of what a key may have, the rest is the objects'

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Location:
    """`bucket`, or `bucket/prefix`; a prefix is like a folder, so `a` does not hold `ab`."""

    bucket: str
    prefix: str = ""

    def __str__(self) -> str:
        return f"{self.bucket}/{self.prefix}" if self.prefix else self.bucket

    @classmethod
    def parse(cls, text: str) -> Self:
        """As somebody wrote it; whether it can be one is for `fault` to say."""
        bucket, _, prefix = text.partition("/")
        return cls(bucket, prefix.removesuffix("/"))

    @property
    def root(self) -> str:
        """What the keys in the bucket begin with."""
        return f"{self.prefix}/" if self.prefix else ""

    @property
    def fault(self) -> str:
        """What is wrong with it, for an operator; empty if nothing is."""
        if not _BUCKET.match(self.bucket):
            return "a bucket has 3 to 63 lower-case letters, digits, dots and hyphens"
        if not self.prefix:
            return ""
        if _CONTROL.search(self.prefix) or not {"", ".", ".."}.isdisjoint(self.prefix.split("/")):
            return "a prefix has no empty part between slashes, no . or .. as one, and no control characters"
        return f"a prefix has at most {PREFIX_LIMIT} bytes" if len(self.prefix.encode()) > PREFIX_LIMIT else ""

    def overlaps(self, other: "Location") -> bool:
        """Whether one holds keys of the other."""
        return self.bucket == other.bucket and (self.root.startswith(other.root) or other.root.startswith(self.root))
