"""Writes letters into the service's own log instead of sending them: to try subscriptions without a mail server."""

from collections.abc import Collection, Mapping

import structlog

from penstock.domain.errors import SetupError
from penstock.domain.outbox import Letter
from penstock.domain.topic import Protocol
from penstock.ports.notifier import NotifierSurroundings
from penstock.ports.plugin import Plugin

_log = structlog.get_logger()
_DEFAULT = (Protocol.EMAIL,)


class LogLine:
    """`ports.notifier.Notifier`, for the protocols that the setting `protocols` names (default: email)."""

    def __init__(self, protocols: Collection[Protocol]) -> None:
        self.protocols = tuple(protocols)

    async def tell(self, letter: Letter, link: str) -> None:
        _log.info(
            "letter written",
            kind=letter.kind.value,
            topic=letter.topic_urn,
            to=letter.endpoint,
            message_id=letter.message_id,
            subject=letter.subject,
            message=letter.message,
            link=link,
        )


def _protocols_from(values: Mapping[str, object]) -> tuple[Protocol, ...]:
    for name in values:
        if name != "protocols":
            raise SetupError(f"The notifier 'log' has no setting {name!r}; it has protocols.")
    given = values.get("protocols", _DEFAULT)
    names = given.split(",") if isinstance(given, str) else given
    known = set(Protocol)
    if not isinstance(names, list | tuple) or not {str(name).strip() for name in names} <= known:
        raise SetupError(f"notifiers.log.protocols must be a list of {', '.join(Protocol)}, not {given!r}.")
    return tuple(Protocol(str(name).strip()) for name in names)


def _log_line(protocols: tuple[Protocol, ...], around: NotifierSurroundings) -> LogLine:
    return LogLine(protocols)


plugin = Plugin(name="log", settings=_protocols_from, factory=_log_line)
