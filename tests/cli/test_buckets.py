"""`penstock bucket` and `penstock job logs` against a service that answers as it is told."""

import os
import tracemalloc
from pathlib import Path

import pytest

from penstock.cli import logs as logs_module
from penstock.domain.log import piece_name

BUCKETS = "/penstock/v1/projects/p1/buckets"
AUTHORISE = "/v1.0/p1/dli/obs-authorize"
BUCKET = {"name": "Logs", "authorised": False, "created_at": "2026-01-02T03:04:05Z"}
JOB = "/v1.0/p1/streaming/jobs/7"
FOLDER = "jobs/logs/7_test/application_aa"


def an_object(key, size=1, modified="2026-01-02T03:04:05Z"):
    return {"key": key, "size": size, "modified": modified}


def a_page(*objects, following=None):
    return {"objects": list(objects), "next": following}


def test_a_bucket_is_made_and_authorised_in_one_step(service, penstock):
    service.answers_to("PUT", f"{BUCKETS}/Logs", BUCKET)
    service.answers_to("POST", AUTHORISE, {"is_success": "true", "message": "done"})
    service.answers_to("GET", f"{BUCKETS}/Logs", BUCKET | {"authorised": True})

    plain = penstock("bucket", "create", "Logs")
    both = penstock("bucket", "create", "Logs", "--authorize")

    assert "penstock bucket authorize Logs" in plain.out
    assert both.out == "The bucket Logs is there, and jobs may name it.\n"
    assert service.posted(AUTHORISE) == [{"obs_buckets": ["Logs"]}]


def test_buckets_and_objects_are_listed(service, penstock):
    service.answers_to("GET", BUCKETS, {"buckets": [BUCKET]})
    service.answers_to("GET", f"{BUCKETS}/Logs/objects", a_page(an_object("a b/c", 1500), following="a b/c"))
    service.answers_to("GET", f"{BUCKETS}/Logs/objects", a_page(an_object("d")))

    listed, objects = penstock("bucket", "list"), penstock("bucket", "objects", "Logs", "--prefix", "a")

    assert listed.out.splitlines()[1].split()[:2] == ["Logs", "no"]
    assert [line.split("  ")[0] for line in objects.out.splitlines()] == ["KEY", "a b/c", "d"]
    assert service.asked[-1].query == {"prefix": "a", "limit": "1000", "cursor": "a b/c"}


def test_an_object_goes_up_and_comes_down(service, penstock, tmp_path: Path):
    (tmp_path / "file").write_bytes(b"bytes")
    service.answers_to("PUT", f"{BUCKETS}/Logs/objects/a%20b/c", an_object("a b/c", 5), 201)
    service.answers_to("GET", f"{BUCKETS}/Logs/objects/a%20b/c", b"bytes")

    up = penstock("bucket", "put", "Logs", "a b/c", str(tmp_path / "file"))
    down = penstock("bucket", "get", "Logs", "a b/c", str(tmp_path / "copy"))
    shown = penstock("bucket", "get", "Logs", "a b/c")

    assert (up.out, service.asked[0].body) == ("a b/c: 5 B\n", b"bytes")
    assert service.asked[0].headers["x-sdk-content-sha256"] == "UNSIGNED-PAYLOAD"
    assert (down.code, (tmp_path / "copy").read_bytes(), shown.out) == (0, b"bytes", "bytes")


def test_an_object_that_is_not_there_does_not_empty_the_file(service, penstock, tmp_path: Path):
    (tmp_path / "copy").write_bytes(b"old")

    outcome = penstock("bucket", "get", "Logs", "nothing", str(tmp_path / "copy"))

    assert (outcome.code, (tmp_path / "copy").read_bytes()) == (1, b"old")
    assert "What to do:" in outcome.err


def test_an_object_is_never_held_in_memory(service, penstock, tmp_path: Path):
    with (tmp_path / "big").open("wb") as file:
        os.truncate(file.fileno(), 64 * 2**20)
    service.answers_to("PUT", f"{BUCKETS}/Logs/objects/big", an_object("big"), 201)

    tracemalloc.start()
    outcome = penstock("bucket", "put", "Logs", "big", str(tmp_path / "big"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert outcome.code == 0
    assert peak < 16 * 2**20


def test_objects_and_buckets_are_deleted(service, penstock):
    for path in ("Logs/objects/a", "Logs/objects/b", "Logs"):
        service.answers_to("DELETE", f"{BUCKETS}/{path}", b"", 204)

    objects, bucket = penstock("bucket", "delete", "Logs", "a", "b"), penstock("bucket", "delete", "Logs")

    assert (objects.out, bucket.out) == ("a: deleted\nb: deleted\n", "Logs: deleted\n")


def test_a_bucket_that_jobs_may_not_name_is_explained(service, penstock):
    refusal = {"error_code": "DLI.11016", "error_msg": "The bucket b is not authorised."}
    service.answers_to("POST", "/v1.0/p1/streaming/flink-jobs", refusal, 400)

    outcome = penstock("job", "create", "--name", "x", "--obs-bucket", "b")

    assert "penstock bucket authorize NAME" in outcome.err


# --- job logs ---


@pytest.fixture
def logged(service):
    service.answers_to("GET", JOB, {"job_detail": {"job_config": {"log_enabled": True, "obs_bucket": "Logs"}}})
    return service


def lies(service, *pieces, folder=FOLDER, modified="2026-01-02T03:04:05Z"):
    """The listing that is told from now on, and the objects behind it."""
    objects = []
    for file, at, data in pieces:
        key = f"{folder}/{piece_name(file, at)}"
        objects.append(an_object(key, len(data), modified))
        service.answers_to("GET", f"{BUCKETS}/Logs/objects/{key}", data)
    return objects


def test_a_job_without_logs_says_how_to_turn_them_on(service, penstock):
    service.answers_to("GET", JOB, {"job_detail": {"job_config": {"log_enabled": False}}})

    outcome = penstock("job", "logs", "7")

    assert outcome.code == 1
    assert "Job 7 keeps no logs." in outcome.err
    assert "penstock job edit 7 --log-enabled --obs-bucket BUCKET" in outcome.err


def test_the_streams_of_the_newest_run_are_shown_in_their_order(logged, penstock):
    older = lies(
        logged, ("jobmanager.log", 0, b"old\n"), folder="jobs/logs/7_test/application_zz", modified="2025-01-01"
    )
    newer = lies(
        logged, ("jobmanager.log", 0, b"one\n"), ("jobmanager.log", 4, b"two\n"), ("taskmanager-1.out", 0, b"out\n")
    )
    logged.answers_to("GET", f"{BUCKETS}/Logs/objects", a_page(*newer, *older))

    outcome = penstock("job", "logs", "7")
    one = penstock("job", "logs", "7", "--file", "taskmanager-1.out")
    old = penstock("job", "logs", "7", "--run", "zz")

    assert outcome.out == "==> jobmanager <==\none\ntwo\n\n==> taskmanager-1.out <==\nout\n"
    assert (one.out, old.out) == ("out\n", "old\n")
    assert logged.asked[1].query["prefix"] == "jobs/logs/7_"


def test_no_logs_yet_is_said_and_no_error(logged, penstock):
    logged.answers_to("GET", f"{BUCKETS}/Logs/objects", a_page())

    outcome = penstock("job", "logs", "7")

    assert (outcome.code, outcome.out) == (0, "")
    assert "no logs yet" in outcome.err


def test_following_shows_only_what_is_new_and_ends_with_the_run(logged, penstock, monkeypatch):
    monkeypatch.setattr(logs_module, "_EVERY", 0)
    first = lies(logged, ("jobmanager.log", 0, b"one\n"))
    grown = lies(logged, ("jobmanager.log", 0, b"one\ntwo\n"))
    last = lies(logged, ("jobmanager.log", 8, b"three\n"))
    for page in (a_page(*first), a_page(*grown), a_page(*grown), a_page(*grown, *last)):
        logged.answers_to("GET", f"{BUCKETS}/Logs/objects", page)
    own = "/penstock/v1/projects/p1/jobs/7"
    for state, absent_at in (("running", None), ("finished", None), ("finished", "2026-01-02T03:04:05Z")):
        logged.answers_to("GET", own, {"state": state, "run": {"absent_at": absent_at}})

    outcome = penstock("job", "logs", "7", "--follow")

    assert outcome.out == "one\ntwo\nthree\n"


ACCOUNT = {"id": "a2", "name": "acme"}
PROJECT = {"id": "p2", "name": "cn-north-4", "account": ACCOUNT, "closed_at": None}
MAPPED = BUCKET | {"location": "acme-data/logs", "project_id": "p2"}


def test_an_operator_maps_a_bucket_of_a_project_by_its_name(service, penstock):
    service.answers_to("GET", "/penstock/v1/projects", {"projects": [PROJECT], "next": None})
    service.answers_to("PUT", "/penstock/v1/projects/p2/buckets/Logs/location", MAPPED)

    answer = penstock("bucket", "map", "Logs", "--project", "acme/cn-north-4", "--to", "acme-data/logs")

    assert (service.asked[-1].method, service.asked[-1].document) == ("PUT", {"location": "acme-data/logs"})
    assert answer.out.splitlines()[0] == "The bucket Logs lies in acme-data/logs from now on."
    assert "penstock bucket authorize Logs" in answer.out


def test_mapped_buckets_are_listed_with_their_projects_and_unmapped(service, penstock):
    service.answers_to("GET", "/penstock/v1/mapped-buckets", {"buckets": [MAPPED]})
    service.answers_to("GET", "/penstock/v1/projects", {"projects": [PROJECT], "next": None})
    service.answers_to("DELETE", f"{BUCKETS}/Logs/location", None, 204)

    listed, unmapped = penstock("bucket", "mapped"), penstock("bucket", "unmap", "Logs")

    assert listed.out.splitlines()[1].split()[:3] == ["acme/cn-north-4", "Logs", "acme-data/logs"]
    assert "Its objects are where they were." in unmapped.out
