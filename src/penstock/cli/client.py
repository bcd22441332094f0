"""Talks HTTP to the service: signs each request, and turns each refusal into what went wrong and what to do next."""

import ipaddress
import json
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any, BinaryIO
from urllib.parse import quote, urlsplit

import httpx

from penstock.api.signatures import UNSIGNED_PAYLOAD, sign
from penstock.cli import trust, words
from penstock.cli.profile import Profile
from penstock.cli.trouble import ExitCode, Trouble
from penstock.ports.clock import Clock, SystemClock

Query = Mapping[str, str | int | bool | None]

_ANSWER_LIMIT = 90.0  # create waits for Flink, by a setting of the service
_UPLOAD_LIMIT = 600.0  # between two bytes: the service hashes and stores the last of them before it answers


class Client:
    """One service, asked as one caller; `{project}` in a path is the caller's project."""

    def __init__(self, profile: Profile, clock: Clock | None = None) -> None:
        self.profile = profile
        self._clock = clock or SystemClock()
        self._http = httpx.Client(
            base_url=profile.endpoint,
            headers={"User-Agent": f"penstock/{version('penstock')}", "X-Language": "en-us"},
            timeout=httpx.Timeout(_ANSWER_LIMIT, connect=5.0),
            verify=trust.context_for(profile),
            trust_env=not _is_loopback(profile.endpoint),  # a proxy cannot reach what only this machine can
        )

    def call(self, method: str, path: str, *, query: Query | None = None, body: object = None) -> Any:
        """The answer's JSON document, None if it has no body."""
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        asked = {name: value for name, value in (query or {}).items() if value is not None}
        request = self._http.build_request(
            method,
            self._path(path),
            params=asked or None,
            content=content,
            headers={"Content-Type": "application/json"},
        )
        return self._send(request, content)

    def upload(self, path: str, name: str, file: BinaryIO, fields: Mapping[str, str]) -> Any:
        """Sends the file as it is read: its content is not signed, since it would have to be read twice."""
        parts = {"file": (name, file, "application/octet-stream")}
        request = self._http.build_request(
            "POST",
            self._path(path),
            data=dict(fields),
            files=parts,
            headers={"X-Sdk-Content-Sha256": UNSIGNED_PAYLOAD},
            timeout=httpx.Timeout(_UPLOAD_LIMIT, connect=5.0),
        )
        return self._send(request, b"")

    def put(self, path: str, file: BinaryIO) -> Any:
        """Sends the file as the body, as it is read; its content is not signed either."""
        headers = {"X-Sdk-Content-Sha256": UNSIGNED_PAYLOAD, "Content-Type": "application/octet-stream"}
        timeout = httpx.Timeout(_UPLOAD_LIMIT, connect=5.0)
        request = self._http.build_request("PUT", self._path(path), content=file, headers=headers, timeout=timeout)
        return self._send(request, b"")

    def download(self, path: str) -> Iterator[bytes]:
        """The body of the answer, in pieces."""
        request = self._signed(self._http.build_request("GET", self._path(path)), b"")
        try:
            answer = self._http.send(request, stream=True)
            try:
                if not answer.is_success:
                    answer.read()
                    self._refuse(answer)
                yield from answer.iter_raw()
            finally:
                answer.close()
        except httpx.HTTPError as error:
            raise self._unreached(error) from error

    def _path(self, path: str) -> str:
        return path.replace("{project}", quote(self.profile.project_id, safe=""))

    def _send(self, request: httpx.Request, content: bytes) -> Any:
        try:
            answer = self._http.send(self._signed(request, content))
        except httpx.HTTPError as error:
            raise self._unreached(error) from error
        return self._document(answer) if answer.is_success else self._refuse(answer)

    def _signed(self, request: httpx.Request, content: bytes) -> httpx.Request:
        signed = {
            name: request.headers[name]
            for name in ("Content-Type", "X-Language", "X-Sdk-Content-Sha256")
            if name in request.headers
        }
        keys = self.profile.access_key, self.profile.secret_key
        request.headers.update(sign(request.method, str(request.url), signed, content, *keys, self._clock.now()))
        return request

    def _document(self, answer: httpx.Response) -> Any:
        if not answer.content:
            return None
        try:
            return answer.json()
        except ValueError as error:
            raise Trouble(
                f"What answers at {self.profile.endpoint} does not speak as Penstock does.",
                f"see that the address in {self.profile.source} is Penstock's.",
            ) from error

    def _refuse(self, answer: httpx.Response) -> Any:
        said = self._document(answer)
        said = said if isinstance(said, dict) else {}
        code = str(said.get("error_code") or said.get("code") or "")
        what = str(
            said.get("error_msg")
            or said.get("message")
            or said.get("detail")
            or said.get("title")
            or answer.reason_phrase
        )
        raise Trouble(
            f"{what} ({', '.join(filter(None, (code, f'HTTP {answer.status_code}')))})",
            words.cure(answer.status_code, code),
            ExitCode.OURS if answer.status_code >= 500 else ExitCode.CALLER,
            status=answer.status_code,
            error_code=code,
            faults=said.get("faults") or [],
            request_id=answer.headers.get("X-Request-Id", ""),
        )

    def _unreached(self, error: httpx.HTTPError) -> Trouble:
        where = self.profile.endpoint
        if trouble := trust.trouble_with(error, self.profile):
            return trouble
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
            return Trouble(
                f"No service answers at {where}.",
                f"start it: {words.command()} serve; or name the right address in PENSTOCK_ENDPOINT "
                f"(this one is from {self.profile.source}).",
            )
        if isinstance(error, httpx.TimeoutException):
            return Trouble(f"The service at {where} did not answer in time.", "look at its log, then call again.")
        if isinstance(error, httpx.UnsupportedProtocol):
            return Trouble(f"{where} is no address of a service.", "write it like http://127.0.0.1:8000.")
        cure = "see whether the service runs, look at its log, call again."
        if where.startswith("http:") and isinstance(error, httpx.RemoteProtocolError | httpx.ReadError):
            cure = f"if the service has a certificate, its address begins with https://; else {cure}"
        return Trouble(f"The connection to {where} broke: {error}.", cure)


def _is_loopback(endpoint: str) -> bool:
    host = urlsplit(endpoint).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
