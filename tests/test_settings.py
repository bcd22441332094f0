"""Settings: where they come from, and what a slip is answered with."""

from pathlib import Path

import pytest

from penstock.domain.errors import SetupError
from penstock.settings import load


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch, tmp_path):
    for name in ("PENSTOCK_STATE", "PENSTOCK_CONFIG", "PENSTOCK_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def write(folder: Path, text: str) -> Path:
    file = folder / "penstock.toml"
    file.write_text(text)
    return file


def test_without_anything_there_are_defaults(tmp_path):
    settings = load()

    assert settings.state == tmp_path / ".local/share/penstock"
    assert (settings.server.host, settings.api.create, settings.api.is_success) == ("127.0.0.1", "start", "string")
    assert (list(settings.places), settings.first_place) == (["here"], "here")
    assert settings.database_url == f"sqlite:///{settings.state}/penstock.db"


def test_a_flag_wins_over_the_environment_and_that_over_the_file(tmp_path, monkeypatch):
    write(tmp_path, "[server]\nport = 1\nhost = '::1'\n[api]\ncreate_wait = 3\n[limits]\nstop = 7\n")
    monkeypatch.setenv("PENSTOCK_SERVER__PORT", "2")
    monkeypatch.setenv("PENSTOCK_API__CREATE_WAIT", "4")

    settings = load(state=tmp_path, port=3)

    assert (settings.server.port, settings.server.host) == (3, "::1")
    assert (settings.api.create_wait, settings.limits.stop) == (4, 7)


def test_a_place_keeps_the_keys_of_its_engine(tmp_path, monkeypatch):
    write(tmp_path, "[places.big]\nengine = 'local'\ncu_memory = '4g'\n")
    monkeypatch.setenv("PENSTOCK_PLACES__BIG__POOL_SIZE", "3")

    settings = load(state=tmp_path)

    assert settings.first_place == "big"
    assert dict(settings.places["big"].own) == {"cu_memory": "4g", "pool_size": 3}


def test_the_state_and_the_file_may_come_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("PENSTOCK_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("PENSTOCK_CONFIG", str(write(tmp_path, "[api]\ncreate = 'draft'\n")))

    settings = load()

    assert (settings.state, settings.api.create) == (tmp_path / "state", "draft")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[api]\ncreat = 'draft'\n", "no setting api.creat"),
        ("[api]\ncreate = 'now'\n", "api.create: Input should be 'start' or 'draft'"),
        ("[server]\nport = 'many'\n", "server.port"),
        ("[server\n", "not valid TOML"),
        ("default_place = 'there'\n", "no place 'there'"),
        ("[places]\n", "at least one"),
        ("[server]\ncertificate = 'c.pem'\n", "server: certificate and key belong together"),
        ("[server]\nkey = 'k.pem'\n", "certificate and key belong together"),
        ("[server]\nkey_password_file = 'p'\n", "key_password_file is for a key"),
    ],
)
def test_a_slip_in_the_file_is_one_sentence(tmp_path, text, sentence):
    write(tmp_path, text)

    with pytest.raises(SetupError, match=sentence.replace("[", r"\[")):
        load(state=tmp_path)


def test_a_file_that_is_not_text_is_one_sentence(tmp_path):
    (tmp_path / "penstock.toml").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(SetupError, match="cannot be read"):
        load(state=tmp_path)


def test_a_named_file_must_be_there(tmp_path):
    with pytest.raises(SetupError, match="is not there"):
        load(config=tmp_path / "other.toml")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PENSTOCK_APY__CREATE", "draft", "Did you mean PENSTOCK_API"),
        ("PENSTOCK_API__CREAT", "draft", "no setting api.creat"),
        ("PENSTOCK_SERVER__PORT", "many", "server.port"),
    ],
)
def test_a_slip_in_the_environment_is_one_sentence(monkeypatch, name, value, sentence):
    monkeypatch.setenv(name, value)

    with pytest.raises(SetupError, match=sentence):
        load()
