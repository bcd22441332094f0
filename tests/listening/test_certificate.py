"""What is wrong with a certificate or its key is said in one sentence, before anybody is shown it."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from listening.authority import Authority, Signed, self_signed
from penstock.domain.errors import SetupError
from penstock.listening.certificate import CertificateFiles

GOOD = Authority().sign("penstock.test", "10.0.0.7")
LOCKED = Authority().sign("penstock.test", password=b"open sesame")


def files(folder: Path, signed: Signed = GOOD, **changed: Path) -> CertificateFiles:
    certificate, key = signed.written(folder)
    return CertificateFiles(**{"certificate": certificate, "key": key} | changed)


def written(path: Path, content: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_a_chain_and_its_key_are_read(tmp_path):
    identity = files(tmp_path).read()

    assert identity.chain == GOOD.certificate
    assert identity.names == ("penstock.test", "10.0.0.7")
    assert identity.doubt(datetime.now(UTC)) == ""


def test_a_key_opens_with_its_password(tmp_path):
    password = written(tmp_path / "password", b"open sesame\n")

    identity = files(tmp_path, LOCKED, password=password).read()

    assert b"ENCRYPTED" not in identity.key


def test_the_key_is_not_shown_by_accident(tmp_path):
    identity = files(tmp_path).read()

    assert "PRIVATE KEY" not in repr(identity)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "fullchain.pem holds no certificate in PEM"),
        (b"\x30\x82\x01\x0a", "fullchain.pem holds no certificate in PEM"),
        (GOOD.certificate[:300], "fullchain.pem holds no certificate in PEM"),
        (Authority().sign("penstock.test").certificate, "key.pem is not the key of the first certificate"),
        (Authority().certificate + GOOD.certificate, "put the service's own certificate before its authority's"),
    ],
)
def test_a_certificate_that_cannot_be_served_is_one_sentence(tmp_path, content, sentence):
    asked = files(tmp_path)
    asked.certificate.write_bytes(content)

    with pytest.raises(SetupError, match=sentence):
        asked.read()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "key.pem holds no private key in PEM"),
        (GOOD.certificate, "key.pem holds no private key in PEM"),
        (GOOD.key.replace(b"M", b"!"), "the key in .*key.pem cannot be used"),
        (LOCKED.key, "is encrypted: name the file of its password in server.key_password_file"),
    ],
)
def test_a_key_that_cannot_be_used_is_one_sentence(tmp_path, content, sentence):
    asked = files(tmp_path)
    asked.key.write_bytes(content)

    with pytest.raises(SetupError, match=sentence):
        asked.read()


@pytest.mark.parametrize(
    ("signed", "password", "sentence"),
    [(LOCKED, b"guessed", "password does not open the key"), (GOOD, b"surplus", "leave server.key_password_file out")],
)
def test_a_password_that_does_not_fit_is_one_sentence(tmp_path, signed, password, sentence):
    asked = files(tmp_path, signed, password=written(tmp_path / "password", password))

    with pytest.raises(SetupError, match=sentence):
        asked.read()


@pytest.mark.parametrize("name", ["certificate", "key", "password"])
def test_a_file_that_is_not_there_is_named(tmp_path, name):
    asked = files(tmp_path, **{name: tmp_path / "elsewhere.pem"})

    with pytest.raises(SetupError, match=r"elsewhere\.pem cannot be read: No such file"):
        asked.read()


def test_a_pipe_that_nobody_writes_to_holds_nobody_up(tmp_path):
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(SetupError, match="holds no certificate"):
        files(tmp_path, certificate=tmp_path / "pipe").read()


def test_a_key_that_everybody_can_read_is_refused(tmp_path):
    asked = files(tmp_path)
    asked.key.chmod(0o644)

    with pytest.raises(SetupError, match=r"everybody can read .*key.pem: run `chmod o-rwx"):
        asked.read()


def test_a_key_that_a_group_shares_is_taken(tmp_path):
    asked = files(tmp_path)
    asked.key.chmod(0o640)

    assert asked.read().names


def test_one_that_has_expired_is_served_with_a_doubt(tmp_path):
    yesterday = datetime.now(UTC) - timedelta(days=1)

    identity = files(tmp_path, Authority().sign("penstock.test", until=yesterday)).read()

    assert identity.doubt(datetime.now(UTC)).startswith("it expired at ")
    assert identity.doubt(yesterday - timedelta(days=30)).startswith("it is not valid before ")


def test_a_key_of_a_kind_that_tls_cannot_use_is_refused(tmp_path):
    asked = files(tmp_path, self_signed("penstock.test"))
    other = ed25519.Ed25519PrivateKey.generate()
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    asked.key.write_bytes(other.private_bytes(*form))

    with pytest.raises(SetupError, match="is not the key of the first certificate"):
        asked.read()
