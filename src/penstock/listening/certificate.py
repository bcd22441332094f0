"""The service's certificate and key: read from their files, and checked before anybody is shown them.

Each fault is one sentence. The bytes are read once and used from memory, so that what was checked is what is served,
whatever is written over the files meanwhile.
"""

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes

from penstock.domain.errors import SetupError

_LARGEST = 2**20  # bytes; a chain has a few thousand, and a path may lead anywhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A chain of certificates and the key of its first one, which fit each other."""

    chain: bytes
    key: bytes = field(repr=False)
    valid_from: datetime
    valid_until: datetime
    names: tuple[str, ...]

    def doubt(self, now: datetime) -> str:
        """Why clients will refuse it although it can be served; empty if nothing is known."""
        if now < self.valid_from:
            return f"it is not valid before {self.valid_from:%Y-%m-%d %H:%M} UTC"
        return f"it expired at {self.valid_until:%Y-%m-%d %H:%M} UTC" if now > self.valid_until else ""

    def given_to(self, context: ssl.SSLContext) -> None:
        """Makes the context show it. Raises SetupError for what OpenSSL does not serve, such as a key too small."""
        try:
            with _in_memory(self.chain + b"\n" + self.key) as path:
                context.load_cert_chain(path)
        except ssl.SSLError as error:
            raise SetupError(f"server.certificate cannot be served: {error.reason or error}.") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFiles:
    """Where certificate and key lie; the paths may be links that somebody turns."""

    certificate: Path
    key: Path
    password: Path | None = None

    def read(self) -> Identity:
        """What they hold now. Raises SetupError."""
        chain = _content("server.certificate", self.certificate)
        first = _first_certificate(chain, self.certificate)
        key = self._key()
        if _public(first.public_key()) != _public(key.public_key()):
            raise SetupError(
                f"server.key: {self.key} is not the key of the first certificate in {self.certificate}: "
                "name the two that belong together, and put the service's own certificate before its authority's."
            )
        return Identity(
            chain=chain,
            key=key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ),
            valid_from=first.not_valid_before_utc,
            valid_until=first.not_valid_after_utc,
            names=_names(first),
        )

    def _key(self) -> PrivateKeyTypes:
        content = _content("server.key", self.key, private=True)
        password = None
        if self.password is not None:
            password = _content("server.key_password_file", self.password, private=True).rstrip(b"\r\n")
        try:
            return serialization.load_pem_private_key(content, password)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise SetupError(_unusable_key(self.key, content, self.password)) from error


def _content(setting: str, path: Path, *, private: bool = False) -> bytes:
    try:
        # Not blocking: a pipe that nobody writes to would hold up the start for ever.
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            if private and os.fstat(file.fileno()).st_mode & 0o007:
                raise SetupError(f"{setting}: everybody can read {path}: run `chmod o-rwx {path}`.")
            return file.read(_LARGEST) or b""
    except OSError as error:
        raise SetupError(f"{setting}: {path} cannot be read: {error.strerror}.") from error


def _first_certificate(chain: bytes, path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificates(chain)[0]
    except ValueError as error:
        raise SetupError(
            f"server.certificate: {path} holds no certificate in PEM (-----BEGIN CERTIFICATE-----)."
        ) from error


def _unusable_key(path: Path, content: bytes, password: Path | None) -> str:
    if b"PRIVATE KEY-----" not in content:
        return f"server.key: {path} holds no private key in PEM (-----BEGIN PRIVATE KEY-----)."
    if b"ENCRYPTED" not in content:
        surplus = ": it is not encrypted, so leave server.key_password_file out" if password is not None else ""
        return f"server.key: the key in {path} cannot be used{surplus}."
    if password is None:
        return f"server.key: the key in {path} is encrypted: name the file of its password in server.key_password_file."
    return f"server.key: the password in {password} does not open the key in {path}."


def _public(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    """Hosts that clients accept it for."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    addresses = (str(address) for address in found.get_values_for_type(x509.IPAddress))
    return (*found.get_values_for_type(x509.DNSName), *addresses)


@contextmanager
def _in_memory(content: bytes) -> Iterator[str]:
    """A path that OpenSSL can read the content from; nothing of it gets onto a disk."""
    descriptor = os.memfd_create("certificate", os.MFD_CLOEXEC)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        yield f"/proc/self/fd/{descriptor}"
