"""TLS as the service speaks it, with a certificate that is taken anew when its files change.

Connections that are open keep what they began with; each new one is shown the newest certificate that could be used.
"""

import asyncio
import ssl
from contextlib import suppress

import structlog

from penstock.domain.errors import SetupError
from penstock.listening.certificate import CertificateFiles, Identity
from penstock.ports.clock import Clock

_log = structlog.get_logger()
_EVERY = 2.0  # seconds; three small files are read that often
# What every client of the last ten years has, and nothing without forward secrecy; TLS 1.3 chooses its own.
_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"


class Tls:
    """The one context that the server listens with, and what hides behind it. Raises SetupError at the start only."""

    def __init__(self, files: CertificateFiles, clock: Clock, every: float = _EVERY) -> None:
        self._files = files
        self._clock = clock
        self._every = every
        self._asked = asyncio.Event()
        self._identity = files.read()
        self.context = self._newest = _context(self._identity)
        self.context.sni_callback = self._show_newest
        self._trouble = ""  # as it was last seen
        self._told = ""  # as it was last told
        self._tell_doubt()

    def ask(self) -> None:
        """Look at once, and say what was found."""
        self._asked.set()

    async def keep_current(self) -> None:
        """Looks at the files for ever."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._asked.wait(), self._every)
            asked = self._asked.is_set()
            self._asked.clear()
            await self.look(asked=asked)

    async def look(self, *, asked: bool = False) -> None:
        """Takes what the files hold if it can be served; else what is served stays.

        Trouble is told once, at its second sight: between the writing of two files they do not fit each other.
        """
        try:
            found = await asyncio.to_thread(self._files.read)
            if found != self._identity:
                self._newest = await asyncio.to_thread(_context, found)
        except SetupError as error:
            self._hear_trouble(str(error), asked=asked)
            return
        self._trouble = self._told = ""
        if found != self._identity:
            self._identity = found
            _log.info("certificate renewed", names=found.names, valid_until=found.valid_until.isoformat())
            self._tell_doubt()
        elif asked:
            _log.info("certificate unchanged", valid_until=found.valid_until.isoformat())

    def _hear_trouble(self, trouble: str, *, asked: bool) -> None:
        if asked or (trouble == self._trouble and trouble != self._told):
            _log.warning("certificate not renewed", why=trouble, served_until=self._identity.valid_until.isoformat())
            self._told = trouble
        self._trouble = trouble

    def _tell_doubt(self) -> None:
        if doubt := self._identity.doubt(self._clock.now()):
            _log.warning("certificate doubtful", why=doubt, cure="clients refuse it: renew it in place")

    def _show_newest(self, connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        """OpenSSL asks this at every handshake, also of clients that name no host."""
        connection.context = self._newest


def _context(identity: Identity) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_alpn_protocols(["http/1.1"])
    identity.given_to(context)
    return context
