"""What lies in deploy/ fits the service: paths, settings, locks, and that jobs survive a stop of the unit."""

import configparser
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from penstock.settings import load

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"


@pytest.fixture
def unit() -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # directives keep their capitals
    parser.read(DEPLOY / "penstock.service")
    return parser["Service"]


def test_a_stop_of_the_unit_spares_the_jobs(unit):
    assert unit["KillMode"] == "process"
    assert unit["OOMPolicy"] == "continue"
    assert unit["RestartPreventExitStatus"] == "78"


@pytest.mark.parametrize("name", ["PrivateTmp", "MemoryDenyWriteExecute", "RemoveIPC", "DynamicUser", "PrivateUsers"])
def test_the_unit_has_nothing_that_breaks_jobs_which_run_on(unit, name):
    assert name not in unit


def test_every_line_of_the_unit_has_its_reason(unit):
    page = (ROOT / "docs/how-to/run-under-systemd.md").read_text(encoding="utf-8")
    reasons = page.partition("## Each line, and why")[2].partition("And why these are *not* there")[0]
    told = set(re.findall(r"[A-Z][A-Za-z]+…?", reasons))
    plain = {"ExecStart", "Environment", "WorkingDirectory", "RestartSec"}

    silent = [name for name in unit if name not in told | plain and not _is_family(name, told)]

    assert silent == []


def _is_family(name: str, told: set[str]) -> bool:
    return any(name.startswith(stem.removesuffix("…")) for stem in told if stem.endswith("…"))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
def test_systemd_understands_every_line():
    ended = subprocess.run(
        ["systemd-analyze", "verify", DEPLOY / "penstock.service"], capture_output=True, text=True, check=False
    )

    complaints = [line for line in ended.stderr.splitlines() if "penstock.service" in line]

    assert [line for line in complaints if "is not executable" not in line] == []


def test_the_example_of_settings_is_one(tmp_path, monkeypatch):
    monkeypatch.delenv("PENSTOCK_CONFIG", raising=False)
    settings = load(state=tmp_path, config=DEPLOY / "penstock.toml")

    assert (settings.server.port, settings.first_place) == (7480, "here")


def test_what_the_example_leaves_out_would_be_understood(tmp_path, monkeypatch):
    monkeypatch.delenv("PENSTOCK_CONFIG", raising=False)
    text = re.sub(r"^# (?=\w+ = )", "", (DEPLOY / "penstock.toml").read_text(encoding="utf-8"), flags=re.MULTILINE)
    file = tmp_path / "penstock.toml"
    file.write_text(text.replace('host = "127.0.0.1"\n', ""), encoding="utf-8")

    settings = load(state=tmp_path, config=file)

    assert tomllib.loads(file.read_text(encoding="utf-8"))["server"]["certificate"] == str(settings.server.certificate)
    assert settings.server.public_url == "https://penstock.example.org:7480"


def test_the_variables_of_the_example_are_settings(tmp_path, monkeypatch):
    text = (DEPLOY / "environment.example").read_text(encoding="utf-8")
    for name, value in re.findall(r"^# (PENSTOCK_\w+)=(.*)$", text, re.MULTILINE):
        monkeypatch.setenv(name, value)

    settings = load(state=tmp_path)

    assert (settings.log.level, settings.database.url[:10]) == ("debug", "postgresql")


def test_the_container_copies_what_is_there():
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    copied = [word for line in re.findall(r"^COPY (.+) \S+$", text, re.MULTILINE) for word in line.split()]

    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert [lock for lock in re.findall(r"locks/\w+\.lock", text) if not (ROOT / lock).exists()] == []


def test_the_container_installs_nothing_without_a_hash():
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    installs = re.findall(r"pip install ([^\n&]+)", text)

    assert [line for line in installs if "--require-hashes" not in line and "--no-deps" not in line] == []
