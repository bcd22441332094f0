"""`penstock settings` shows what holds, and hides what must not be seen."""

from penstock.cli.settings import masked


def test_the_effective_settings_name_their_variables(penstock, monkeypatch):
    monkeypatch.setenv("PENSTOCK_API__CREATE", "draft")

    outcome = penstock("settings")

    assert ["api.create", "draft", "PENSTOCK_API__CREATE"] in [line.split() for line in outcome.out.splitlines()]


def test_settings_for_programs_are_nested(penstock):
    assert penstock("settings", "--json").document["places"]["here"]["engine"] == "local"


def test_the_defaults_of_plugins_are_shown_as_the_plugins_understand_them(penstock, monkeypatch):
    monkeypatch.setenv("PENSTOCK_PLACES__HERE__CU_MEMORY", "2g")

    here = penstock("settings", "--json").document["places"]["here"]

    assert (here["cu_memory"], here["pool_size"]) == (2 * 2**30, 1)


def test_a_slip_in_a_plugins_settings_is_told(penstock, monkeypatch):
    monkeypatch.setenv("PENSTOCK_PLACES__HERE__POOL_SISE", "2")

    outcome = penstock("settings")

    assert (outcome.code, "pool_size" in outcome.err) == (78, True)


def test_the_path_of_a_secret_is_no_secret(penstock, monkeypatch):
    monkeypatch.setenv("PENSTOCK_SERVER__CERTIFICATE", "/tls/fullchain.pem")
    monkeypatch.setenv("PENSTOCK_SERVER__KEY", "/tls/key.pem")
    monkeypatch.setenv("PENSTOCK_SERVER__KEY_PASSWORD_FILE", "/tls/password")

    server = penstock("settings", "--json").document["server"]

    assert (server["key"], server["key_password_file"]) == ("/tls/key.pem", "/tls/password")


def test_the_secrets_of_plugins_are_masked(penstock, monkeypatch):
    for name, value in (("HOST", "mail.test"), ("SENDER", "a@mail.test"), ("PASSWORD", "geheim")):
        monkeypatch.setenv(f"PENSTOCK_NOTIFIERS__EMAIL__{name}", value)

    outcome = penstock("settings", "--json")

    assert "geheim" not in outcome.out
    assert outcome.document["notifiers"]["email"]["password"] == "********"


def test_secrets_are_masked_wherever_they_stand():
    shown = masked(
        {
            "database": {"url": "postgresql://me:geheim@db/penstock"},
            "store": {"access_key": "AK", "secret_key": "geheim", "bucket": "b", "password": ""},
            "hooks": [{"token": "geheim"}],
        }
    )

    assert "geheim" not in str(shown)
    assert shown["database"]["url"] == "postgresql://me:********@db/penstock"
    assert shown["store"]["bucket"] == "b"
    assert shown["store"]["password"] == ""
