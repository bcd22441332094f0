"""Users, projects, keys and tokens, as operators manage them."""

import hashlib
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.house import ENDPOINT, MINE, SECOND, THEIRS, House, a_house
from penstock.api.signatures import sign
from penstock.domain.errors import AlreadyExists, NotAllowed
from penstock.domain.lifecycle import State
from penstock.testing.builders import a_job, stored
from penstock.usecases import credentials, people

pytestmark = pytest.mark.anyio

OURS = "/penstock/v1"


@pytest.fixture
async def house(anyio_backend: str, tmp_path: Path) -> House:
    return await a_house(tmp_path)


def fault_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["faults"][0]["code"]


def signed(house: House, method: str, path: str, key: dict[str, Any], body: bytes = b"") -> dict[str, str]:
    secret = key["access_key"], key["secret_key"]
    return sign(method, ENDPOINT + path, {}, body, *secret, house.clock.now())


async def make(house: House, thing: str, **fields: Any) -> dict[str, Any]:
    answer = await house.ask("POST", f"{OURS}/{thing}", fields)
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def status(house: House, project: str, headers: dict[str, str]) -> int:
    return (await house.ask("GET", f"/v2.0/{project}/resources", headers=headers)).status_code


async def test_a_new_user_with_a_new_key_works_in_a_new_project(house: House) -> None:
    project = await make(house, "projects", name="cn-north-9", account="tenant")
    user = await make(house, "users", name="ann", account="tenant")
    key = await make(house, "keys", user_id=user["id"])

    assert project["account"] == user["account"] == key["account"]
    assert (user["name"], user["is_operator"], user["has_password"], user["disabled_at"]) == ("ann", False, False, None)
    where = f"/v2.0/{project['id']}/resources"
    assert await status(house, project["id"], signed(house, "GET", where, key)) == 200
    assert await status(house, MINE, signed(house, "GET", f"/v2.0/{MINE}/resources", key)) == 400


async def test_without_an_account_it_is_the_operators_own(house: House) -> None:
    assert (await make(house, "users", name="ann"))["account"] == {"id": "a1", "name": "a1"}
    assert (await make(house, "projects", name="cn-north-9"))["account"] == {"id": "a1", "name": "a1"}
    assert (await make(house, "users", name="bob", account="a2"))["account"] == {"id": "a2", "name": "a2"}


async def test_a_password_signs_in_until_it_is_taken_away(house: House) -> None:
    user = await make(house, "users", name="ann", password="correct horse")
    who = {"id": user["id"], "password": "correct horse"}
    body = {"auth": {"identity": {"methods": ["password"], "password": {"user": who}}}}

    first = await house.ask("POST", "/v3/auth/tokens", body, headers={})
    gone = await house.ask("PUT", f"{OURS}/users/{user['id']}/password", {"password": ""})
    second = await house.ask("POST", "/v3/auth/tokens", body, headers={})

    assert (user["has_password"], first.status_code, gone.status_code, second.status_code) == (True, 201, 204, 401)


async def test_secrets_are_shown_once_and_never_kept_in_the_open(house: House) -> None:
    key = await make(house, "keys")
    await make(house, "users", name="ann", password="correct horse")
    token = (await house.ask("POST", f"{OURS}/tokens", {})).json()["token"]

    listed = [(await house.ask("GET", f"{OURS}/{thing}")).text for thing in ("keys", "tokens", "users")]
    kept = repr(house.desk.records._memory)  # type: ignore[attr-defined]  # the fake's own
    for secret in (key["secret_key"], token, "correct horse"):
        assert secret not in kept
        assert not any(secret in text for text in listed)


async def test_a_revoked_key_is_refused_at_once(house: House) -> None:
    key = await make(house, "keys")
    where = f"/v2.0/{MINE}/resources"
    before = await status(house, MINE, signed(house, "GET", where, key))

    answer = await house.ask("DELETE", f"{OURS}/keys/{key['access_key']}")

    assert (before, answer.status_code) == (200, 204)
    assert await status(house, MINE, signed(house, "GET", where, key)) == 401
    assert fault_of(await house.ask("DELETE", f"{OURS}/keys/{key['access_key']}")) == (404, "key_unknown")


async def test_nobody_locks_themselves_out(house: House) -> None:
    assert fault_of(await house.ask("DELETE", f"{OURS}/keys/AK")) == (409, "key_is_your_last")
    assert fault_of(await house.ask("DELETE", f"{OURS}/users/user-a1")) == (409, "user_is_yourself")
    assert (await house.ask("DELETE", f"{OURS}/keys/AK2")).status_code == 204


async def test_a_disabled_users_keys_and_tokens_are_refused_at_once(house: House) -> None:
    where = f"/v2.0/{THEIRS}/resources"
    issued = (await house.ask("POST", f"{OURS}/tokens", {"user_id": "user-a2"})).json()
    token = {"X-Auth-Token": issued["token"]}
    before = await status(house, THEIRS, token), await status(house, THEIRS, house.signed("GET", where, key="AK2"))

    answer = await house.ask("DELETE", f"{OURS}/users/user-a2")

    assert (before, answer.status_code) == ((200, 200), 204)
    assert await status(house, THEIRS, token) == 401
    assert await status(house, THEIRS, house.signed("GET", where, key="AK2")) == 401
    users = (await house.ask("GET", f"{OURS}/users")).json()["users"]
    assert [user["disabled_at"] for user in users] == [None, "2025-06-01T12:00:00Z"]
    assert fault_of(await house.ask("POST", f"{OURS}/keys", {"user_id": "user-a2"})) == (404, "user_unknown")
    assert fault_of(await house.ask("POST", f"{OURS}/tokens", {"user_id": "user-a2"})) == (404, "user_unknown")


async def test_a_revoked_token_is_refused_at_once(house: House) -> None:
    token = (await house.ask("POST", f"{OURS}/tokens", {})).json()["token"]
    listed = (await house.ask("GET", f"{OURS}/tokens")).json()["tokens"]

    answer = await house.ask("DELETE", f"{OURS}/tokens/{listed[0]['prefix']}")

    assert listed == [
        {
            "prefix": hashlib.sha256(token.encode()).hexdigest()[:12],
            "user": {"id": "user-a1", "name": "a1"},
            "account": {"id": "a1", "name": "a1"},
            "project": {"id": MINE, "name": MINE},
            "method": "signature",
            "issued_at": "2025-06-01T12:00:00Z",
            "expires_at": "2025-06-02T12:00:00Z",
        }
    ]
    assert answer.status_code == 204
    assert await status(house, MINE, {"X-Auth-Token": token}) == 401


@pytest.mark.parametrize("prefix", ["0" * 12, "abc", "%", "g" * 12, "0" * 65])
async def test_a_token_that_is_not_there_cannot_be_revoked(house: House, prefix: str) -> None:
    assert fault_of(await house.ask("DELETE", f"{OURS}/tokens/{prefix}")) == (404, "token_unknown")


async def test_a_closed_project_is_reached_by_nobody_and_its_name_stays_taken(house: House) -> None:
    answer = await house.ask("DELETE", f"{OURS}/projects/{SECOND}")

    assert answer.status_code == 204
    assert (await house.ask("GET", f"/v2.0/{SECOND}/resources")).json()["error_code"] == "DLI.10006"
    assert (await house.ask("GET", f"/v3/projects?name={SECOND}")).json()["projects"] == []
    assert fault_of(await house.ask("POST", f"{OURS}/projects", {"name": SECOND})) == (409, "project_taken")
    assert fault_of(await house.ask("DELETE", f"{OURS}/projects/{SECOND}")) == (404, "project_unknown")


async def test_a_project_with_active_jobs_is_not_closed(house: House) -> None:
    await house.desk.records.change(lambda tx: stored(tx, a_job(state=State.QUEUED, project_id=SECOND)))

    answer = await house.ask("DELETE", f"{OURS}/projects/{SECOND}")

    assert fault_of(answer) == (409, "project_busy")


async def test_lists_show_all_accounts_a_page_at_a_time(house: House) -> None:
    first = (await house.ask("GET", f"{OURS}/projects?limit=2")).json()
    second = (await house.ask("GET", f"{OURS}/projects?limit=2&cursor={first['next']}")).json()

    assert [project["id"] for project in first["projects"] + second["projects"]] == [MINE, SECOND, THEIRS]
    assert second["next"] is None
    assert fault_of(await house.ask("GET", f"{OURS}/users?limit=0")) == (400, "limit_invalid")


async def test_tokens_are_listed_a_page_at_a_time(house: House) -> None:
    for _ in range(3):
        await house.ask("POST", f"{OURS}/tokens", {})
        house.clock.advance(1)

    first = (await house.ask("GET", f"{OURS}/tokens?limit=2")).json()
    second = (await house.ask("GET", f"{OURS}/tokens?limit=2&cursor=2")).json()

    times = [token["issued_at"] for token in first["tokens"] + second["tokens"]]
    assert (times, first["next"], second["next"]) == (sorted(times, reverse=True), 2, None)


@pytest.mark.parametrize(
    ("thing", "fields", "codes"),
    [
        ("users", {}, ["caller_name_invalid"]),
        ("users", {"name": "a b"}, ["caller_name_invalid"]),
        ("users", {"name": "a" * 65}, ["caller_name_invalid"]),
        ("users", {"name": "ann", "password": "short"}, ["password_length"]),
        (
            "users",
            {"name": "", "account": "/", "password": "p" * 129},
            ["caller_name_invalid"] * 2 + ["password_length"],
        ),
        ("users", {"name": 1}, ["wrong_type"]),
        ("users", {"name": "ann", "is_operator": "perhaps"}, ["wrong_type"]),
        ("projects", {}, ["caller_name_invalid"]),
        ("projects", {"name": "a\u0001"}, ["caller_name_invalid"]),
        ("projects", {"name": "a\u0000"}, ["control_characters"]),
        ("tokens", {"life": 59}, ["out_of_range"]),
        ("tokens", {"life": 10**9}, ["out_of_range"]),
        ("tokens", {"life": "long"}, ["wrong_type"]),
    ],
)
async def test_what_cannot_be_made_is_refused(house: House, thing: str, fields: Any, codes: list[str]) -> None:
    answer = await house.ask("POST", f"{OURS}/{thing}", fields)

    assert (answer.status_code, [fault["code"] for fault in answer.json()["faults"]]) == (400, codes)


@pytest.mark.parametrize(("thing", "name"), [("users", "a1"), ("projects", MINE)])
async def test_a_name_is_taken_once_in_an_account(house: House, thing: str, name: str) -> None:
    assert (await house.ask("POST", f"{OURS}/{thing}", {"name": name})).status_code == 409
    assert (await make(house, thing, name=name, account="a2"))["name"] == name


async def test_a_monitor_gets_a_token_that_lives_long(house: House) -> None:
    issued = (await house.ask("POST", f"{OURS}/tokens", {"life": 365 * 86_400})).json()
    house.clock.advance(364 * 86_400)

    answer = await house.ask("GET", "/metrics", headers={"X-Auth-Token": issued["token"]})

    assert (issued["expires_at"], answer.status_code) == ("2026-06-01T12:00:00Z", 200)


async def test_others_get_a_shorter_life_but_not_a_longer_one(house: House) -> None:
    def asked(life: int) -> tuple[bytes, dict[str, str]]:
        body = json.dumps({"life": life}).encode()
        return body, house.signed("POST", f"{OURS}/tokens", body, key="AK2")

    short = await house.ask("POST", f"{OURS}/tokens", *asked(3600))
    long = await house.ask("POST", f"{OURS}/tokens", *asked(86_401))

    assert (short.json()["expires_at"], fault_of(long)) == ("2025-06-01T13:00:00Z", (403, "operator_only"))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/users"),
        ("POST", "/projects"),
        ("POST", "/keys"),
        ("POST", "/tokens"),
        ("DELETE", "/users/user-a2"),
        ("DELETE", "/projects/second"),
        ("DELETE", "/keys/AK2"),
        ("DELETE", "/tokens/00000000"),
        ("PUT", "/users/user-a2/password"),
    ],
)
async def test_an_operators_token_reads_but_changes_nobodys_rights(house: House, method: str, path: str) -> None:
    token = {"X-Auth-Token": (await house.ask("POST", f"{OURS}/tokens", {})).json()["token"]}

    assert (await house.ask("GET", f"{OURS}/users", headers=token)).status_code == 200
    assert fault_of(await house.ask(method, OURS + path, {} if method != "DELETE" else b"", token)) == (
        401,
        "signature_invalid",
    )


async def test_the_use_cases_themselves_ask_for_an_operator(house: House) -> None:
    holder = await house.desk.records.look(lambda tx: tx.callers.user("user-a2"))
    assert holder is not None
    caller = credentials.Caller(user=holder, projects=())
    desk = house.desk

    for wish in (
        people.list_users(desk, caller),
        people.create_user(desk, caller, people.NewUser(name="x")),
        people.set_password(desk, caller, "user-a1", "password"),
        people.disable_user(desk, caller, "user-a1"),
        people.list_projects(desk, caller),
        people.create_project(desk, caller, "x"),
        people.close_project(desk, caller, MINE),
        credentials.list_keys(desk, caller),
        credentials.create_key(desk, caller),
        credentials.revoke_key(desk, caller, "AK"),
        credentials.list_tokens(desk, caller, limit=1, offset=0),
        credentials.create_token(desk, caller, "user-a1", None, None),
        credentials.revoke_token(desk, caller, "0" * 12),
    ):
        with pytest.raises(NotAllowed):
            await wish


async def test_two_users_of_one_name_at_once_are_one(house: House) -> None:
    operator = await house.desk.records.look(lambda tx: tx.callers.user("user-a1"))
    assert operator is not None
    caller = credentials.Caller(user=operator, projects=())

    await people.create_user(house.desk, caller, people.NewUser(name="ann"))
    with pytest.raises(AlreadyExists):
        await people.create_user(house.desk, caller, people.NewUser(name="ann"))
