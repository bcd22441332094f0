"""Tells subscriptions by HTTP, in the shape in which SMN pushes messages, signed by this installation.

smn: "HTTP or HTTPS message format" and "Message signature verification": the signed text is each key and each value on
a line of its own, keys in alphabetical order; an empty subject is left out of it.
"""

import base64
import json
from collections.abc import Mapping

from penstock.domain.errors import OutsideRefused, OutsideUnavailable, SetupError
from penstock.domain.outbox import Letter, LetterKind
from penstock.domain.topic import Protocol
from penstock.ports.notifier import NotifierSurroundings
from penstock.ports.plugin import Plugin

_GONE = 410
_VERSION = "v1"


class Webhook:
    """`ports.notifier.Notifier`. Every 2xx is taken, 410 is for good, all else is worth another try."""

    protocols = (Protocol.HTTP, Protocol.HTTPS)

    def __init__(self, around: NotifierSurroundings) -> None:
        self._outgoing = around.outgoing
        self._stamp = around.stamp
        self._links = around.links

    async def tell(self, letter: Letter, link: str) -> None:
        body = await self._body(letter, link)
        answer = await self._outgoing.send("POST", letter.endpoint, headers=_headers(letter), body=body)
        if answer.status == _GONE:
            raise OutsideRefused("the receiver answered 410: it is gone")
        if not answer.is_success:
            raise OutsideUnavailable(f"the receiver answered {answer.status}")

    async def _body(self, letter: Letter, link: str) -> bytes:
        signed = _signed_fields(letter, link)
        signature = await self._stamp.sign("".join(f"{name}\n{signed[name]}\n" for name in sorted(signed)).encode())
        document = {
            "signature": base64.b64encode(signature).decode(),
            "signature_version": _VERSION,
            "signing_cert_url": self._links.to_certificate(await self._stamp.name()),
            "subject": letter.subject,
            _link_name(letter): link,
        }
        return json.dumps(document | signed, ensure_ascii=False).encode()


def _signed_fields(letter: Letter, link: str) -> dict[str, str]:
    fields = {
        "message": letter.message,
        "message_id": letter.message_id,
        "timestamp": f"{letter.created_at:%Y-%m-%dT%H:%M:%SZ}",
        "topic_urn": letter.topic_urn,
        "type": letter.kind.value,
    }
    if letter.kind is not LetterKind.NOTIFICATION:
        return fields | {"subscribe_url": link}
    return fields | ({"subject": letter.subject} if letter.subject else {})


def _link_name(letter: Letter) -> str:
    return "unsubscribe_url" if letter.kind is LetterKind.NOTIFICATION else "subscribe_url"


def _headers(letter: Letter) -> dict[str, str]:
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "penstock",
        "X-SMN-MESSAGE-TYPE": letter.kind.value,
        "X-SMN-MESSAGE-ID": letter.message_id,
        "X-SMN-TOPIC-URN": letter.topic_urn,
        "X-SMN-SUBSCRIPTION-URN": letter.subscription_urn,
    }


def _no_settings(values: Mapping[str, object]) -> None:
    for name in values:
        raise SetupError(f"The notifier 'webhook' has no setting {name!r}; it has none at all.")


def _webhook(_: None, around: NotifierSurroundings) -> Webhook:
    return Webhook(around)


plugin = Plugin(name="webhook", settings=_no_settings, factory=_webhook)
