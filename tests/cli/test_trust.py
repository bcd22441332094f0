"""Over HTTPS the command line believes whom it was told to believe, and says in one sentence why it does not."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from listening.authority import Authority, Signed, self_signed
from penstock.cli.main import run
from penstock.listening.certificate import CertificateFiles
from penstock.listening.tls import Tls
from penstock.ports.clock import SystemClock

AUTHORITY = Authority()


class Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        content = b'{"queues": [], "queue_count": 0}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Standard error belongs to the command."""


@pytest.fixture
def ask(tmp_path, monkeypatch, capfd) -> Iterator[Callable[..., tuple[int, str]]]:
    """Serves with a certificate, and runs a command against it; the profile may name whom to believe."""
    for name in ("STATE", "PROFILE", "ENDPOINT", "PROJECT", "ACCESS_KEY", "SECRET_KEY", "CA"):
        monkeypatch.delenv(f"PENSTOCK_{name}", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))

    def call(signed: Signed, *flags: str, ca: Path | None = None, host: str = "localhost") -> tuple[int, str]:
        certificate, key = signed.written(tmp_path / "served")
        with served(CertificateFiles(certificate=certificate, key=key)) as port:
            profile = {"endpoint": f"https://{host}:{port}", "project_id": "p1", "access_key": "A", "secret_key": "S"}
            (tmp_path / "profile.json").write_text(json.dumps(profile | ({"ca": str(ca)} if ca else {})))
            code = run(["queue", "list", "--profile", str(tmp_path / "profile.json"), *flags])
        return code, capfd.readouterr().err

    return call


@pytest.fixture
def authority(tmp_path) -> Path:
    file = tmp_path / "authority.pem"
    file.write_bytes(AUTHORITY.certificate)
    return file


def test_an_authority_that_the_profile_names_is_believed(ask, authority):
    assert ask(AUTHORITY.sign("localhost"), ca=authority)[0] == 0


def test_an_authority_that_the_flag_names_is_believed_instead(ask, authority, tmp_path):
    assert ask(AUTHORITY.sign("localhost"), "--ca", str(authority), ca=tmp_path / "gone.pem")[0] == 0


def test_an_authority_that_the_environment_names_is_believed(ask, authority, monkeypatch):
    monkeypatch.setenv("PENSTOCK_CA", str(authority))

    assert ask(AUTHORITY.sign("localhost"))[0] == 0


@pytest.mark.parametrize("signed", [self_signed("localhost"), AUTHORITY.sign("localhost")])
def test_the_services_own_certificate_will_do(ask, tmp_path, signed):
    assert ask(signed, ca=tmp_path / "served" / "fullchain.pem")[0] == 0


def test_a_single_certificate_without_its_authority_will_do(ask, tmp_path):
    signed = AUTHORITY.sign("localhost")
    alone = tmp_path / "alone.pem"
    alone.write_bytes(signed.certificate.removesuffix(AUTHORITY.certificate))

    assert ask(signed, ca=alone)[0] == 0


def test_an_authority_that_nobody_named_is_not_believed(ask):
    code, said = ask(AUTHORITY.sign("localhost"))

    assert code == 1
    assert "is from an authority that is not known here" in said
    assert "--ca or PENSTOCK_CA" in said


def test_another_authority_is_not_believed(ask, authority):
    assert ask(Authority().sign("localhost"), ca=authority)[0] == 1


@pytest.mark.parametrize(("host", "names"), [("localhost", "penstock.test"), ("127.0.0.1", "localhost")])
def test_a_certificate_for_another_name_is_not_believed(ask, authority, host, names):
    code, said = ask(AUTHORITY.sign(names), ca=authority, host=host)

    assert code == 1
    assert f"is not for {host}." in said
    assert "PENSTOCK_ENDPOINT" in said


def test_a_certificate_that_has_expired_is_not_believed(ask, authority):
    code, said = ask(AUTHORITY.sign("localhost", until=datetime.now(UTC) - timedelta(hours=1)), ca=authority)

    assert (code, "is not valid now: certificate has expired" in said) == (1, True)


@pytest.mark.parametrize(("content", "sentence"), [(None, "cannot be read"), (b"x", "holds no certificate in PEM")])
def test_an_authority_file_that_is_none_is_one_sentence(ask, tmp_path, content, sentence):
    if content is not None:
        (tmp_path / "odd.pem").write_bytes(content)

    code, said = ask(AUTHORITY.sign("localhost"), "--ca", str(tmp_path / "odd.pem"))

    assert code == 1
    assert f"odd.pem {sentence}" in said
    assert "Traceback" not in said


def test_http_to_a_port_that_speaks_tls_hints_at_https(ask, monkeypatch, capfd, tmp_path):
    certificate, key = AUTHORITY.sign("localhost").written(tmp_path / "served")
    monkeypatch.setenv("PENSTOCK_PROJECT", "p1")
    monkeypatch.setenv("PENSTOCK_ACCESS_KEY", "A")
    monkeypatch.setenv("PENSTOCK_SECRET_KEY", "S")

    with served(CertificateFiles(certificate=certificate, key=key)) as port:
        monkeypatch.setenv("PENSTOCK_ENDPOINT", f"http://localhost:{port}")
        assert run(["queue", "list"]) == 1

    assert "its address begins with https://" in capfd.readouterr().err


def test_https_to_a_port_that_speaks_plain_http_hints_at_http(penstock, service, monkeypatch):
    monkeypatch.setenv("PENSTOCK_ENDPOINT", service.endpoint.replace("http:", "https:"))

    outcome = penstock("queue", "list")

    assert outcome.code == 1
    assert "does not speak TLS as it should" in outcome.err
    assert "begins with http://" in outcome.err


@contextmanager
def served(files: CertificateFiles) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a handshake that fails is the point
    server.socket = Tls(files, SystemClock()).context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()
