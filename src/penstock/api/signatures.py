"""The request signature SDK-HMAC-SHA256: how it is made, and how one that came is compared; pure functions.

What is signed is written down in Huawei Cloud's "API request signing guide" and in its SDKs; two vectors are in the
tests. Both sides of the wire use this module: the API compares, the command line signs.

Path and query are decoded and encoded again before they are signed, as the SDKs do it. That is safe because routing
looks at the same decoded form: two requests with one signature also mean the same.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote_from_bytes, unquote_to_bytes, urlsplit

from penstock.domain.errors import NotKnown
from penstock.domain.faults import FaultCode

ALGORITHM = "SDK-HMAC-SHA256"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
DATE_HEADER = "x-sdk-date"
CONTENT_HEADER = "x-sdk-content-sha256"
EMPTY_HASH = hashlib.sha256(b"").hexdigest()

Headers = Sequence[tuple[bytes, bytes]]

_DATE_FORMAT = "%Y%m%dT%H%M%SZ"
_DATE = re.compile(r"\d{8}T\d{6}Z", re.ASCII)
_CONTENT_HASH = re.compile(rf"[0-9a-f]{{64}}|{UNSIGNED_PAYLOAD}")
_ACCESS_KEY = re.compile(r"[\x21-\x7e]{1,128}")
_SIGNED_NAME = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a request says before its body; path and query as they are on the wire, without the `?`."""

    method: str
    path: bytes
    query: bytes
    headers: Headers

    def values(self, name: str) -> list[bytes]:
        """Every value of a header, in the order in which they came; the name is in lower case."""
        wanted = name.encode("ascii")
        return [value.strip(b" \t") for key, value in self.headers if key.lower() == wanted]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What the headers of a signed request claim; nothing of it is proven yet."""

    access: str
    signed: tuple[str, ...]  # names of headers, in lower case, as the caller lists them
    signature: str
    date: str
    at: datetime
    content: str | None  # the body's SHA-256 as the caller says it, UNSIGNED_PAYLOAD, or nothing


def read_claim(head: Head) -> Claim:
    """The claim in `Authorization` and the headers around it. Raises NotKnown, with what is wrong."""
    fields = _authorization(_only(head, "authorization") or "")
    signed = tuple(fields["signedheaders"].split(";"))
    date = _only(head, DATE_HEADER)
    if not date or DATE_HEADER not in signed:
        raise refused("date_not_signed")
    if any(not _SIGNED_NAME.fullmatch(name) or not head.values(name) for name in signed):
        raise refused("header_missing")
    content = _only(head, CONTENT_HEADER)
    if content is not None and not _CONTENT_HASH.fullmatch(content):
        raise refused("content_hash_malformed")
    return Claim(
        access=fields["access"],
        signed=signed,
        signature=fields["signature"],
        date=date,
        at=_moment(date),
        content=content,
    )


def proves(claim: Claim, head: Head, content: str, secret: str) -> bool:
    """Whether the signature was made with the secret, over this head and a body with this hash."""
    expected = _signature(secret, claim.date, canonical_request(head, claim.signed, content))
    return hmac.compare_digest(expected.encode(), claim.signature.encode("utf-8", "surrogateescape"))


def sign(  # noqa: PLR0913 - a request and a key are seven plain values
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    access_key: str,
    secret_key: str,
    date: datetime,
) -> dict[str, str]:
    """The headers to send with this request: those given, `Host`, `X-Sdk-Date` and `Authorization`.

    A body that is streamed is signed by its `X-Sdk-Content-Sha256`, which may be `UNSIGNED-PAYLOAD` for an upload.
    """
    parts = urlsplit(url)
    stamp = date.astimezone(UTC).strftime(_DATE_FORMAT)
    own = {"host": "Host", DATE_HEADER: "X-Sdk-Date", "authorization": "Authorization"}
    sent = {name: value.strip() for name, value in headers.items() if name.lower() not in own}
    sent |= {"Host": parts.netloc.rpartition("@")[2], "X-Sdk-Date": stamp}
    raw = [(name.lower().encode("ascii"), value.encode()) for name, value in sent.items()]
    head = Head(method=method, path=parts.path.encode() or b"/", query=parts.query.encode(), headers=raw)
    signed = sorted(name.lower() for name in sent if "_" not in name)
    content = _only(head, CONTENT_HEADER) or hashlib.sha256(body).hexdigest()
    signature = _signature(secret_key, stamp, canonical_request(head, signed, content))
    sent["Authorization"] = f"{ALGORITHM} Access={access_key}, SignedHeaders={';'.join(signed)}, Signature={signature}"
    return sent


def canonical_request(head: Head, signed: Sequence[str], content: str) -> bytes:
    """The one text that both sides make of a request."""
    lines = [
        head.method.upper().encode(),
        _canonical_path(head.path),
        _canonical_query(head.query),
        *_canonical_headers(head, signed),
        b"",
        ";".join(signed).encode(),
        content.encode(),
    ]
    return b"\n".join(lines)


def refused(why: str) -> NotKnown:
    """The signature does not hold; `why` is a key of the words in `messages`."""
    return NotKnown.of(FaultCode.SIGNATURE_INVALID, "Authorization", why=why)


def _authorization(text: str) -> dict[str, str]:
    algorithm, _, rest = text.strip().partition(" ")
    if algorithm != ALGORITHM:
        shown = "".join(letter for letter in algorithm if letter.isprintable())[:40]
        raise NotKnown.of(FaultCode.ALGORITHM_UNSUPPORTED, "Authorization", algorithm=shown)
    pairs = [part.strip().partition("=") for part in rest.split(",")]
    fields = {name.lower(): value for name, _, value in pairs}
    if len(pairs) != len(fields) or fields.keys() != {"access", "signedheaders", "signature"}:
        raise refused("header_malformed")
    if not _ACCESS_KEY.fullmatch(fields["access"]):
        raise refused("header_malformed")
    return fields


def _only(head: Head, name: str) -> str | None:
    """The header's value; two of them would leave open which one was meant."""
    values = head.values(name)
    if len(values) > 1:
        raise refused("header_repeated")
    return values[0].decode("utf-8", "surrogateescape") if values else None


def _moment(date: str) -> datetime:
    if not _DATE.fullmatch(date):
        raise refused("date_malformed")
    try:
        return datetime.strptime(date, _DATE_FORMAT).replace(tzinfo=UTC)
    except ValueError as error:
        raise refused("date_malformed") from error


def _signature(secret: str, date: str, canonical: bytes) -> str:
    text = "\n".join((ALGORITHM, date, hashlib.sha256(canonical).hexdigest()))
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def _canonical_path(path: bytes) -> bytes:
    """Every segment encoded anew; empty segments stay, and the end is a slash even where the request has none."""
    encoded = quote_from_bytes(unquote_to_bytes(path), safe="/~").encode()
    return encoded if encoded.endswith(b"/") else encoded + b"/"


def _canonical_query(query: bytes) -> bytes:
    pairs = [part.replace(b"+", b" ").partition(b"=") for part in query.split(b"&") if part]
    decoded = sorted((unquote_to_bytes(name), unquote_to_bytes(value)) for name, _, value in pairs)
    return "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in decoded).encode()


def _encoded(text: bytes) -> str:
    return quote_from_bytes(text, safe="~")


def _canonical_headers(head: Head, signed: Sequence[str]) -> list[bytes]:
    """A line for each value of each signed header, in the order of the names; trimmed."""
    return [name.encode() + b":" + value for name in sorted(signed) for value in sorted(head.values(name))]
