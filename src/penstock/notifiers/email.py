"""Tells subscriptions by e-mail, through one SMTP server of the operator's choice."""

import asyncio
import smtplib
import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from penstock.domain.errors import OutsideRefused, OutsideUnavailable, SetupError
from penstock.domain.outbox import Letter, LetterKind
from penstock.domain.topic import Protocol
from penstock.ports.notifier import NotifierSurroundings
from penstock.ports.plugin import Plugin

_THREADS = 4  # smtplib blocks; threads of its own, so that a slow mail server holds up nobody else's
_FOR_GOOD = range(500, 600)
_SUBJECTS = {
    LetterKind.NOTIFICATION: "Message from {topic}",
    LetterKind.SUBSCRIPTION_CONFIRMATION: "Confirm that you want messages from {topic}",
    LetterKind.UNSUBSCRIBE_CONFIRMATION: "You no longer get messages from {topic}",
}
_FOOTERS = {
    LetterKind.NOTIFICATION: "To get no more of these messages, open {link}",
    LetterKind.SUBSCRIPTION_CONFIRMATION: "To confirm, open {link}",
    LetterKind.UNSUBSCRIBE_CONFIRMATION: "To get them again, open {link}",
}


class EmailSettings(BaseModel):
    """The mail server, and in whose name it is asked."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    host: str = Field(min_length=1)
    """Name or address of the SMTP server."""
    port: int = Field(default=587, ge=1, le=65_535)
    """Its port: 587 for submission, 465 with `tls`, 25 for a relay."""
    sender: str = Field(pattern=r"^[^@\s<>]+@[^@\s<>]+$")
    """The address that the mails come from."""
    starttls: bool = True
    """Encrypt with STARTTLS; without it, and without `tls`, mails and password travel in the clear."""
    tls: bool = False
    """Encrypt from the first byte, as on port 465, instead of with STARTTLS."""
    user: str = ""
    """The account at the server; empty to send without one."""
    password: SecretStr = SecretStr("")
    """Its password."""
    timeout: float = Field(default=10.0, gt=0, le=300)
    """Seconds that the server may take for each step."""

    @model_validator(mode="after")
    def _keep_the_password_to_ourselves(self) -> "EmailSettings":
        if self.user and not (self.starttls or self.tls):
            raise ValueError("user: a password needs starttls or tls, or it would travel in the clear")
        return self


class Email:
    """`ports.notifier.Notifier`. The server is the operator's own setting, so no guard stands before it."""

    protocols = (Protocol.EMAIL,)

    def __init__(self, settings: EmailSettings) -> None:
        self._settings = settings
        self._threads = ThreadPoolExecutor(_THREADS, "notifier-email")

    async def tell(self, letter: Letter, link: str) -> None:
        try:
            message = _message(letter, link, self._settings.sender)
            await asyncio.get_running_loop().run_in_executor(self._threads, self._send, message)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:
            raise _refusal(error) from error
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise OutsideUnavailable(f"the mail server did not take it: {_said(error)}") from error

    def _send(self, message: EmailMessage) -> None:
        settings = self._settings
        secure = ssl.create_default_context()
        with self._connected(secure) as server:
            if settings.starttls and not settings.tls:
                server.starttls(context=secure)
            if settings.user:
                server.login(settings.user, settings.password.get_secret_value())
            server.send_message(message)

    def _connected(self, secure: ssl.SSLContext) -> smtplib.SMTP:
        settings = self._settings
        if settings.tls:
            return smtplib.SMTP_SSL(settings.host, settings.port, timeout=settings.timeout, context=secure)
        return smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout)


def _message(letter: Letter, link: str, sender: str) -> EmailMessage:
    user, _, domain = sender.rpartition("@")
    message = EmailMessage()
    message["Subject"] = letter.subject or _SUBJECTS[letter.kind].format(topic=letter.topic_name)
    message["From"] = Address(letter.topic_name, user, domain)
    message["To"] = letter.endpoint
    message["Date"] = format_datetime(letter.created_at)
    message["Message-ID"] = f"<{letter.id}@{domain}>"  # the same at every try: mailboxes know a repetition by it
    message["Auto-Submitted"] = "auto-generated"
    if letter.kind is LetterKind.NOTIFICATION:
        message["List-Unsubscribe"] = f"<{link}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058: one POST to the link
    footer = _FOOTERS[letter.kind].format(link=link)
    message.set_content(f"{letter.message}\n\n--\nTopic: {letter.topic_urn}\n{footer}\n")
    return message


def _refusal(error: smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError) -> OutsideRefused | OutsideUnavailable:
    """RFC 5321, 4.2.1: 5xx is for good, 4xx is passing."""
    code = error.smtp_code if isinstance(error, smtplib.SMTPDataError) else next(iter(error.recipients.values()))[0]
    kind = OutsideRefused if code in _FOR_GOOD else OutsideUnavailable
    return kind(f"the mail server answered {code}: {_said(error)}")


def _said(error: Exception) -> str:
    return str(error)[:500] or type(error).__name__


def _settings_from(values: Mapping[str, object]) -> EmailSettings:
    try:
        return EmailSettings.model_validate(dict(values))
    except ValidationError as error:
        told = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors(include_input=False)
        )
        raise SetupError(f"The settings of the notifier 'email' are wrong: {told}") from error


def _email(settings: EmailSettings, around: NotifierSurroundings) -> Email:
    return Email(settings)


plugin = Plugin(name="email", settings=_settings_from, factory=_email)
