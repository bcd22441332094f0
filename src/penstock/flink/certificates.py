"""Makes the one key that guards a Flink's REST port: Flink serves with it, and only who holds it may call.

Flink's REST is remote code execution by design, so loopback alone would open it to every OS user of the machine.
"""

import secrets
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_ALIAS = b"penstock"
_LIFE = timedelta(days=3650)  # a job may run for years, and its JobManager reads the key only once


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The files in a folder of mode 0700; the password stands in Flink's configuration and nowhere else."""

    key_store: Path
    trust_store: Path
    pem: Path
    password: str


def make_keys(folder: Path, now: datetime) -> Keys:
    """About 15 ms."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(key, now)
    password = secrets.token_hex(16)
    sealed = serialization.BestAvailableEncryption(password.encode())
    keys = keys_in(folder, password)
    _write(keys.key_store, pkcs12.serialize_key_and_certificates(_ALIAS, key, certificate, None, sealed))
    trusted = [pkcs12.PKCS12Certificate(certificate, _ALIAS)]
    _write(keys.trust_store, pkcs12.serialize_java_truststore(trusted, sealed))
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(keys.pem, plain + certificate.public_bytes(serialization.Encoding.PEM))
    return keys


def keys_in(folder: Path, password: str = "") -> Keys:
    return Keys(
        key_store=folder / "rest.key.p12",
        trust_store=folder / "rest.trust.p12",
        pem=folder / "rest.pem",
        password=password,
    )


def client_context(keys: Keys) -> ssl.SSLContext:
    """Trusts this one certificate and shows it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(cafile=keys.pem)
    context.load_cert_chain(keys.pem)
    return context


def _certificate(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "penstock flink")])
    usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _LIFE)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .sign(key, hashes.SHA256())
    )


def _write(path: Path, data: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(data)
