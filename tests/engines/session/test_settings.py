"""What a session place is told, and which sentence says what is wrong with it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from penstock.domain.errors import SetupError
from penstock.engines.session import plugin
from penstock.flink.certificates import make_keys
from penstock.testing.surroundings import some_surroundings

HTTPS = {"address": "https://flink:8081"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "address is missing"),
        ({"address": "flink:8081"}, "address: must be http://HOST:PORT"),
        ({"address": "ftp://flink"}, "address: must be http://HOST:PORT"),
        ({"address": "http://me:secret@flink"}, "without a user name"),
        ({"address": "http://flink:99999"}, "address: must be http://HOST:PORT"),
        ({"address": "http://flink?x"}, "address: must be http://HOST:PORT"),
        ({"address": "http://flink", "ca": "/ca.pem"}, "need an address that begins with https://"),
        (HTTPS | {"key": "/key.pem"}, "key needs certificate"),
        (HTTPS | {"username": "me"}, "username and password_file need each other"),
        (HTTPS | {"username": "a:b", "password_file": "/p"}, "username must not hold a colon"),
        (HTTPS | {"state": "/shared"}, "state: must be the address of a folder"),
        (HTTPS | {"state": "file://shared"}, "state: must be file:///PATH"),
        (HTTPS | {"adress": "x"}, "adress is not a setting, did you mean address?"),
        (HTTPS | {"many_projects": "perhaps"}, "many_projects: "),
        (HTTPS | {"answer_limit": 0}, "answer_limit: "),
    ],
)
def test_wrong_settings_are_told_in_one_sentence(given: dict[str, object], words: str) -> None:
    with pytest.raises(SetupError) as caught:
        plugin.settings(given)

    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_an_address_and_a_state_lose_their_last_slash() -> None:
    settings = plugin.settings({"address": "http://flink:8081/", "state": "s3://bucket/flink/"})

    assert (settings.address, settings.state) == ("http://flink:8081", "s3://bucket/flink")


@pytest.mark.parametrize(
    ("address", "is_here"),
    [("http://localhost:1", True), ("https://127.0.0.1:1", True), ("http://[::1]:1", True), ("http://flink:1", False)],
)
def test_a_cluster_elsewhere_is_told_from_one_on_this_machine(address: str, is_here: bool) -> None:
    assert plugin.settings({"address": address}).is_on_this_machine is is_here


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Sound ones, and such as are not what they should be."""
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    one, other = (make_keys(tmp_path / name, datetime(2030, 1, 1, tzinfo=UTC)) for name in ("one", "other"))
    pem = other.pem.read_text()
    (tmp_path / "key.pem").write_text(pem[: pem.index("-----BEGIN CERTIFICATE-----")])
    (tmp_path / "text").write_text("no PEM\n")
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "lines").write_text("one\ntwo\n")
    return {"pem": one.pem, "foreign_key": tmp_path / "key.pem", "missing": tmp_path / "missing"} | {
        name: tmp_path / name for name in ("text", "empty", "lines")
    }


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"ca": "missing"}, "places.here.ca: .*missing cannot be read: No such file"),
        ({"ca": "text"}, "places.here.ca: .*text holds no certificate in PEM"),
        ({"certificate": "missing"}, "places.here.certificate: .*cannot be read"),
        ({"certificate": "text"}, "places.here.certificate: .*holds no key in PEM that fits"),
        ({"certificate": "pem", "key": "missing"}, "places.here.key: .*cannot be read"),
        ({"certificate": "pem", "key": "foreign_key"}, "places.here.key: .*holds no key in PEM that fits"),
        ({"password_file": "missing"}, "places.here.password_file: .*cannot be read"),
        ({"password_file": "empty"}, "must hold one line, the password"),
        ({"password_file": "lines"}, "must hold one line, the password"),
    ],
)
def test_files_that_are_not_what_they_should_be_end_the_start(
    tmp_path: Path, files: dict[str, Path], chosen: dict[str, str], words: str
) -> None:
    given: dict[str, object] = HTTPS | {key: files[name] for key, name in chosen.items()}
    settings = plugin.settings(given | ({"username": "me"} if "password_file" in chosen else {}))

    with pytest.raises(SetupError, match=words):
        plugin.factory(settings, some_surroundings(tmp_path))


def test_a_cluster_that_does_not_answer_ends_no_start(tmp_path: Path, files: dict[str, Path]) -> None:
    settings = plugin.settings(HTTPS | {"ca": files["pem"], "certificate": files["pem"]})

    engine = plugin.factory(settings, some_surroundings(tmp_path))

    assert (engine.capabilities.default_flink_version, engine.health().ready) == ("1.20", False)
    assert engine.room().slots == 0
