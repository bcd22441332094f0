"""Buckets over HTTP: made, authorised, filled, read, and nobody else's business."""

import hashlib
from pathlib import Path
from urllib.parse import quote

import pytest

from api.house import MINE, THEIRS, House, a_house
from penstock.domain.errors import StoreFull, StoreUnavailable
from penstock.testing.object_store import MemoryObjectStore

pytestmark = pytest.mark.anyio

BUCKETS = f"/penstock/v1/projects/{MINE}/buckets"
LOGS = f"{BUCKETS}/testBucket"
OBJECTS = f"{LOGS}/objects"
AUTHORISE = f"/v1.0/{MINE}/dli/obs-authorize"
ENGLISH = {"X_Language": "en-us"}


@pytest.fixture
async def house(tmp_path: Path) -> House:
    built = await a_house(tmp_path, upload_limit=4 * 2**20)
    await built.ask("PUT", LOGS)
    return built


async def put(house: House, key: str, body: bytes = b"bytes", path: str = OBJECTS, as_key: str = "AK") -> int:
    return (await answer_to_put(house, key, body, path, as_key))[0]


async def answer_to_put(
    house: House, key: str, body: bytes = b"bytes", path: str = OBJECTS, as_key: str = "AK"
) -> tuple[int, dict[str, object]]:
    where = f"{path}/{key}"
    headers = house.signed("PUT", where, body, as_key, X_Sdk_Content_Sha256=hashlib.sha256(body).hexdigest())
    answer = await house.ask("PUT", where, body, headers)
    return answer.status_code, answer.json() if answer.content else {}


async def authorise(house: House, *names: str) -> tuple[int, dict[str, str]]:
    answer = await house.ask("POST", AUTHORISE, {"obs_buckets": list(names)})
    return answer.status_code, answer.json()


async def test_a_bucket_is_made_once_and_keeps_its_name(house: House) -> None:
    again = await house.ask("PUT", LOGS)
    listed = (await house.ask("GET", BUCKETS)).json()

    assert (again.status_code, again.json()["name"], again.json()["authorised"]) == (200, "testBucket", False)
    assert [bucket["name"] for bucket in listed["buckets"]] == ["testBucket"]
    assert (await house.ask("GET", f"{BUCKETS}/TESTBUCKET")).status_code == 404


@pytest.mark.parametrize("name", ["-a", "a%2Fb", "%2e%2e", "a" * 64, "a%00b", "%E6%A1%B6", "a%20b", "a%0a"])
async def test_a_name_that_no_bucket_can_have_is_refused(house: House, name: str) -> None:
    answer = await house.ask("PUT", f"{BUCKETS}/{name}")

    assert answer.status_code in {400, 404, 405}  # a slash makes another path of it
    assert [bucket["name"] for bucket in (await house.ask("GET", BUCKETS)).json()["buckets"]] == ["testBucket"]


async def test_authorising_answers_word_for_word(house: House) -> None:
    status, answer = await authorise(house, "testBucket")

    assert (status, answer) == (200, {"is_success": "true", "message": "以下OBS桶授权成功, testBucket"})
    assert (await house.ask("GET", LOGS)).json()["authorised"] is True


async def test_authorising_speaks_english_if_asked(house: House) -> None:
    body = b'{"obs_buckets":["testBucket"]}'
    answer = await house.ask("POST", AUTHORISE, body, house.signed("POST", AUTHORISE, body, X_Language="en-us"))

    assert answer.json()["message"] == "The following OBS bucket is authorized successfully, testBucket."


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[", "DLI.19001"),
        (b"{}", "DLI.19004"),
        (b'{"obs_buckets":[]}', "DLI.19004"),
        (b'{"obs_buckets":["testBucket","nowhere"]}', "DLI.19003"),
        (b'{"obs_buckets":["a\\u0001b"]}', "DLI.19003"),
        (b'{"obs_buckets":["../packages"]}', "DLI.19003"),
    ],
)
async def test_authorising_says_what_is_wrong_and_changes_nothing(house: House, body: bytes, code: str) -> None:
    answer = await house.ask("POST", AUTHORISE, body, house.signed("POST", AUTHORISE, body))

    assert (answer.status_code, answer.json()["error_code"]) == (400, code)
    assert (await house.ask("GET", LOGS)).json()["authorised"] is False


async def test_authorising_again_is_told_and_changes_nothing(house: House) -> None:
    await house.ask("PUT", f"{BUCKETS}/other")
    await authorise(house, "testBucket")

    status, answer = await authorise(house, "other", "testBucket")

    assert (status, answer["error_code"]) == (400, "DLI.19005")
    assert answer["error_msg"] == "请求中包含已授权的OBS桶，请首先过滤掉已经授权的OBS桶。"
    assert (await house.ask("GET", f"{BUCKETS}/other")).json()["authorised"] is False


async def test_an_object_comes_back_as_it_was_sent(house: House) -> None:
    content = bytes(range(256)) * 4096

    status, made = await answer_to_put(house, "jobs/logs/1_%E6%B5%8B/a%20b.log", content)
    read = await house.ask("GET", f"{OBJECTS}/jobs/logs/1_%E6%B5%8B/a%20b.log")

    assert (status, made["key"], made["size"]) == (201, "jobs/logs/1_测/a b.log", len(content))
    assert (read.status_code, read.content) == (200, content)
    assert read.headers["x-content-type-options"] == "nosniff"
    assert house.uploads == []


async def test_an_object_may_be_empty_and_is_replaced_by_the_next(house: House) -> None:
    await put(house, "a", b"first")

    assert await put(house, "a", b"") == 201
    assert (await house.ask("GET", f"{OBJECTS}/a")).content == b""


async def test_objects_are_listed_page_by_page(house: House) -> None:
    for key in ("b/2", "a", "b/1", "c"):
        await put(house, key)

    first = (await house.ask("GET", f"{OBJECTS}?limit=2")).json()
    second = (await house.ask("GET", f"{OBJECTS}?limit=2&cursor={quote(first['next'])}")).json()
    some = (await house.ask("GET", f"{OBJECTS}?prefix=b/")).json()

    assert [found["key"] for found in first["objects"] + second["objects"]] == ["a", "b/1", "b/2", "c"]
    assert (first["next"], second["next"]) == ("b/1", None)
    assert [(found["key"], found["size"]) for found in some["objects"]] == [("b/1", 5), ("b/2", 5)]


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "prefix=%00"])
async def test_a_page_has_bounds(house: House, query: str) -> None:
    assert (await house.ask("GET", f"{OBJECTS}?{query}")).status_code == 400


@pytest.mark.parametrize("query", ["prefix=../", "prefix=%01", "cursor=%2e%2e/%2e%2e", "prefix=//&cursor=//"])
async def test_a_listing_never_leaves_its_bucket(house: House, query: str) -> None:
    await house.ask("PUT", f"{BUCKETS}/other")
    await put(house, "secret", path=f"{BUCKETS}/other/objects")

    answer = await house.ask("GET", f"{OBJECTS}?{query}")

    assert (answer.status_code, answer.json()["objects"]) == (200, [])


@pytest.mark.parametrize(
    "key",
    [
        *("%2e%2e/other/x", "a/%2e%2e/b", "a//b", "a/", "%2e", "a/%2e/b", "/a", "a%00b", "%ff", "a%0ab", "x" * 1025),
        *("é" * 128, "a%2f%2fb"),
    ],
)
async def test_a_key_that_no_object_can_have_is_refused(house: House, key: str) -> None:
    status, answer = await answer_to_put(house, quote(key, safe="%/"), b"x")
    read = await house.ask("GET", f"{OBJECTS}/{quote(key, safe='%/')}")

    assert (status in {400, 404}, read.status_code in {400, 404}) == (True, True), answer
    assert (await house.ask("GET", OBJECTS)).json()["objects"] == []


async def test_a_key_that_another_one_would_hide_is_refused(house: House) -> None:
    await put(house, "a/b")

    below, (above, answer) = await put(house, "a/b/c"), await answer_to_put(house, "a")

    assert (below, above) == (409, 409)
    assert answer["detail"] == (
        "a cannot stand beside the object a/b: one would be a folder of the other. Choose another key."
    )


async def test_an_object_that_is_not_there_is_not_found(house: House) -> None:
    await put(house, "a/b")

    for method, key in (("GET", "nothing"), ("DELETE", "nothing"), ("GET", "a"), ("DELETE", "a")):
        assert (await house.ask(method, f"{OBJECTS}/{key}")).status_code == 404


async def test_a_bucket_goes_when_it_is_empty(house: House) -> None:
    await put(house, "a/b")

    full = await house.ask("DELETE", LOGS)
    gone = [(await house.ask("DELETE", path)).status_code for path in (f"{OBJECTS}/a/b", LOGS, LOGS)]

    assert (full.status_code, full.json()["faults"][0]["code"]) == (409, "bucket_not_empty")
    assert gone == [204, 204, 404]


async def test_what_was_not_signed_is_not_kept(house: House) -> None:
    signed = house.signed("PUT", f"{OBJECTS}/a", b"one", X_Sdk_Content_Sha256=hashlib.sha256(b"one").hexdigest())

    other = await house.ask("PUT", f"{OBJECTS}/a", b"two", signed)
    unnamed = await house.ask("PUT", f"{OBJECTS}/a", b"one", house.signed("PUT", f"{OBJECTS}/a", b"one"))
    unsigned = house.signed("PUT", f"{OBJECTS}/a", b"", X_Sdk_Content_Sha256="UNSIGNED-PAYLOAD")
    allowed = await house.ask("PUT", f"{OBJECTS}/a", b"three", unsigned)

    assert (other.status_code, unnamed.status_code, allowed.status_code) == (401, 401, 201)
    assert (await house.ask("GET", f"{OBJECTS}/a")).content == b"three"
    assert house.uploads == []


async def test_an_object_has_a_limit(house: House) -> None:
    assert await put(house, "a", b"x" * (4 * 2**20 + 1)) == 413
    assert (await house.ask("GET", f"{OBJECTS}/a")).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("PUT", "/testBucket"),
        ("GET", "/testBucket"),
        ("DELETE", "/testBucket"),
        ("GET", "/testBucket/objects"),
        ("GET", "/testBucket/objects/a"),
        ("PUT", "/testBucket/objects/a"),
        ("DELETE", "/testBucket/objects/a"),
    ],
)
async def test_nobody_reaches_into_another_project(house: House, method: str, path: str) -> None:
    await put(house, "a", b"mine")

    theirs = f"{BUCKETS}{path}"
    foreign = await house.ask(method, theirs, headers=house.signed(method, theirs, key="AK2"))
    unknown = await house.ask(method, theirs, headers={})

    assert (foreign.status_code, unknown.status_code) == (403, 401)
    assert (await house.ask("GET", f"{OBJECTS}/a")).content == b"mine"


async def test_two_projects_have_buckets_of_one_name(house: House) -> None:
    theirs = f"/penstock/v1/projects/{THEIRS}/buckets/testBucket"
    await house.ask("PUT", theirs, headers=house.signed("PUT", theirs, key="AK2"))
    await put(house, "a", b"mine")

    listed = await house.ask("GET", f"{theirs}/objects", headers=house.signed("GET", f"{theirs}/objects", key="AK2"))
    deleted = await house.ask("DELETE", theirs, headers=house.signed("DELETE", theirs, key="AK2"))

    assert (listed.json()["objects"], deleted.status_code) == ([], 204)
    assert (await house.ask("GET", f"{OBJECTS}/a")).content == b"mine"


async def test_nobody_authorises_for_another_project(house: House) -> None:
    body = b'{"obs_buckets":["testBucket"]}'
    answer = await house.ask("POST", AUTHORISE, body, house.signed("POST", AUTHORISE, body, "AK2"))

    assert (answer.status_code, answer.json()["error_code"]) == (400, "DLI.10006")


async def test_a_full_or_silent_store_is_told(tmp_path: Path) -> None:
    store = MemoryObjectStore()
    house = await a_house(tmp_path, store=store)
    await house.ask("PUT", LOGS)

    answers = []
    for trouble in (StoreFull(), StoreUnavailable()):
        store.trouble = trouble
        answers.append((await put(house, "a"), (await house.ask("GET", f"{OBJECTS}/a")).status_code))

    assert answers == [(507, 507), (503, 503)]
    assert house.uploads == []
