"""Sets up structured logging: JSON in production, colours on a terminal; one line an event, all on standard error."""

import logging
import os
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRETS = ("secret", "password", "token", "authorization")


def set_up(level: str, style: str) -> None:
    """`style` is `auto` (text on a terminal, JSON elsewhere), `json` or `text`."""
    as_text = style == "text" or (style == "auto" and sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _mask,
    ]
    last: list[structlog.typing.Processor]
    if as_text:
        colours = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
        # Plain: rich tracebacks print the values of local variables, and some of those are secret.
        plain = structlog.dev.plain_traceback
        last = [structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=plain)]
    else:
        last = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    _take_over_standard_logging(shared, last)


def _take_over_standard_logging(
    shared: list[structlog.typing.Processor], last: list[structlog.typing.Processor]
) -> None:
    """What libraries say (uvicorn's errors, say) comes out in the same form; only warnings and worse."""
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("python_multipart").setLevel(logging.ERROR)  # it warns at every form that a caller gets wrong


def _mask(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key in event:
        if any(secret in key.lower() for secret in _SECRETS):
            event[key] = "***"
    return event
