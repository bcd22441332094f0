"""Imports point inwards: the contracts in pyproject.toml hold."""

from importlinter.cli import lint_imports


def test_the_import_contracts_hold(root, monkeypatch, capsys):
    monkeypatch.chdir(root)

    broken = lint_imports(config_filename="pyproject.toml", no_cache=True, no_logo=True)

    assert not broken, capsys.readouterr().out
