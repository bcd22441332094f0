"""Every error ends with what to do next, and with the exit code of whose turn it is."""

import json
from pathlib import Path

import pytest

from penstock.cli import main
from penstock.domain.errors import SetupError

JOBS = "/v1.0/p1/streaming/jobs"


def last_line(text: str) -> str:
    return text.rstrip().splitlines()[-1]


def test_a_refusal_shows_the_services_sentence_and_request_id(service, penstock):
    service.answers_to("GET", f"{JOBS}/9", {"error_code": "DLI.16001", "error_msg": "There is no job 9."}, 400)

    outcome = penstock("job", "show", "9")

    assert (outcome.code, outcome.out) == (1, "")
    assert "There is no job 9. (DLI.16001, HTTP 400)" in outcome.err
    assert "r" * 32 in outcome.err
    assert last_line(outcome.err) == "What to do: see which jobs there are: penstock job list."


def test_a_problem_document_is_understood_too(service, penstock):
    problem = {"type": "about:blank", "title": "Not Found", "status": 404, "detail": "There is no job 9.", "faults": []}
    service.answers_to("GET", "/penstock/v1/projects/p1/jobs/9", problem, 404)

    outcome = penstock("job", "explain", "9")

    assert outcome.code == 1
    assert "There is no job 9. (HTTP 404)" in outcome.err


def test_an_error_of_the_service_is_ours(service, penstock):
    service.answers_to("GET", JOBS, {"error_code": "DLI.0999", "error_msg": "Server error."}, 500)

    assert penstock("job", "list").code == 70


def test_programs_get_their_errors_as_json(service, penstock):
    service.answers_to("GET", f"{JOBS}/9", {"error_code": "DLI.16001", "error_msg": "There is no job 9."}, 400)

    outcome = penstock("job", "show", "9", "--json")

    told = json.loads(outcome.err)
    assert told["error_code"] == "DLI.16001"
    assert told["exit_code"] == 1
    assert told["what_to_do"]


def test_a_service_that_does_not_answer_is_named(penstock, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PENSTOCK_ENDPOINT", "http://127.0.0.1:9")

    outcome = penstock("job", "list")

    assert outcome.code == 1
    assert "No service answers at http://127.0.0.1:9." in outcome.err
    assert "serve" in last_line(outcome.err)


def test_what_does_not_speak_as_penstock_is_not_believed(service, penstock):
    service.answers_to("GET", JOBS, b"<html>")

    outcome = penstock("job", "list")

    assert outcome.code == 1
    assert f"What answers at {service.endpoint} does not speak as Penstock does." in outcome.err


@pytest.mark.parametrize("arguments", [("job", "show"), ("job", "sing"), ("job", "list", "--limit", "x"), ("--x",)])
def test_a_wrong_call_says_how_it_is_called(arguments, penstock):
    outcome = penstock(*arguments)

    assert outcome.code == 2
    assert last_line(outcome.err).startswith("What to do: see how it is called: penstock")


def test_a_missing_profile_says_how_to_get_one(penstock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delenv("PENSTOCK_PROFILE")

    outcome = penstock("job", "list", "--state", str(tmp_path / "empty"))

    assert outcome.code == 1
    assert f"There is no profile at {tmp_path / 'empty' / 'profile.json'}." in outcome.err


@pytest.mark.parametrize("content", ["{", "[]", '{"endpoint": "http://127.0.0.1:9"}'])
def test_a_damaged_profile_is_an_error_of_one_sentence(content, penstock, tmp_path: Path):
    (tmp_path / "bad.json").write_text(content, encoding="utf-8")

    outcome = penstock("job", "list", "--profile", str(tmp_path / "bad.json"))

    assert outcome.code == 1
    assert "What to do:" in outcome.err


def test_the_environment_alone_can_name_the_service(service, penstock, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("PENSTOCK_PROFILE")
    monkeypatch.setenv("PENSTOCK_ENDPOINT", service.endpoint)
    monkeypatch.setenv("PENSTOCK_PROJECT", "p2")
    monkeypatch.setenv("PENSTOCK_ACCESS_KEY", "AKTEST")
    monkeypatch.setenv("PENSTOCK_SECRET_KEY", "SKTEST")
    service.answers_to("GET", "/v1.0/p2/queues", {"queues": []})

    assert penstock("queue", "list").code == 0


def test_settings_that_do_not_allow_a_start_end_with_78(penstock, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PENSTOCK_SERVER__PORT", "no port")

    outcome = penstock("settings")

    assert outcome.code == 78
    assert "server.port" in outcome.err


def test_a_setup_error_may_bring_its_own_cure() -> None:
    def refuse() -> None:
        raise SetupError("The port is taken.", cure="choose another: --port 0.")

    main.app.command("refuse")(refuse)

    assert main.run(["refuse"]) == 78


def test_what_nobody_foresaw_ends_with_70_and_its_origin(capsys: pytest.CaptureFixture[str]) -> None:
    def stumble() -> None:
        raise ZeroDivisionError("by zero")

    main.app.command("stumble")(stumble)
    code = main.run(["stumble"])

    said = capsys.readouterr().err
    assert code == 70
    assert "in stumble" in said
    assert last_line(said).startswith("What to do: report it")


def test_the_version_is_said(penstock):
    outcome = penstock("--version")

    assert outcome.code == 0
    assert outcome.out.startswith("penstock ")
