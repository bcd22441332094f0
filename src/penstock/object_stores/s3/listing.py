"""Listing what begins with any text and stands behind any other, where the library lists folders behind a key."""

import re
from typing import TYPE_CHECKING

import obstore
from obstore.store import S3Store as Client

if TYPE_CHECKING:
    from obstore import ObjectMeta  # a name for type checkers only

NO_PARTS = frozenset({"", ".", ".."})  # what no part of a key is
CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_LAST = "\U0010ffff"  # no key has a greater character


async def listed(client: Client, path: str, after: str, count: int) -> "list[ObjectMeta]":
    """So many objects whose keys begin with this path and stand behind `after`, at most.

    The library knows prefixes that end with a slash only: for others it begins behind what stands before them.
    """
    folder = path.rpartition("/")[0]
    begin = max(_sound(after), "" if path in {"", f"{folder}/"} else _just_before(path))
    found: list[ObjectMeta] = []
    async for chunk in obstore.list(client, folder or None, offset=begin or None, chunk_size=min(count, 1000)):
        for meta in chunk:
            if meta["path"].startswith(path):
                found += [meta] if meta["path"] > after else []
            elif meta["path"] > path:
                return found
        if len(found) >= count:
            break
    return found[:count]


def _sound(after: str) -> str:
    """The longest beginning that the library takes for a key: a cursor may be any text."""
    kept: list[str] = []
    for part in CONTROL.split(after)[0].split("/"):
        if part in NO_PARTS:
            break
        kept.append(part)
    return "/".join(kept)


def _just_before(prefix: str) -> str:
    """A text that stands before everything with this prefix, and behind nearly everything that stands before it."""
    number = ord(prefix[-1]) - 1
    last = chr(0xD7FF if number == 0xDFFF else number)  # no text holds what lies between
    return prefix[:-1] + last + _LAST
