"""`penstock job edit`."""

import json

PUT = "/v1.0/p1/streaming/flink-jobs/7"
TAGS = "/v3/p1/dli_flink_job/7/tags"
DONE = {"is_success": "true", "message": "", "job": {"update_time": 1}}


def bodies(service):
    return [(asked.method, asked.path, asked.document) for asked in service.asked]


def test_only_the_named_fields_are_sent_and_an_empty_text_clears(service, penstock):
    service.answers_to("PUT", PUT, DONE)

    outcome = penstock("job", "edit", "7", "--desc", "new", "--smn-topic", "", "--no-log-enabled")

    assert (outcome.code, outcome.out) == (0, "Job 7 is changed.\nSee it: penstock job show 7\n")
    assert bodies(service) == [("PUT", PUT, {"desc": "new", "smn_topic": "", "log_enabled": False})]


def test_a_job_can_be_named(service, penstock):
    service.answers_to(
        "GET", "/v1.0/p1/streaming/jobs", {"job_list": {"total_count": 1, "jobs": [{"job_id": 7, "name": "mine"}]}}
    )
    service.answers_to("PUT", PUT, DONE)

    assert penstock("job", "edit", "mine", "--name", "other").code == 0
    assert service.asked[-1].document == {"name": "other"}


def test_tags_go_their_own_way(service, penstock):
    service.answers_to("PUT", PUT, DONE)
    service.answers_to("POST", f"{TAGS}/create", None, 204)
    service.answers_to("POST", f"{TAGS}/delete", None, 204)

    assert penstock("job", "edit", "7", "--tag", "a=1", "--untag", "b").code == 0
    assert bodies(service) == [
        ("PUT", PUT, {}),
        ("POST", f"{TAGS}/create", {"tags": [{"key": "a", "value": "1"}]}),
        ("POST", f"{TAGS}/delete", {"tags": [{"key": "b", "value": ""}]}),
    ]


def test_a_file_says_the_same(service, penstock, tmp_path):
    file = tmp_path / "job.json"
    file.write_text(json.dumps({"desc": "file", "tm_cus": 2}))
    service.answers_to("PUT", PUT, DONE)

    outcome = penstock("job", "edit", "7", "--file", str(file), "--desc", "flag", "--json")

    assert (outcome.document, service.asked[0].document) == (DONE, {"desc": "flag", "tm_cus": 2})


def test_an_edit_of_nothing_is_refused(service, penstock):
    outcome = penstock("job", "edit", "7")

    assert (outcome.code, service.asked) == (2, [])
    assert "What to do:" in outcome.err


def test_a_refusal_says_what_to_do(service, penstock):
    service.answers_to("PUT", PUT, {"error_code": "DLI.12003", "error_msg": "It runs."}, 400)

    outcome = penstock("job", "edit", "7", "--cu-number", "4")

    assert outcome.code == 1
    assert "It runs. (DLI.12003, HTTP 400)" in outcome.err
    assert "penstock job stop" in outcome.err
