"""The signing key: made once, closed to others, and told when it cannot be used."""

import asyncio

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.x509 import load_pem_x509_certificate

from penstock.domain.errors import SetupError
from penstock.outgoing.stamp import FileStamp
from penstock.testing.clock import ManualClock

pytestmark = pytest.mark.anyio


@pytest.fixture
def file(tmp_path):
    return tmp_path / "stamp.pem"


async def test_what_is_signed_is_verified_by_the_certificate(file):
    stamp = FileStamp(file, ManualClock())

    signature = await stamp.sign(b"text")

    certificate = load_pem_x509_certificate((await stamp.certificate()).encode())
    certificate.public_key().verify(signature, b"text", padding.PKCS1v15(), hashes.SHA256())
    assert certificate.signature_algorithm_oid._name == "sha256WithRSAEncryption"


async def test_the_key_is_made_once_and_kept(file):
    first, second = FileStamp(file, ManualClock()), FileStamp(file, ManualClock())

    names = await asyncio.gather(first.name(), first.name())

    assert {*names, await second.name()} == {names[0]}
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(file.parent.iterdir()) == [file]


async def test_the_certificate_tells_nothing_of_the_key(file):
    assert "PRIVATE" not in await FileStamp(file, ManualClock()).certificate()


async def test_a_key_that_others_can_read_is_refused(file):
    await FileStamp(file, ManualClock()).name()
    file.chmod(0o644)

    with pytest.raises(SetupError, match="chmod 600"):
        await FileStamp(file, ManualClock()).name()


@pytest.mark.parametrize("text", [b"", b"nonsense", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
async def test_a_damaged_key_is_told(file, text):
    file.write_bytes(text)
    file.chmod(0o600)

    with pytest.raises(SetupError, match="damaged"):
        await FileStamp(file, ManualClock()).name()


async def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(SetupError, match="cannot be used"):
        await FileStamp(tmp_path / "nowhere" / "stamp.pem", ManualClock()).name()
