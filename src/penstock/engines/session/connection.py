"""How a cluster wants to be spoken to, from files that the settings name; whatever is wrong with them is one sentence."""

import ssl
from pathlib import Path

from penstock.domain.errors import SetupError
from penstock.engines.session.settings import SessionSettings
from penstock.flink.rest import Manners

_PASSWORD_LIMIT = 4096  # bytes


def manners(settings: SessionSettings, place: str) -> Manners:
    """Asks nobody yet. Raises SetupError."""
    return Manners(
        context=_context(settings, place) if settings.address.startswith("https://") else True,
        login=_login(settings, place),
        patience=settings.answer_limit,
    )


def _context(settings: SessionSettings, place: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if settings.ca:
        _demand(settings.ca, f"places.{place}.ca")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            context.load_verify_locations(cafile=settings.ca)
        except ssl.SSLError as exc:
            raise SetupError(f"places.{place}.ca: {settings.ca} holds no certificate in PEM.") from exc
    if settings.certificate:
        _show(context, settings.certificate, settings.key, place)
    return context


def _show(context: ssl.SSLContext, certificate: Path, key: Path | None, place: str) -> None:
    _demand(certificate, f"places.{place}.certificate")
    if key:
        _demand(key, f"places.{place}.key")
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except (ssl.SSLError, ValueError) as exc:
        named = f"{key or certificate} holds no key in PEM that fits the certificate in {certificate}"
        sealed = ", or one that is sealed by a password, which nobody could type here"
        raise SetupError(f"places.{place}.{'key' if key else 'certificate'}: {named}{sealed}.") from exc


def _no_password() -> str:
    raise ValueError("the key is sealed")


def _login(settings: SessionSettings, place: str) -> tuple[str, str] | None:
    if not settings.password_file:
        return None
    named = f"places.{place}.password_file"
    data = _demand(settings.password_file, named)
    try:
        password = data.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as exc:
        raise SetupError(f"{named}: {settings.password_file} is not text in UTF-8.") from exc
    if not password or len(data) > _PASSWORD_LIMIT or "\n" in password:
        raise SetupError(f"{named}: {settings.password_file} must hold one line, the password.")
    return settings.username, password


def _demand(path: Path, named: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise SetupError(f"{named}: {path} cannot be read: {exc.strerror or exc}.") from exc
