"""Settings of what leaves: networks that are open, notifiers, the address in links."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from penstock.domain.errors import SetupError
from penstock.settings import load

ALLOW = "PENSTOCK_OUTGOING__ALLOW"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch, tmp_path):
    for name in ("PENSTOCK_STATE", "PENSTOCK_CONFIG", "PENSTOCK_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def with_file(folder: Path, text: str):
    (folder / "penstock.toml").write_text(text)
    return load(state=folder)


@pytest.mark.parametrize(
    ("text", "networks"),
    [
        ("", []),
        ("127.0.0.0/8", ["127.0.0.0/8"]),
        ("10.0.0.0/8, fd00::/8", ["10.0.0.0/8", "fd00::/8"]),
        ('["10.0.0.0/8", "127.0.0.1"]', ["10.0.0.0/8", "127.0.0.1/32"]),
    ],
)
def test_the_environment_opens_networks_with_commas_or_json(tmp_path, monkeypatch, text, networks):
    monkeypatch.setenv(ALLOW, text)

    assert list(load(state=tmp_path).outgoing.allow) == [ip_network(network) for network in networks]


@pytest.mark.parametrize("text", ["nonsense", "10.0.0.1/8", "[", "10.0.0.0/8;fd00::/8"])
def test_what_is_no_network_is_told(tmp_path, monkeypatch, text):
    monkeypatch.setenv(ALLOW, text)

    with pytest.raises(SetupError, match=r"outgoing\.allow"):
        load(state=tmp_path)


def test_the_file_names_networks_and_notifiers(tmp_path):
    text = '[outgoing]\nallow = ["10.0.0.0/8"]\n[notifiers.email]\nhost = "h"\nsender = "a@b"\n'

    settings = with_file(tmp_path, text)

    assert list(settings.outgoing.allow) == [ip_network("10.0.0.0/8")]
    assert list(settings.every_notifier) == ["webhook", "email"]
    assert settings.every_notifier["email"].own == {"host": "h", "sender": "a@b"}


def test_the_environment_sets_up_a_notifier(tmp_path, monkeypatch):
    monkeypatch.setenv("PENSTOCK_NOTIFIERS__EMAIL__HOST", "mail.example")

    assert load(state=tmp_path).every_notifier["email"].own == {"host": "mail.example"}


@pytest.mark.parametrize("url", ["https://a.example", "http://a.example:8080/flink"])
def test_links_can_name_another_address(tmp_path, url):
    assert with_file(tmp_path, f'[server]\npublic_url = "{url}"\n').server.public_url == url


@pytest.mark.parametrize(
    "url", ["a.example", "ftp://a.example", "https://a.example/", "https://a.example/?x", "https://"]
)
def test_an_address_that_links_cannot_begin_with_is_told(tmp_path, url):
    with pytest.raises(SetupError, match="public_url"):
        with_file(tmp_path, f'[server]\npublic_url = "{url}"\n')
