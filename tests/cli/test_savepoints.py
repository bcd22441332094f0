"""`penstock job savepoint`, `import-savepoint`, and what run, stop and explain say of savepoints."""

import pytest

JOBS = "/v1.0/p1/streaming/jobs"
OWN = "/penstock/v1/projects/p1/jobs"

ASKED = {"is_success": "true", "message": '{"is_success":"true","message":"api.msg.deal_savepoint_success"}'}
UPDATED = {"is_success": "true", "message": "The job is updated successfully."}
DONE = [{"is_success": "true", "message": "asked"}]
KEPT = {
    "id": "5" * 32,
    "made_at": "2026-01-02T03:04:05+00:00",
    "place": "here",
    "path": "file:/state/1/savepoint-4f2a1c-0b1c2d3e4f50",
    "copied_to": "mine/kept/savepoint-4f2a1c-0b1c2d3e4f50",
    "copied_at": "2026-01-02T03:04:07+00:00",
}


def refuses(service, call, code, says="no"):
    service.answers_to("POST", f"{JOBS}/{call}", {"error_code": code, "error_msg": says}, 400)


def explained(service, savepoint):
    found = {"job_id": 138, "name": "test", "state": "running", "moved_at": "2026-01-02T03:04:05Z"}
    service.answers_to("GET", f"{OWN}/138", found | {"savepoint": savepoint})
    service.answers_to("GET", f"{OWN}/138/history", {"facts": [], "next": None})


def savepoint_line(outcome):
    [line] = [line for line in outcome.out.splitlines() if line.startswith("savepoint")]
    return line


def test_a_savepoint_is_asked_for(service, penstock):
    service.answers_to("POST", f"{JOBS}/138/savepoint", ASKED)

    outcome = penstock("job", "savepoint", "138")

    assert service.posted(f"{JOBS}/138/savepoint") == [{"action": "TRIGGER"}]
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == "138: a savepoint is being made. See what has become of it: penstock job explain 138\n"


def test_its_copy_can_be_sent_elsewhere(service, penstock):
    service.answers_to("POST", f"{JOBS}/138/savepoint", ASKED)

    penstock("job", "savepoint", "138", "--to", "mine/kept")

    assert service.posted(f"{JOBS}/138/savepoint") == [{"action": "TRIGGER", "savepoint_path": "mine/kept"}]


def test_programs_get_the_answer_as_it_came(service, penstock):
    service.answers_to("POST", f"{JOBS}/138/savepoint", ASKED)
    service.answers_to("POST", f"{JOBS}/138/import-savepoint", UPDATED)

    assert penstock("job", "savepoint", "138", "--json").document == ASKED
    assert penstock("job", "import-savepoint", "138", "mine/kept", "--json").document == UPDATED


def test_a_savepoint_is_imported(service, penstock):
    service.answers_to("POST", f"{JOBS}/138/import-savepoint", UPDATED)

    outcome = penstock("job", "import-savepoint", "138", "mine/kept")

    assert service.posted(f"{JOBS}/138/import-savepoint") == [{"job_id": 138, "savepoint_path": "mine/kept"}]
    assert outcome.out == (
        "138: The job is updated successfully.\nRun it from there: penstock job run 138 --from-savepoint\n"
    )


def test_both_find_a_job_by_its_name(service, penstock):
    listed = {"total_count": 1, "jobs": [{"job_id": 138, "name": "test"}]}
    service.answers_to("GET", JOBS, {"is_success": "true", "message": "", "job_list": listed})
    service.answers_to("POST", f"{JOBS}/138/savepoint", ASKED)
    service.answers_to("POST", f"{JOBS}/138/import-savepoint", UPDATED)

    codes = [penstock("job", "savepoint", "test").code, penstock("job", "import-savepoint", "test", "mine/kept").code]

    assert codes == [0, 0]
    assert service.posted(f"{JOBS}/138/import-savepoint") == [{"job_id": 138, "savepoint_path": "mine/kept"}]


@pytest.mark.parametrize("words", [["savepoint"], ["import-savepoint", "138"], ["import-savepoint"]])
def test_what_is_missing_is_not_sent(service, penstock, words):
    assert penstock("job", *words).code == 2
    assert service.asked == []


@pytest.mark.parametrize(("flags", "resumes"), [([], False), (["--from-savepoint"], True)])
def test_a_run_begins_from_a_savepoint_if_told_to(service, penstock, flags, resumes):
    service.answers_to("POST", f"{JOBS}/run", DONE)

    assert penstock("job", "run", "138", *flags).code == 0

    assert service.posted(f"{JOBS}/run") == [{"job_ids": [138], "resume_savepoint": resumes}]


@pytest.mark.parametrize(("flags", "triggers"), [([], False), (["--with-savepoint"], True)])
def test_a_stop_makes_a_savepoint_if_told_to(service, penstock, flags, triggers):
    service.answers_to("POST", f"{JOBS}/stop", DONE)

    assert penstock("job", "stop", "138", *flags).code == 0

    assert service.posted(f"{JOBS}/stop") == [{"job_ids": [138], "trigger_savepoint": triggers}]


def test_explain_says_where_the_savepoint_is(service, penstock):
    explained(service, KEPT)

    line = savepoint_line(penstock("job", "explain", "138"))

    assert "mine/kept/savepoint-4f2a1c-0b1c2d3e4f50 (made 2026-01-0" in line
    assert "file:" not in line


def test_explain_says_that_the_copy_is_not_whole_yet(service, penstock):
    explained(service, KEPT | {"copied_at": None})

    line = savepoint_line(penstock("job", "explain", "138"))

    assert "file:/state/1/savepoint-4f2a1c-0b1c2d3e4f50 (made" in line
    assert line.endswith("; its copy in mine/kept/savepoint-4f2a1c-0b1c2d3e4f50 is not whole yet)")


def test_explain_says_nothing_of_a_copy_that_nobody_wants(service, penstock):
    explained(service, KEPT | {"copied_to": None, "copied_at": None})

    line = savepoint_line(penstock("job", "explain", "138"))

    assert "file:/state/1/savepoint-4f2a1c-0b1c2d3e4f50" in line
    assert "copy" not in line


@pytest.mark.parametrize("savepoint", [None, {}])
def test_explain_is_silent_about_a_savepoint_that_is_not_there(service, penstock, savepoint):
    explained(service, savepoint)

    assert "savepoint" not in penstock("job", "explain", "138").out


def test_what_a_terminal_would_obey_is_shown_instead(service, penstock):
    explained(service, KEPT | {"copied_to": "mine/\x1b[31mred\u2028\x9b1m"})
    refuses(service, "138/savepoint", "DLI.0001", "mine/\x1b[31mred is no folder")

    told = penstock("job", "explain", "138").out + penstock("job", "savepoint", "138").err

    assert r"mine/\x1b[31mred\u2028\x9b1m (made" in told
    assert r"Error: mine/\x1b[31mred is no folder (" in told


@pytest.mark.parametrize(
    ("words", "call", "code", "cure"),
    [
        (["run", "138", "--from-savepoint"], "run", "DLI.13017", "penstock job import-savepoint JOB BUCKET/FOLDER"),
        (["savepoint", "138"], "138/savepoint", "DLI.15002", "penstock job show JOB"),
        (["savepoint", "138", "--to", "x/y"], "138/savepoint", "DLI.11016", "penstock bucket authorize NAME"),
        (["import-savepoint", "138", "x/y"], "138/import-savepoint", "DLI.0002", "penstock bucket objects BUCKET"),
        (["import-savepoint", "138", "x/y"], "138/import-savepoint", "DLI.12003", "penstock job stop JOB"),
        (["import-savepoint", "138", "x/y"], "138/import-savepoint", "DLI.12005", "penstock job explain JOB"),
    ],
)
def test_a_refusal_ends_with_what_to_do_next(service, penstock, words, call, code, cure):
    refuses(service, call, code)

    outcome = penstock("job", *words)

    assert (outcome.code, outcome.out) == (1, "")
    assert cure in outcome.err.splitlines()[-1]
    assert "edit" not in outcome.err
