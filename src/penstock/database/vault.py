"""Seals secrets with AES-256-GCM under a key file of this installation, made at the first use.

The database alone, say in a backup, gives no secret away; whoever has both the file and the database has them all.
"""

import os
import secrets
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from penstock.domain.errors import SetupError

_KEY_BYTES = 32
_NONCE_BYTES = 12
_FORMAT = b"\x01"  # in front of what is sealed, and sealed with it: a new way to seal gets a new number


class KeyFileVault:
    """`ports.vault.Vault`; the file is read once."""

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file

    def seal(self, secret: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _FORMAT + nonce + self._cipher.encrypt(nonce, secret.encode(), _FORMAT)

    def open(self, sealed: bytes) -> str:
        nonce, text = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, text, sealed[:1]).decode()
        except (InvalidTag, ValueError) as error:
            raise SetupError(
                f"{self._key_file} is not the key that the database was sealed with: "
                "copy vault.key from the state directory of a service of this installation."
            ) from error

    @cached_property
    def _cipher(self) -> AESGCM:
        try:
            _make_sure_of(self._key_file)
            key = _read_private(self._key_file)
        except OSError as error:
            raise SetupError(f"The key file {self._key_file} cannot be used: {error.strerror}.") from error
        if len(key) != _KEY_BYTES:
            raise SetupError(f"{self._key_file} is damaged: a key has {_KEY_BYTES} bytes, this file {len(key)}.")
        return AESGCM(key)


def _make_sure_of(key_file: Path) -> None:
    """Written whole beside it and linked into place, so that nobody ever reads half a key or replaces one."""
    if key_file.exists():
        return
    draft = key_file.with_name(f"{key_file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        _link(draft, key_file)
    finally:
        draft.unlink()


def _link(draft: Path, key_file: Path) -> None:
    try:
        key_file.hardlink_to(draft)
    except FileExistsError:
        return  # another process was first: its key is the key
    folder = os.open(key_file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read_private(key_file: Path) -> bytes:
    with key_file.open("rb") as file:
        if os.fstat(file.fileno()).st_mode & 0o077:
            raise SetupError(f"Others can read the key file {key_file}: run `chmod 600 {key_file}`.")
        return file.read()
