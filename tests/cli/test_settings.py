"""`penstock settings` shows what holds, and hides what must not be seen."""

from penstock.cli.settings import masked


def test_the_effective_settings_name_their_variables(penstock, monkeypatch):
    monkeypatch.setenv("PENSTOCK_API__CREATE", "draft")

    outcome = penstock("settings")

    assert ["api.create", "draft", "PENSTOCK_API__CREATE"] in [line.split() for line in outcome.out.splitlines()]


def test_settings_for_programs_are_nested(penstock):
    assert penstock("settings", "--json").document["places"] == {"here": {"engine": "local"}}


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
