"""Whoever started the service: is told when it answers, and is understood when it sends SIGHUP.

systemd waits for the first with `Type=notify` (sd_notify(3): one datagram), and reloads with the second. A terminal
sends the same signal when it closes, and means the end.
"""

import os
import socket
from contextlib import suppress

import structlog

_log = structlog.get_logger()


class Supervisor:
    """Made early, to know whether there was a terminal to begin with."""

    def __init__(self) -> None:
        self._had_terminal = _has_terminal()

    def hangs_up(self) -> bool:
        """Whether a SIGHUP that has just come is from a terminal that closed."""
        return self._had_terminal and not _has_terminal()

    def tell(self, state: str) -> None:
        """Such as READY=1; without anybody who listens it goes nowhere, and nothing depends on it."""
        address = os.environ.get("NOTIFY_SOCKET", "")
        if not address.startswith(("/", "@")):
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
                line.connect("\0" + address[1:] if address.startswith("@") else address)
                line.sendall(state.encode())
        except OSError as error:
            _log.warning("service manager not told", said=state, why=error.strerror)


def _has_terminal() -> bool:
    with suppress(OSError):
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC))
        return True
    return False
