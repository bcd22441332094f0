"""The settings of the S3 store: what they may be, what they leave to the environment, and that nothing secret shows."""

import pytest

from penstock import plugins
from penstock.cli.settings import masked
from penstock.domain.errors import SetupError
from penstock.object_stores.s3 import plugin
from penstock.object_stores.s3.access import Access, endpoint_of, read_keys

GIVEN = {"bucket": "penstock", "endpoint": "https://obs.example.com"}


@pytest.fixture
def secret_file(tmp_path):
    path = tmp_path / "secret"
    path.write_text("the-secret\n")
    return path


def test_the_store_is_found_by_its_name():
    assert plugins.find(plugins.Kind.OBJECT_STORE, "s3") is plugin


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"bucket": ""}, "bucket: "),
        ({}, "bucket: Field required"),
        (GIVEN | {"bucket": "Upper"}, "a bucket has 3 to 63 lower-case letters"),
        (GIVEN | {"prefix": "a//b"}, "no empty part"),
        (GIVEN | {"endpoint": "obs.example.com"}, "endpoint: "),
        (GIVEN | {"endpoint": "https://user:pass@obs.example.com"}, "endpoint: "),
        (GIVEN | {"endpoint": "http://obs.example.com"}, "would travel unencrypted; use https, or set allow_http"),
        (GIVEN | {"secret_key": "the-secret"}, "secret_key is not a setting, did you mean secret_key_file?"),
        (GIVEN | {"timeout": 0, "retries": -1}, "retries: "),
    ],
)
def test_wrong_settings_are_told_in_one_sentence(given, words):
    with pytest.raises(SetupError) as told:
        plugin.settings(given)

    assert words in str(told.value)
    assert "the-secret" not in str(told.value)
    assert "\n" not in str(told.value)


def test_keys_come_from_the_settings(secret_file):
    settings = plugin.settings(GIVEN | {"access_key": "AK", "secret_key_file": str(secret_file)})

    keys = read_keys(settings, {"AWS_SESSION_TOKEN": "of another key"})

    assert (keys.access, keys.secret, keys.token) == ("AK", "the-secret", None)
    assert "the-secret" not in repr(keys)


def test_keys_that_the_settings_leave_out_come_from_the_environment():
    environment = {"AWS_ACCESS_KEY_ID": "AK", "AWS_SECRET_ACCESS_KEY": "SK", "AWS_SESSION_TOKEN": "T"}

    keys = read_keys(plugin.settings(GIVEN), environment)

    assert (keys.access, keys.secret, keys.token) == ("AK", "SK", "T")


def test_without_keys_there_is_no_start():
    with pytest.raises(SetupError, match=r"has no keys: set store.access_key and store.secret_key_file"):
        read_keys(plugin.settings(GIVEN), {})


def test_a_secret_that_cannot_be_read_stops_the_start(tmp_path):
    settings = plugin.settings(GIVEN | {"access_key": "AK", "secret_key_file": str(tmp_path / "nothing")})

    with pytest.raises(SetupError, match=r"store.secret_key_file: .* cannot be read: No such file"):
        read_keys(settings, {})


@pytest.mark.parametrize("text", ["no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_file_without_certificates_stops_the_start(tmp_path, text):
    (tmp_path / "ca.pem").write_text(text)
    settings = plugin.settings(GIVEN | {"ca": str(tmp_path / "ca.pem")})

    with pytest.raises(SetupError, match=r"store\.ca: .*ca\.pem cannot be used: "):
        Access(settings, read_keys(settings, {"AWS_ACCESS_KEY_ID": "AK", "AWS_SECRET_ACCESS_KEY": "SK"}))


def test_a_bucket_is_named_in_the_path_or_in_the_host():
    in_path = plugin.settings(GIVEN)
    in_host = plugin.settings(GIVEN | {"path_style": False})

    assert endpoint_of(in_path, "orders") == "https://obs.example.com"
    assert endpoint_of(in_host, "orders") == "https://orders.obs.example.com"


def test_the_keys_do_not_show_in_the_settings_that_are_shown(secret_file):
    shown = masked({"store": GIVEN | {"access_key": "AK", "secret_key_file": str(secret_file)}})

    assert shown["store"]["access_key"] == shown["store"]["secret_key_file"] == "********"


def test_a_store_is_told_apart_by_its_address(secret_file):
    settings = plugin.settings(GIVEN | {"access_key": "AK", "secret_key_file": str(secret_file), "prefix": "a/b"})
    store = plugin.factory(settings, secret_file.parent)

    assert store.home == "penstock/a/b"
    assert Access(settings, read_keys(settings)).place == "https://obs.example.com"
    assert store.local_path("packages/x") is None
