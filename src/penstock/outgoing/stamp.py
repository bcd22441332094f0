"""The installation's signing key and its certificate: made at the first use, in files of the state directory."""

import asyncio
import os
import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from penstock.domain.errors import SetupError
from penstock.ports.clock import Clock

_BITS = 2048
_LIFE = timedelta(days=3650)
_NAME_DIGITS = 40


@dataclass(frozen=True, slots=True)
class _Pair:
    key: rsa.RSAPrivateKey
    certificate: x509.Certificate


class FileStamp:
    """`ports.stamp.Stamp`; the file holds the key and the certificate one after the other, closed to others."""

    def __init__(self, file: Path, clock: Clock) -> None:
        self._file = file
        self._clock = clock
        self._pair: _Pair | None = None
        self._lock = asyncio.Lock()

    async def sign(self, text: bytes) -> bytes:
        pair = await self._loaded()
        return await asyncio.to_thread(pair.key.sign, text, padding.PKCS1v15(), hashes.SHA256())

    async def certificate(self) -> str:
        return (await self._loaded()).certificate.public_bytes(serialization.Encoding.PEM).decode()

    async def name(self) -> str:
        return (await self._loaded()).certificate.fingerprint(hashes.SHA256()).hex()[:_NAME_DIGITS]

    async def export(self) -> str:
        """Key and certificate, as the file holds them."""
        return _text_of(await self._loaded()).decode()

    async def adopt(self, text: str) -> None:
        """Another service of the installation made it. Raises SetupError."""
        if not self._file.exists() or await self.export() != text:
            async with self._lock:
                self._pair = await asyncio.to_thread(self._replace, text)

    async def _loaded(self) -> _Pair:
        async with self._lock:
            if self._pair is None:
                self._pair = await asyncio.to_thread(self._load)
            return self._pair

    def _load(self) -> _Pair:
        """Made by the one service that serves the state directory, so nobody else makes it at the same moment."""
        try:
            if not self._file.exists():
                self._write(_text_of(_new_pair(self._clock)))
            return _read(self._file)
        except OSError as error:
            raise SetupError(f"The signing key {self._file} cannot be used: {error.strerror}.") from error
        except (ValueError, TypeError) as error:
            raise SetupError(f"The signing key {self._file} is damaged: delete it, and a new one is made.") from error

    def _replace(self, text: str) -> _Pair:
        try:
            self._write(text.encode())
        except OSError as error:
            raise SetupError(f"The signing key {self._file} cannot be written: {error.strerror}.") from error
        return self._load()

    def _write(self, text: bytes) -> None:
        """Whole or not at all."""
        draft = self._file.with_name(f"{self._file.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._file)


def _new_pair(clock: Clock) -> _Pair:
    key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Penstock notifications")])
    now = clock.now()
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # a receiver's clock may be behind ours
        .not_valid_after(now + _LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    )
    return _Pair(key, builder.sign(key, hashes.SHA256()))


def _text_of(pair: _Pair) -> bytes:
    plain = serialization.NoEncryption()
    key = pair.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    return key + pair.certificate.public_bytes(serialization.Encoding.PEM)


def _read(file: Path) -> _Pair:
    if file.stat().st_mode & 0o077:
        raise SetupError(f"Others can read the signing key {file}: run `chmod 600 {file}`.")
    text = file.read_bytes()
    key = serialization.load_pem_private_key(text, password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("not an RSA key")
    return _Pair(key, x509.load_pem_x509_certificate(text))
