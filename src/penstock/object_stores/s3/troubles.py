"""What an S3-compatible store, or the way to it, refused: read from the library's words, told in ours.

The library tells causes as text only: the status and the body of the answer, or what broke before there was one (ADR
15). So the reading is here alone, pure, and tested with messages that were recorded.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from penstock.domain.errors import ObjectMissing, StorageError, StoreFull, StoreUnavailable

_STATUS = re.compile(r"Server returned (?:non-2xx status code|error response): (\d{3})")
_FIELD = {name: re.compile(rf"<{name}>([^<]{{1,200}})</{name}>") for name in ("Code", "RequestTime", "ServerTime")}
_DEBUG = "\n\nDebug source:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked for; no part of it is secret."""

    place: str  # the address of the store
    bucket: str
    key: str  # as the port names it


class _Answer(NamedTuple):
    """0 and nothing where there was no answer."""

    status: int
    code: str


_FULL = frozenset({"XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "QuotaExceeded", "InsufficientCapacity"})
_BUSY = frozenset({"SlowDown", "ServiceUnavailable", "Busy", "TooManyRequests", "RequestLimitExceeded", "ServerBusy"})
_MISSING = frozenset({"NoSuchKey", "NoSuchVersion", "NotFound"})
_NEVER = frozenset({"KeyTooLongError", "ObjectParentIsFile"})  # there can be no such object
_OTHER_REGION = (
    "wants the bucket {bucket} to be asked for in another region or at another address: correct store.region or "
    "store.endpoint"
)

_CODES: Mapping[str, str] = MappingProxyType(
    {
        "InvalidAccessKeyId": "does not know the access key: correct store.access_key or AWS_ACCESS_KEY_ID",
        "XAdminUserNotFound": "does not know the access key: correct store.access_key or AWS_ACCESS_KEY_ID",
        "SignatureDoesNotMatch": "refuses the signature: the secret key is not that of the access key "
        "(store.secret_key_file or AWS_SECRET_ACCESS_KEY)",
        "ExpiredToken": "refuses the session's token, which has expired: renew AWS_SESSION_TOKEN",
        "InvalidToken": "refuses the session's token: correct AWS_SESSION_TOKEN",
        "NoSuchBucket": "has no bucket {bucket}: make it there, or correct the name",
        "AccessDenied": "does not allow this to our access key: give it the right to put, get, list and delete in the "
        "bucket {bucket}",
        "AuthorizationHeaderMalformed": _OTHER_REGION,
        "PermanentRedirect": _OTHER_REGION,
        "IllegalLocationConstraintException": _OTHER_REGION,
        "NoSuchUpload": "lost sight of an upload that was being sent: send it again",
        "KeyTooLongError": "takes no key as long as this one",
        "ExistingObjectIsDirectory": "has objects below this key, and cannot have one at it: choose another key",
        "ObjectParentIsFile": "has an object above this key, and cannot have one below it: choose another key",
    }
)

# In the order in which they are looked for in what the library prints of its own error; the last ones are the widest.
_BREAKS: tuple[tuple[str, str], ...] = (
    ("redirect without LOCATION", _OTHER_REGION),
    ("BadScheme", "is named by an address that is not https: use https, or set store.allow_http"),
    ("InvalidContentType", "does not speak TLS: correct store.endpoint"),
    ("UnknownIssuer", "shows a certificate that nobody we trust has signed: name its authority in store.ca"),
    ("CaUsedAsEndEntity", "shows a certificate that nobody we trust has signed: name its authority in store.ca"),
    ("NotValidForName", "shows a certificate of another name: correct store.endpoint"),
    ("Expired", "shows a certificate that has expired: renew it"),
    ("InvalidCertificate", "shows a certificate that does not hold: renew it, or name its authority in store.ca"),
    ("dns error", "has a name that cannot be resolved: correct store.endpoint, or see to the resolver"),
    ("ConnectionRefused", "refuses the connection: see that it is up, and that store.endpoint names it"),
    ("TimedOut", "does not answer in time"),
    ("kind: Timeout", "does not answer in time"),
    ("kind: Connect", "cannot be reached"),
    ("IncompleteMessage", "broke the connection off"),
    ("ConnectionReset", "broke the connection off"),
    ("BrokenPipe", "broke the connection off"),
    ("kind: Interrupted", "broke the connection off"),
    ("kind: Request", "broke the connection off"),
    ("kind: Decode", "broke the connection off"),
)


def error_of(said: str, asked: Asked, *, is_read: bool = False) -> StorageError:
    """The error of the tree, in one sentence."""
    answer = _answer_in(said)
    if answer.code in _MISSING or (answer.status == 404 and not answer.code) or (is_read and answer.code in _NEVER):
        return ObjectMissing(f"There is no object {asked.key}.", key=asked.key)
    if answer.status == 507 or answer.code in _FULL:
        return StoreFull(f"The object store at {asked.place} has no space left.", key=asked.key)
    told = _told(said, answer).format(bucket=asked.bucket, key=asked.key)
    return StoreUnavailable(f"The object store at {asked.place} {told}.", key=asked.key)


def no_answer(seconds: float, asked: Asked) -> StorageError:
    """Our own limit ran out."""
    return StoreUnavailable(f"The object store at {asked.place} took longer than {seconds:.0f} s.", key=asked.key)


def _answer_in(said: str) -> _Answer:
    status, code = _STATUS.search(said), _FIELD["Code"].search(said)
    return _Answer(int(status[1]) if status else 0, code[1] if code else "")


def _told(said: str, answer: _Answer) -> str:
    if answer.code == "RequestTimeTooSkewed":
        return f"says that our clock is wrong{_by_how_much(said)}: set the clock of this machine"
    if known := _CODES.get(answer.code):
        return known
    if answer.code in _BUSY or answer.status in {429, 503}:
        return "is busy, also when asked again"
    if answer.status == 403:
        return _CODES["AccessDenied"]
    if answer.status:
        return f"answered {answer.status}{_named(answer.code)}"
    return _broken(said)


def _broken(said: str) -> str:
    if "Encountered object with invalid path" in said:
        return (
            "holds an object in the bucket {bucket} whose key cannot be one here (an empty part between slashes, . or "
            ".. as one, control characters): rename it there"
        )
    return next((told for mark, told in _BREAKS if mark in said), f"failed: {_first_line(said)}")


def _by_how_much(said: str) -> str:
    ours, theirs = (_FIELD[name].search(said) for name in ("RequestTime", "ServerTime"))
    times = [_time_of(found[1]) for found in (ours, theirs) if found]
    if len(times) < 2 or times[0] is None or times[1] is None:
        return ""
    ahead = times[0] - times[1]
    return f", {abs(ahead) // timedelta(seconds=1)} s {'ahead of' if ahead > timedelta(0) else 'behind'} its own"


def _time_of(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _named(code: str) -> str:
    return f" ({code})" if re.fullmatch(r"[A-Za-z0-9.]{1,80}", code) else ""


def _first_line(said: str) -> str:
    """Braces would be taken for our own."""
    line = said.partition(_DEBUG)[0].splitlines()[0] if said else "for an unknown reason"
    return line[:200].replace("{", "(").replace("}", ")")
