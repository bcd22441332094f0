"""`penstock job` sends what was asked for, and shows what came."""

import json
from pathlib import Path

JOBS = "/v1.0/p1/streaming/jobs"
CREATE = "/v1.0/p1/streaming/flink-jobs"
OWN = "/penstock/v1/projects/p1/jobs"


def created(status_name: str = "running", status_desc: str = "") -> dict:
    job = {"job_id": 138, "status_name": status_name, "status_desc": status_desc}
    return {"is_success": "true", "message": "A Flink job is created successfully.", "job": job}


def listed(*jobs: dict, total: int | None = None) -> dict:
    found = {"total_count": len(jobs) if total is None else total, "jobs": list(jobs)}
    return {"is_success": "true", "message": "", "job_list": found}


def a_job(job_id: int = 138, name: str = "test", status: str = "job_running") -> dict:
    return {
        "job_id": job_id,
        "name": name,
        "status": status,
        "queue_name": "testQueue",
        "start_time": 1578892414688,
        "restart_times": 0,
    }


def test_flags_become_the_fields_of_the_request(service, penstock):
    service.answers_to("POST", CREATE, created())

    outcome = penstock(
        *("job", "create", "--name", "test", "--queue", "q", "--cu-number", "2", "--log-enabled"),
        *("--dependency-jar", "g/a.jar", "--dependency-jar", "g/b.jar", "--tag", "team=a=b"),
    )

    assert outcome.code == 0
    assert service.posted(CREATE) == [
        {
            "name": "test",
            "queue_name": "q",
            "cu_number": 2,
            "log_enabled": True,
            "dependency_jars": ["g/a.jar", "g/b.jar"],
            "tags": [{"key": "team", "value": "a=b"}],
        }
    ]
    assert "Job 138 is created: running." in outcome.out


def test_a_flag_wins_over_the_file(service, penstock, tmp_path: Path):
    service.answers_to("POST", CREATE, created("job_init"))
    (tmp_path / "request.json").write_text('{"name": "filed", "cu_number": 4}', encoding="utf-8")

    outcome = penstock("job", "create", "--file", str(tmp_path / "request.json"), "--name", "flagged")

    assert service.posted(CREATE) == [{"name": "flagged", "cu_number": 4}]
    assert "penstock job run 138" in outcome.out


def test_a_job_that_did_not_start_is_an_error_with_its_reason(service, penstock):
    service.answers_to("POST", CREATE, created("job_submit_fail", "main() threw"))

    outcome = penstock("job", "create", "--name", "test")

    assert (outcome.code, outcome.out) == (1, "")
    assert "main() threw" in outcome.err
    assert "penstock job explain 138" in outcome.err.splitlines()[-1]


def test_an_empty_request_is_not_sent(service, penstock):
    outcome = penstock("job", "create")

    assert outcome.code == 2
    assert service.asked == []


def test_a_request_file_that_is_no_json_says_where(penstock, tmp_path: Path):
    (tmp_path / "request.json").write_text('{"name": }', encoding="utf-8")

    outcome = penstock("job", "create", "--file", str(tmp_path / "request.json"))

    assert outcome.code == 1
    assert "line 1 column 10" in outcome.err


def test_a_list_is_a_table_that_a_pipe_can_read(service, penstock):
    service.answers_to("GET", JOBS, listed(a_job(), a_job(137, "other", "job_init"), total=30))

    outcome = penstock("job", "list", "--limit", "2")

    header, first, second = outcome.out.splitlines()
    assert header.split() == ["ID", "NAME", "STATUS", "QUEUE", "STARTED", "RESTARTS"]
    assert first.split()[:4] == ["138", "test", "running", "testQueue"]
    assert second.split()[2] == "draft"
    assert "\x1b" not in outcome.out
    assert "2 of 30 jobs; more: --offset 2" in outcome.err


def test_a_list_for_programs_is_one_line_of_json(service, penstock):
    service.answers_to("GET", JOBS, listed(a_job()))

    outcome = penstock("job", "list", "--json", "--status", "job_running")

    assert outcome.out.count("\n") == 1
    assert outcome.document["jobs"][0]["job_id"] == 138
    assert service.asked[0].query == {"status": "job_running", "limit": "20", "offset": "0"}


def test_a_job_can_be_named_instead_of_numbered(service, penstock):
    service.answers_to("GET", JOBS, listed(a_job(139, "test-2"), a_job(138, "test")))
    service.answers_to("POST", f"{JOBS}/stop", [{"is_success": "true", "message": "asked"}])

    outcome = penstock("job", "stop", "test")

    assert outcome.out == "138: asked\n"
    assert service.posted(f"{JOBS}/stop") == [{"job_ids": [138], "trigger_savepoint": False}]


def test_a_name_that_no_job_has_is_an_error(service, penstock):
    service.answers_to("GET", JOBS, listed(a_job(139, "test-2")))

    outcome = penstock("job", "stop", "test")

    assert outcome.code == 1
    assert "There is no job named test." in outcome.err


def test_one_refusal_among_several_is_an_error(service, penstock):
    answers = [{"is_success": "true", "message": "asked"}, {"is_success": "false", "message": "it is a draft"}]
    service.answers_to("POST", f"{JOBS}/run", answers)

    outcome = penstock("job", "run", "1", "2")

    assert outcome.code == 1
    assert outcome.out == "1: asked\n2: it is a draft\n"
    assert "run: 2." in outcome.err


def test_show_tells_the_records_that_flow(service, penstock):
    detail = {"job_id": 138, "name": "test", "status": "job_running", "job_config": {"cu_number": 2}}
    vertex = {"name": "Source", "parallelism": 1, "status": "RUNNING", "metrics": {"write-records": 4711}}
    service.answers_to("GET", f"{JOBS}/138", {"job_detail": detail})
    service.answers_to("GET", f"{JOBS}/138/execute-graph", {"execute_graph": {"vertices": [vertex]}})

    outcome = penstock("job", "show", "138")

    assert "4711" in outcome.out
    assert any(line.split() == ["cu_number", "2"] for line in outcome.out.splitlines())


def test_show_works_while_flink_has_no_graph(service, penstock):
    detail = {"job_id": 138, "name": "test", "status": "job_running", "job_config": {}}
    service.answers_to("GET", f"{JOBS}/138", {"job_detail": detail})
    service.answers_to("GET", f"{JOBS}/138/execute-graph", {"error_code": "DLI.14001", "error_msg": "none"}, 400)

    outcome = penstock("job", "show", "138", "--json")

    assert outcome.code == 0
    assert outcome.document["execute_graph"] is None


def test_delete_asks_for_each_job(service, penstock):
    service.answers_to("DELETE", f"{JOBS}/138", {"is_success": "true", "message": "deleted"})

    outcome = penstock("job", "delete", "138", "--json")

    assert outcome.document == [{"is_success": "true", "message": "deleted"}]


def test_explain_gives_the_reason_and_the_whole_history(service, penstock):
    reason = {"code": "queue_full", "text": "queue testQueue has 2 of 16 CUs free, the job asks for 4", "params": {}}
    found = {
        "job_id": 138,
        "name": "test",
        "state": "queued",
        "moved_at": "2026-01-02T03:04:05+00:00",
        "reason": reason,
        "queue": {"name": "testQueue", "cu_count": 16, "used_cu": 14},
        "run": None,
        "restart_times": 0,
        "restart_due_at": None,
    }
    fact = {"at": "2026-01-02T03:04:05Z", "what": "run_asked", "before": "draft", "after": "queued", "reason": reason}
    service.answers_to("GET", f"{OWN}/138", found)
    service.answers_to("GET", f"{OWN}/138/history", {"facts": [fact], "next": "c2"})
    service.answers_to("GET", f"{OWN}/138/history", {"facts": [fact | {"what": "stop_asked"}], "next": None})

    outcome = penstock("job", "explain", "138")

    assert "queue testQueue has 2 of 16 CUs free, the job asks for 4" in outcome.out
    assert "14 of 16 CUs used" in outcome.out
    assert "run_asked" in outcome.out
    assert "stop_asked" in outcome.out


def test_warnings_are_told_by_create_and_by_explain(service, penstock):
    warnings = [{"code": "flink_bundled", "path": "entrypoint", "detail": "a.jar carries classes of Flink itself."}]
    service.answers_to("POST", CREATE, created("job_submitting") | {"warnings": warnings})
    moved = {"state": "queued", "moved_at": "2026-01-02T03:04:05Z"}
    service.answers_to("GET", f"{OWN}/138", {"name": "test", "warnings": warnings, **moved})
    service.answers_to("GET", f"{OWN}/138/history", {"facts": [], "next": None})

    outcomes = [penstock("job", "create", "--name", "test"), penstock("job", "explain", "138")]

    assert ["Warning: a.jar carries classes of Flink itself.\n" in outcome.out for outcome in outcomes] == [True, True]


def test_the_request_of_the_example_is_one_that_create_can_send(service, penstock):
    service.answers_to("POST", CREATE, created())
    file = Path(__file__).parents[2] / "src/penstock/cli/example/request.json"

    penstock("job", "create", "--file", str(file))

    assert service.posted(CREATE) == [json.loads(file.read_text(encoding="utf-8"))]
