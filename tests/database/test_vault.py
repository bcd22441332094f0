from pathlib import Path

import pytest

from penstock.database.vault import KeyFileVault
from penstock.domain.errors import SetupError


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "vault.key"


def test_what_is_sealed_opens_again(key_file: Path) -> None:
    sealed = KeyFileVault(key_file).seal("geheim 秘密")

    assert KeyFileVault(key_file).open(sealed) == "geheim 秘密"
    assert b"geheim" not in sealed


def test_sealing_twice_gives_different_bytes(key_file: Path) -> None:
    vault = KeyFileVault(key_file)

    assert vault.seal("one") != vault.seal("one")


def test_the_key_file_is_ours_alone_and_nothing_lies_beside_it(key_file: Path) -> None:
    KeyFileVault(key_file).seal("one")

    assert key_file.stat().st_mode & 0o777 == 0o600
    assert list(key_file.parent.iterdir()) == [key_file]


def test_a_key_file_that_others_can_read_is_refused(key_file: Path) -> None:
    KeyFileVault(key_file).seal("one")
    key_file.chmod(0o640)

    with pytest.raises(SetupError, match="chmod 600"):
        KeyFileVault(key_file).seal("two")


def test_another_installations_key_opens_nothing(key_file: Path, tmp_path: Path) -> None:
    sealed = KeyFileVault(key_file).seal("one")

    with pytest.raises(SetupError, match="not the key"):
        KeyFileVault(tmp_path / "other.key").open(sealed)


@pytest.mark.parametrize("damage", [b"", b"\x01", b"\x02", b"\x01" * 40])
def test_damaged_seals_are_refused(key_file: Path, damage: bytes) -> None:
    with pytest.raises(SetupError):
        KeyFileVault(key_file).open(damage)


def test_a_changed_seal_is_refused(key_file: Path) -> None:
    vault = KeyFileVault(key_file)
    sealed = vault.seal("one")

    for changed in (b"\x02" + sealed[1:], sealed[:-1] + bytes([sealed[-1] ^ 1])):
        with pytest.raises(SetupError):
            vault.open(changed)


def test_a_short_key_file_is_refused(key_file: Path) -> None:
    key_file.touch(mode=0o600)

    with pytest.raises(SetupError, match="damaged"):
        KeyFileVault(key_file).seal("one")


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="cannot be used"):
        KeyFileVault(tmp_path / "nowhere" / "vault.key").seal("one")
