"""Reads what answers under a Flink's address, and says in words what is wrong if it is not Flink, or does not let us in."""

import ssl
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

import httpx

from penstock.domain.errors import EngineUnavailable
from penstock.flink.root_cause import root_cause

T = TypeVar("T")

_NOT_FLINK = "What answers is not Flink"
_NO_CREDENTIALS = {HTTPStatus.UNAUTHORIZED, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED}
_FOREIGN_SHAPES = (AttributeError, IndexError, KeyError, TypeError, ValueError)


def read(answer: httpx.Response, take: Callable[[dict[str, Any]], T]) -> T:
    """What `take` finds in Flink's document. Raises EngineUnavailable where there is no such document."""
    if not answer.is_success:
        raise EngineUnavailable(trouble_of(answer))
    try:
        body = answer.json()
        if isinstance(body, dict):
            return take(body)
    except _FOREIGN_SHAPES as exc:
        raise EngineUnavailable(_NOT_FLINK) from exc
    raise EngineUnavailable(_NOT_FLINK)


def refusal_of(answer: httpx.Response) -> str:
    """Nothing if it was taken on, else why Flink will not. What is not Flink's own no raises EngineUnavailable."""
    if answer.is_success:
        return ""
    if not is_own_no(answer):
        raise EngineUnavailable(trouble_of(answer))
    return root_cause(_errors(answer)) or f"Flink answered {answer.status_code}"


def is_own_no(answer: httpx.Response) -> bool:
    """Flink itself refuses, with its reason; a gateway, a missing password and a missing leader are no refusal."""
    plain = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
    return answer.is_error and answer.status_code not in plain and _errors(answer) != ""


def trouble_of(answer: httpx.Response) -> str:
    """Why this answer tells nothing."""
    status = answer.status_code
    if status in _NO_CREDENTIALS:
        return f"It does not know who asks ({status}): check username and password_file"
    if status == HTTPStatus.FORBIDDEN:
        return f"It does not let us in ({status}): check the rights of that user or certificate"
    if answer.is_redirect:
        return f"It points elsewhere ({status}, to {answer.headers.get('location', '')[:200]}): correct the address"
    if said := root_cause(_errors(answer)):
        return f"Flink answered {status}: {said}"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return f"What stands before Flink answered {status}"
    return f"{_NOT_FLINK}: it answered {status}"


def silence(error: Exception, asked: str) -> str:
    """Why nothing came back."""
    if (broken := _tls_error(error)) is not None:
        return _tls_words(broken)
    return f"Flink does not answer {asked}: {str(error) or type(error).__name__}"


def _tls_error(error: BaseException) -> ssl.SSLError | None:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLError):
            return seen
        seen = seen.__cause__ or seen.__context__
    return None


def _tls_words(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"Its certificate is not trusted ({error.verify_message}): check ca, and the host in address"
    reason = getattr(error, "reason", None) or ""  # those that Python itself raises have none
    if reason in {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"}:
        return "It does not speak TLS: does its address begin with http://?"
    if "ALERT" in reason or "HANDSHAKE" in reason:
        return f"It refuses our side of TLS ({reason}): check certificate and key"
    return f"TLS failed: {reason or error}"


def _errors(answer: httpx.Response) -> str:
    """Flink's own text, or nothing; the last one carries the stack, before it stands a heading."""
    try:
        errors = answer.json()["errors"]
        return str(errors[-1]) if errors else ""
    except _FOREIGN_SHAPES:
        return ""
