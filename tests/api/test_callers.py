"""Who may ask what: tokens, signatures, projects and operators, on real routes."""

import hashlib
import json
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer

from api.house import MINE, SECOND, THEIRS, House, a_house

pytestmark = pytest.mark.anyio

LIST = f"/v2.0/{MINE}/resources"
TOKENS = "/penstock/v1/tokens"


@pytest.fixture
async def house(tmp_path: Path) -> House:
    return await a_house(tmp_path)


async def token_of(house: House, project: str = MINE, key: str = "AK") -> str:
    body = json.dumps({"project_id": project}).encode()
    answer = await house.ask("POST", TOKENS, body, house.signed("POST", TOKENS, body, key))
    token: str = answer.json()["token"]
    return token


async def test_without_credentials_dli_paths_answer_as_dli_does(house: House) -> None:
    answer = await house.ask("GET", LIST, headers={})

    assert answer.status_code == 401
    assert answer.json() == {
        "error_code": "DLI.0013",
        "error_msg": "X-Auth-Token is not defined in request. It is mandatory. Please define and send the request.",
    }


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", LIST),
        ("GET", f"{LIST}/a.jar"),
        ("DELETE", f"{LIST}/a.jar"),
        ("POST", LIST),
        ("POST", TOKENS),
        ("GET", "/penstock/v1/me"),
        ("GET", "/penstock/v1/places"),
        ("GET", "/metrics"),
        ("GET", f"/penstock/v1/projects/{MINE}/packages"),
        ("POST", f"/penstock/v1/projects/{MINE}/packages"),
    ],
)
async def test_only_the_probes_and_the_document_are_public(house: House, method: str, path: str) -> None:
    assert (await house.ask(method, path, headers={})).status_code == 401
    assert (await house.ask(method, path, headers={"X-Auth-Token": "wrong"})).status_code == 401


async def test_a_signed_request_is_served(house: House) -> None:
    assert (await house.ask("GET", LIST)).json() == {"resources": [], "modules": [], "groups": [], "total": 0}


async def test_a_token_is_issued_and_opens_its_project_only(house: House) -> None:
    issued = await house.ask("POST", TOKENS, {"project_id": SECOND})
    mine = {"X-Auth-Token": issued.json()["token"]}

    assert issued.status_code == 201
    assert issued.json()["project_id"] == SECOND
    assert issued.json()["expires_at"] == "2025-06-02T12:00:00Z"
    assert (await house.ask("GET", f"/v2.0/{SECOND}/resources", headers=mine)).status_code == 200
    assert (await house.ask("GET", LIST, headers=mine)).json()["error_code"] == "DLI.10006"


async def test_a_token_without_a_body_is_for_the_first_project(house: House) -> None:
    assert (await house.ask("POST", TOKENS)).json()["project_id"] == MINE


async def test_no_token_for_a_foreign_project(house: House) -> None:
    answer = await house.ask("POST", TOKENS, {"project_id": THEIRS})

    assert (answer.status_code, answer.json()["faults"][0]["code"]) == (403, "project_foreign")


@pytest.mark.parametrize("body", [b"[1]", b"{", b'{"project_id": 7}', b'{"project_id": "\\ud800"}', b"\xff"])
async def test_a_body_that_cannot_be_read_issues_no_token(house: House, body: bytes) -> None:
    assert (await house.ask("POST", TOKENS, body)).status_code == 400


async def test_a_token_cannot_make_another_token(house: House) -> None:
    answer = await house.ask("POST", TOKENS, headers={"X-Auth-Token": await token_of(house)})

    assert answer.status_code == 401


async def test_an_expired_token_is_unknown_and_forgotten_with_the_next_one(house: House) -> None:
    old = await token_of(house)

    house.clock.advance(timedelta(hours=24))
    answer = await house.ask("GET", LIST, headers={"X-Auth-Token": old})
    house.clock.advance(1)
    await token_of(house)

    assert (answer.status_code, answer.json()["error_code"]) == (401, "DLI.0015")
    old_hash = hashlib.sha256(old.encode()).hexdigest()
    assert await house.desk.records.look(lambda tx: tx.callers.token(old_hash)) is None


async def test_two_tokens_are_none(house: House) -> None:
    token = await token_of(house)
    async with house.client() as client:
        answer = await client.get(LIST, headers=[("X-Auth-Token", token), ("X-Auth-Token", token)])

    assert answer.status_code == 401


@pytest.mark.parametrize("project", [THEIRS, "nobodys", "..", "%00", MINE.upper()])
async def test_a_project_that_is_not_mine_is_foreign_whether_it_exists_or_not(house: House, project: str) -> None:
    path = f"/v2.0/{project}/resources"

    answer = await house.ask("GET", path)

    assert answer.status_code in {400, 404}  # `..` never reaches a route
    assert answer.json()["error_code"] in {"DLI.10006", "DLI.10003"}


async def test_an_operator_sees_no_other_account_on_these_routes(house: House) -> None:
    assert (await house.ask("GET", f"/v2.0/{THEIRS}/resources")).json()["error_code"] == "DLI.10006"


async def test_me_says_who_asks_and_where_they_may_work(house: House) -> None:
    answer = await house.ask("GET", "/penstock/v1/me")

    assert answer.json() == {
        "user": {"id": "user-a1", "name": "a1", "is_operator": True},
        "account": {"id": "a1"},
        "projects": [{"id": MINE, "name": MINE}, {"id": SECOND, "name": SECOND}],
    }


@pytest.mark.parametrize("path", ["/metrics", "/penstock/v1/places"])
async def test_what_operators_see_is_for_operators(house: House, path: str) -> None:
    assert (await house.ask("GET", path)).status_code == 200
    assert (await house.ask("GET", path, headers=house.signed("GET", path, key="AK2"))).status_code == 403


@pytest.mark.parametrize("skew", [timedelta(minutes=15, seconds=1), -timedelta(minutes=15, seconds=1)])
async def test_a_signature_too_far_from_our_time_is_refused(house: House, skew: timedelta) -> None:
    headers = house.signed("GET", LIST)
    house.clock.advance(skew)

    answer = await house.ask("GET", LIST, headers=headers)

    assert (answer.status_code, answer.json()["error_code"]) == (401, "DLI.0013")


@pytest.mark.parametrize("skew", [timedelta(minutes=15), -timedelta(minutes=15)])
@pytest.mark.parametrize("body", [b"", b"{}"])
async def test_a_signature_at_either_edge_is_good(house: House, skew: timedelta, body: bytes) -> None:
    method, path = ("POST", TOKENS) if body else ("GET", LIST)
    headers = house.signed(method, path, body)
    house.clock.advance(skew)

    assert (await house.ask(method, path, body, headers)).is_success


@pytest.mark.parametrize(
    "date", ["", "20250601T120000", "20250601T120000Z ", "2025-06-01T12:00:00Z", "20250631T120000Z", "20250601T250000Z"]
)
async def test_a_date_that_is_none_is_refused(house: House, date: str) -> None:
    good = house.signed("GET", LIST)

    answer = await house.ask("GET", LIST, headers={**good, "X-Sdk-Date": date})

    assert answer.status_code == (200 if date.strip() == good["X-Sdk-Date"] else 401)


async def test_another_date_than_the_signed_one_is_refused(house: House) -> None:
    good = house.signed("GET", LIST)
    house.clock.advance(timedelta(hours=1))

    answer = await house.ask("GET", LIST, headers={**good, "X-Sdk-Date": f"{house.clock.now():%Y%m%dT%H%M%SZ}"})

    assert answer.status_code == 401


async def test_the_same_signed_request_may_come_twice_within_the_tolerance(house: House) -> None:
    headers = house.signed("GET", LIST)
    house.clock.advance(timedelta(minutes=15))

    answers = [(await house.ask("GET", LIST, headers=headers)).status_code for _ in range(2)]

    assert answers == [200, 200]


async def test_a_wrong_secret_and_an_unknown_key_read_the_same(house: House) -> None:
    good = house.signed("GET", LIST)
    wrong = {**good, "Authorization": good["Authorization"][:-1] + ("0" if good["Authorization"][-1] != "0" else "1")}
    unknown = {**good, "Authorization": good["Authorization"].replace("Access=AK", "Access=XX")}

    answers = [await house.ask("GET", LIST, headers=headers) for headers in (wrong, unknown)]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].json() == answers[1].json()


async def test_a_body_that_was_not_signed_changes_nothing(house: House) -> None:
    signed = house.signed("POST", TOKENS, b'{"project_id": "second"}')

    answer = await house.ask("POST", TOKENS, b'{"project_id": "mine"}', signed)

    assert answer.status_code == 401


async def test_a_body_with_another_hash_than_the_one_claimed_is_refused(house: House) -> None:
    body = b'{"project_id": "second"}'
    signed = house.signed("POST", TOKENS, x_sdk_content_sha256=hashlib.sha256(body).hexdigest())

    assert (await house.ask("POST", TOKENS, body, signed)).status_code == 201
    assert (await house.ask("POST", TOKENS, b'{"project_id": "mine"}', signed)).status_code == 401


async def test_a_body_added_to_a_bodiless_request_is_refused(house: House) -> None:
    signed = house.signed("POST", TOKENS)

    assert (await house.ask("POST", TOKENS, b'{"project_id": "mine"}', signed)).status_code == 401


async def test_an_unsigned_payload_is_refused_where_it_is_no_upload(house: House) -> None:
    body = b'{"project_id": "mine"}'
    signed = house.signed("POST", TOKENS, x_sdk_content_sha256="UNSIGNED-PAYLOAD")

    answer = await house.ask("POST", TOKENS, body, signed)

    assert answer.status_code == 401
    assert "UNSIGNED-PAYLOAD" in answer.json()["detail"]


async def test_nothing_signed_as_unsigned_payload_is_still_nothing(house: House) -> None:
    signed = house.signed("GET", LIST, x_sdk_content_sha256="UNSIGNED-PAYLOAD")

    assert (await house.ask("GET", LIST, headers=signed)).status_code == 200


async def test_an_unknown_caller_is_refused_before_their_body_is_read(house: House) -> None:
    read = 0

    headers = house.signed("POST", TOKENS, b"{}", key="AK3")
    statuses = []

    async def send(message: dict[str, object]) -> None:
        statuses.append(message.get("status"))

    async def receive() -> dict[str, object]:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": b"{}"}

    await house.app(a_scope("POST", TOKENS, {**headers, "Content-Length": "2"}), receive, send)

    assert (statuses[0], read) == (401, 0)


async def test_a_signed_body_beyond_the_limit_is_not_kept_reading(house: House) -> None:
    async with house.client() as client:
        big = b" " * (12 * 2**20 + 1)
        answer = await client.post(TOKENS, content=big, headers=house.signed("POST", TOKENS, big))

    assert answer.status_code == 413


async def test_slashes_that_are_doubled_are_verified_as_they_were_sent(house: House) -> None:
    path = f"/v2.0//{MINE}///resources/"

    assert (await house.ask("GET", path)).status_code == 200


async def test_the_official_sdks_signature_opens_the_door(house: House) -> None:
    wanted = SdkRequest(
        method="GET",
        schema="http",
        host="dli.local:8080",
        resource_path=LIST,
        query_params=[("kind", "jar"), ("group", "测试 / group+1")],
        header_params={
            "Content-Type": "application/json",
            "User-Agent": "huaweicloud-usdk-python/3.0 #;/",
            "X-Project-Id": MINE,
        },
        body="",
    )
    wanted.header_params["X-Sdk-Date"] = house.clock.now().strftime("%Y%m%dT%H%M%SZ")

    made = Signer(BasicCredentials("AK", "SAK", MINE)).sign(wanted)
    answer = await house.ask("GET", made.uri, headers=made.header_params)

    assert dict(parse_qsl(made.uri.partition("?")[2]))["group"] == "测试 / group+1"
    assert answer.status_code == 200


def a_scope(method: str, path: str, headers: dict[str, str]) -> dict[str, object]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("dli.local", 8080),
    }
