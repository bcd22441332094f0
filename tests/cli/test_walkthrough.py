"""The walk through the example puts in place what is missing, and leaves alone what is there."""

import hashlib
from pathlib import Path

import pytest

from penstock.cli import walkthrough
from penstock.cli.client import Client
from penstock.cli.profile import Profile
from penstock.cli.trouble import Trouble
from penstock.cli.walkthrough import Walk

EXAMPLE = Path(walkthrough.__file__).parent / "example"
PACKAGES = "/penstock/v1/projects/p1/packages"
EXPLAINED = "/penstock/v1/projects/p1/jobs/138"
QUEUES = "/v1.0/p1/queues"
JOBS = "/v1.0/p1/streaming/jobs"
CREATE = "/v1.0/p1/streaming/flink-jobs"
BUCKETS = "/penstock/v1/projects/p1/buckets"
AUTHORISE = "/v1.0/p1/dli/obs-authorize"
TOPIC = "urn:smn:r:p1:topic"
TOPICS = "/v2/p1/notifications/topics"


@pytest.fixture
def said():
    return []


@pytest.fixture
def walk(service, said):
    profile = Profile(
        endpoint=service.endpoint, project_id="p1", access_key="AKTEST", secret_key="SKTEST", source="the test"
    )
    return Walk(client=Client(profile), say=said.append, pause=lambda _: None)


def package(name: str, group: str | None = "myGroup") -> dict:
    return {"group": group, "name": name, "sha256": hashlib.sha256((EXAMPLE / name).read_bytes()).hexdigest()}


def in_place() -> dict:
    names = ("test.jar", "test1.jar", "test.csv", "test1.csv")
    return {"packages": [package("javaQueueStream.jar", None), *map(package, names)], "next": None}


def others_are_in_place(service) -> None:
    service.answers_to("GET", QUEUES, {"queues": [{"queue_name": "testqueue"}]})
    service.answers_to("GET", BUCKETS, {"buckets": [{"name": "bucketName", "authorised": True}]})
    service.answers_to("GET", TOPICS, {"topics": [{"name": "topic", "topic_urn": TOPIC}]})


def jobs(*found: dict) -> dict:
    return {"job_list": {"total_count": len(found), "jobs": list(found)}}


def explained(status: str, text: str = "", desc: str = "") -> dict:
    return {"status": status, "status_desc": desc, "reason": {"text": text} if text else None}


def test_a_first_walk_puts_everything_in_place_and_sends_the_request(service, walk):
    service.answers_to("GET", PACKAGES, {"packages": [], "next": None})
    service.answers_to("POST", PACKAGES, {"size": 1, "sha256": "ab"}, 201)
    service.answers_to("GET", QUEUES, {"queues": []})
    service.answers_to("POST", QUEUES, {"is_success": True, "queue_name": "testqueue"})
    service.answers_to("GET", BUCKETS, {"buckets": []})
    service.answers_to("PUT", f"{BUCKETS}/bucketName", {"name": "bucketName", "authorised": False})
    service.answers_to("GET", f"{BUCKETS}/bucketName", {"name": "bucketName", "authorised": True})
    service.answers_to("POST", AUTHORISE, {"is_success": "true", "message": ""})
    service.answers_to("GET", TOPICS, {"topics": []})
    service.answers_to("POST", TOPICS, {"topic_urn": TOPIC}, 201)
    service.answers_to("GET", JOBS, jobs())
    service.answers_to("POST", CREATE, {"job": {"job_id": 138, "status_name": "running", "status_desc": ""}})

    number = walk.to_a_job()

    uploads = [asked for asked in service.asked if (asked.method, asked.path) == ("POST", PACKAGES)]
    [sent] = service.posted(CREATE)
    assert (number, len(uploads)) == (138, 5)
    assert sent["dependency_jars"] == ["myGroup/test.jar", "myGroup/test1.jar"]
    assert (sent["log_enabled"], sent["obs_bucket"], sent["smn_topic"]) == (True, "bucketName", "topic")
    assert service.posted(AUTHORISE) == [{"obs_buckets": ["bucketName"]}]
    assert [asked["name"] for asked in service.posted(TOPICS)] == ["topic"]


def test_a_second_walk_changes_nothing(service, walk, said):
    service.answers_to("GET", PACKAGES, in_place())
    others_are_in_place(service)
    service.answers_to("GET", JOBS, jobs({"job_id": 138, "name": "test", "status": "job_running"}))

    assert walk.to_a_job() == 138
    assert {asked.method for asked in service.asked} == {"GET"}
    assert "Package myGroup/test.jar is in place." in said


def test_a_package_with_other_content_is_uploaded_again(service, walk):
    there = in_place()
    there["packages"][1]["sha256"] = "other"
    service.answers_to("GET", PACKAGES, there)
    service.answers_to("POST", PACKAGES, {"size": 1, "sha256": "ab"}, 201)
    others_are_in_place(service)
    service.answers_to("GET", JOBS, jobs({"job_id": 138, "name": "test", "status": "job_running"}))

    walk.to_a_job()

    [upload] = [asked for asked in service.asked if asked.method == "POST"]
    assert b'filename="test.jar"' in upload.body


@pytest.mark.parametrize("status", ["job_init", "job_cancel_success", "job_running_exception", "job_finish"])
def test_a_job_that_rests_is_asked_to_run(status, service, walk):
    service.answers_to("GET", PACKAGES, in_place())
    others_are_in_place(service)
    service.answers_to("GET", JOBS, jobs({"job_id": 138, "name": "test", "status": status}))
    service.answers_to("POST", f"{JOBS}/run", [{"is_success": "true", "message": ""}])

    walk.to_a_job()

    assert service.posted(f"{JOBS}/run") == [{"job_ids": [138]}]


def test_the_reason_is_told_while_the_job_does_not_run(service, walk, said):
    service.answers_to("GET", EXPLAINED, explained("job_submitting", "2 of 16 CUs free"))
    service.answers_to("GET", EXPLAINED, explained("job_submitting", "2 of 16 CUs free"))
    service.answers_to("GET", EXPLAINED, explained("job_running"))

    walk.until_it_runs(138)

    assert said == ["Job 138 does not run yet: 2 of 16 CUs free", "Job 138 is RUNNING."]


def test_a_job_that_broke_ends_the_walk_with_its_reason(service, walk):
    service.answers_to("GET", EXPLAINED, explained("job_submit_fail", desc="main() threw"))

    with pytest.raises(Trouble, match=r"main\(\) threw"):
        walk.until_it_runs(138)


def test_records_are_shown_until_their_counts_have_grown_twice(service, walk, said):
    for count in (0, 5, 5, 9, 12):
        vertex = {"name": "Source", "metrics": {"write-records": count}}
        service.answers_to("GET", f"{JOBS}/138/execute-graph", {"execute_graph": {"vertices": [vertex]}})

    walk.shows_records(138)

    assert said == [f"Records written so far: Source: {count}" for count in (5, 9, 12)]


def test_a_job_that_is_gone_has_no_status(service, walk):
    service.answers_to("GET", EXPLAINED, {"status": 404, "detail": "There is no job 138."}, 404)

    assert walk.status_of(138) == ""


def test_the_first_lines_of_its_log_are_shown_once_they_are_in_the_bucket(service, walk, said):
    folder = "jobs/logs/138_test/application_1"
    piece = {"key": f"{folder}/jobmanager.000000000000000.log", "size": 12, "modified": "2026-01-01T00:00:00Z"}
    objects = f"{BUCKETS}/bucketName/objects"
    config = {"log_enabled": True, "obs_bucket": "bucketName"}
    service.answers_to("GET", f"{JOBS}/138", {"job_detail": {"job_config": config}})
    service.answers_to("GET", objects, {"objects": [], "next": None})
    service.answers_to("GET", objects, {"objects": [piece], "next": None})
    service.answers_to("GET", f"{objects}/{piece['key']}", b"one\ntwo\n\xff\n")

    walk.shows_logs(138)

    assert said == ["Its logs are in bucket bucketName, and begin:", "  one", "  two", "  \ufffd"]


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ([], "nobody hears yet"),
        ([{"endpoint": "http://a", "status": 0}], "nobody hears yet"),
        ([{"endpoint": "http://a", "status": 1}], "tells http://a"),
    ],
)
def test_who_would_be_told_is_said(service, walk, said, found, words):
    service.answers_to("GET", TOPICS, {"topics": [{"name": "topic", "topic_urn": TOPIC}]})
    service.answers_to("GET", f"{TOPICS}/{TOPIC}/subscriptions", {"subscriptions": found})

    walk.says_who_is_told()

    assert words in said[0]
