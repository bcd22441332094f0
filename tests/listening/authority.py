"""An authority of our own, for tests: it signs certificates for any host, good ones and others."""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_PEM = serialization.Encoding.PEM


@dataclass(frozen=True)
class Signed:
    """A certificate and its key, as files hold them."""

    certificate: bytes
    key: bytes

    def written(self, folder: Path) -> tuple[Path, Path]:
        folder.mkdir(parents=True, exist_ok=True)
        certificate, key = folder / "fullchain.pem", folder / "key.pem"
        certificate.write_bytes(self.certificate)
        key.touch(mode=0o600)
        key.write_bytes(self.key)
        return certificate, key


class Authority:
    """Its own certificate is `certificate`: what clients have to trust."""

    def __init__(self, name: str = "Test authority") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        self._certificate = self._build(self._name, self._key, [], _years(10), authority=True)
        self.certificate = self._certificate.public_bytes(_PEM)

    def sign(self, *hosts: str, until: datetime | None = None, password: bytes | None = None) -> Signed:
        """For these names and addresses; the chain ends with the authority."""
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = self._build(_named("penstock"), key, list(hosts), until or _years(1))
        return Signed(leaf.public_bytes(_PEM) + self.certificate, _text_of(key, password))

    def _build(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        hosts: list[str],
        until: datetime,
        authority: bool = False,
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(min(_years(0), until) - timedelta(days=1))
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(_usage(authority), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        if hosts:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([_host(host) for host in hosts]), critical=False
            )
        return builder.sign(self._key, hashes.SHA256())


def self_signed(*hosts: str) -> Signed:
    """What an operator makes in a minute: nobody vouches for it but itself."""
    authority = Authority("penstock")
    certificate = authority._build(authority._name, authority._key, list(hosts), _years(1), authority=True)
    return Signed(certificate.public_bytes(_PEM), _text_of(authority._key, None))


def _text_of(key: ec.EllipticCurvePrivateKey, password: bytes | None) -> bytes:
    sealed = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, sealed)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _usage(authority: bool) -> x509.KeyUsage:
    others = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "crl_sign"), False
    )
    return x509.KeyUsage(
        digital_signature=True, key_cert_sign=authority, encipher_only=False, decipher_only=False, **others
    )


def _years(count: int) -> datetime:
    return datetime.now(UTC) + timedelta(days=365 * count)
