"""`penstock package` streams what it uploads, and reads every page."""

import os
import tracemalloc
from pathlib import Path

OWN = "/penstock/v1/projects/p1/packages"


def test_an_upload_carries_file_kind_and_group(service, penstock, tmp_path: Path):
    (tmp_path / "a.jar").write_bytes(b"jar bytes")
    service.answers_to("POST", OWN, {"resource_name": "a.jar", "size": 9, "sha256": "ab"}, 201)

    outcome = penstock("package", "upload", str(tmp_path / "a.jar"), "--group", "g", "--kind", "jar")

    [asked] = service.asked
    assert outcome.out == "g/a.jar: 9 B, sha256 ab\n"
    assert asked.headers["x-sdk-content-sha256"] == "UNSIGNED-PAYLOAD"
    assert b'name="group"\r\n\r\ng\r\n' in asked.body
    assert b'name="kind"\r\n\r\njar\r\n' in asked.body
    assert b'name="file"; filename="a.jar"' in asked.body
    assert b"\r\n\r\njar bytes\r\n" in asked.body


def test_an_upload_is_never_held_in_memory(service, penstock, tmp_path: Path):
    big = tmp_path / "big.jar"
    with big.open("wb") as file:
        os.truncate(file.fileno(), 64 * 2**20)
    service.answers_to("POST", OWN, {"size": 1, "sha256": "ab"}, 201)

    tracemalloc.start()
    outcome = penstock("package", "upload", str(big))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert outcome.code == 0
    assert int(service.asked[0].headers["content-length"]) > 64 * 2**20
    assert peak < 16 * 2**20


def test_a_file_that_is_not_there_is_an_error_before_anything_is_sent(service, penstock):
    outcome = penstock("package", "upload", "/nowhere/a.jar")

    assert outcome.code == 1
    assert "/nowhere/a.jar cannot be read" in outcome.err
    assert service.asked == []


def test_a_list_shows_every_page(service, penstock):
    package = {"group": "g", "name": "a.jar", "kind": "jar", "size": 1500, "sha256": "ab", "owner": "u"}
    package |= {"status": "READY", "trouble": None}
    package |= {"created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-02T03:04:05Z"}
    service.answers_to("GET", OWN, {"packages": [package], "next": "c2"})
    service.answers_to("GET", OWN, {"packages": [package | {"group": None, "name": "b.csv"}], "next": None})

    outcome = penstock("package", "list")

    assert [line.split()[0] for line in outcome.out.splitlines()] == ["PACKAGE", "g/a.jar", "b.csv"]
    assert "1.5 kB" in outcome.out
    assert service.asked[1].query["cursor"] == "c2"


def test_a_list_says_why_an_upload_failed(service, penstock):
    package = {"group": "g", "name": "a.jar", "kind": "jar", "size": 0, "sha256": "", "owner": "u"}
    package |= {"created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-02T03:04:05Z"}
    package |= {"status": "FAILED", "trouble": "The package g/a.jar failed."}
    service.answers_to("GET", OWN, {"packages": [package], "next": None})

    outcome = penstock("package", "list")

    [_, row, why] = outcome.out.splitlines()
    assert "FAILED" in row.split()
    assert why == "The package g/a.jar failed."


def test_a_package_is_deleted_by_its_group_and_name(service, penstock):
    service.answers_to("DELETE", "/v2.0/p1/resources/a%20b.jar", b"")

    outcome = penstock("package", "delete", "g/a b.jar")

    assert outcome.out == "g/a b.jar: deleted\n"
    assert service.asked[0].query == {"group": "g"}
