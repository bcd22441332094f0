"""The door opens no wider than is safe, and says where it is."""

import socket

import pytest

from listening.authority import self_signed
from penstock.domain.errors import SetupError
from penstock.listening.certificate import CertificateFiles
from penstock.listening.door import address_for_clients, open_door
from penstock.listening.tls import Tls
from penstock.testing.clock import ManualClock

EVERYWHERE = ["0.0.0.0", "::", "::ffff:0.0.0.0"]


@pytest.fixture
def tls(tmp_path):
    certificate, key = self_signed("localhost").written(tmp_path)
    return Tls(CertificateFiles(certificate=certificate, key=key), ManualClock())


@pytest.mark.parametrize("host", EVERYWHERE)
def test_plain_http_beyond_loopback_is_refused(host):
    with pytest.raises(SetupError, match=r"server\.certificate and server\.key"), open_door_to(host):
        pass


@pytest.mark.parametrize("host", EVERYWHERE)
def test_an_explicit_word_opens_it(host):
    with open_door_to(host, allow_plain=True) as door:
        assert door.endpoint.startswith("http://")


@pytest.mark.parametrize("host", EVERYWHERE)
def test_a_certificate_opens_it(host, tls):
    with open_door_to(host, tls) as door:
        assert door.endpoint.startswith("https://")


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.8.8.8"])
def test_loopback_needs_neither(host):
    with open_door_to(host) as door:
        port = door.listener.getsockname()[1]

    assert door.endpoint in {f"http://127.0.0.1:{port}", f"http://[::1]:{port}", f"http://127.8.8.8:{port}"}


def test_with_a_certificate_a_name_stays_a_name(tls):
    with open_door_to("localhost", tls) as door:
        assert door.endpoint == f"https://localhost:{door.listener.getsockname()[1]}"


@pytest.mark.parametrize("host", ["nowhere.invalid", ""])
def test_a_name_that_leads_nowhere_is_one_sentence(host):
    with pytest.raises(SetupError, match=f"'{host}' is not an address of this machine"), open_door_to(host):
        pass


def test_a_port_that_is_taken_is_one_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]

        with (
            pytest.raises(SetupError, match=f"Port {port} on 127.0.0.1 cannot be used"),
            open_door_to("127.0.0.1", port=port),
        ):
            pass


@pytest.mark.parametrize(
    ("endpoint", "public_url", "called"),
    [
        ("http://127.0.0.1:7480", "", "http://127.0.0.1:7480"),
        ("http://127.0.0.1:7480", "https://penstock.test", "http://127.0.0.1:7480"),
        ("http://0.0.0.0:7480", "", "http://127.0.0.1:7480"),
        ("http://[::]:7480", "", "http://[::1]:7480"),
        ("http://10.0.0.7:7480", "", "http://10.0.0.7:7480"),
        ("https://0.0.0.0:7480", "", "https://127.0.0.1:7480"),
        ("https://0.0.0.0:7480", "https://penstock.test:7480", "https://penstock.test:7480"),
        ("https://0.0.0.0:7480", "https://proxy.test/penstock", "https://127.0.0.1:7480"),
        ("https://0.0.0.0:7480", "http://penstock.test", "https://127.0.0.1:7480"),
        ("https://penstock.test:7480", "", "https://penstock.test:7480"),
    ],
)
def test_clients_call_what_the_certificate_names(endpoint, public_url, called):
    assert address_for_clients(endpoint, public_url) == called


def open_door_to(host, tls=None, allow_plain=False, port=0):
    return open_door(host, port, tls=tls, allow_plain=allow_plain)
