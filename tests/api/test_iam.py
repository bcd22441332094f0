"""IAM's calls, as DLI's clients make them."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.house import ENDPOINT, MINE, SECOND, THEIRS, House, a_house

pytestmark = pytest.mark.anyio

TOKENS = "/v3/auth/tokens"
PASSWORD = "correct horse"


@pytest.fixture
async def house(anyio_backend: str, tmp_path: Path) -> House:
    built = await a_house(tmp_path)
    kept = await built.desk.passwords.hashed(PASSWORD)

    def give(tx: Any) -> None:
        for user in tx.callers.users():
            tx.callers.save_user(replace(user, password_hash=kept))

    await built.desk.records.change(give)
    return built


def by_password(scope: Any = None, password: str = PASSWORD, **user: Any) -> dict[str, Any]:
    user = user or {"name": "a1", "domain": {"name": "a1"}}
    auth = {"identity": {"methods": ["password"], "password": {"user": user | {"password": password}}}}
    return {"auth": auth | ({"scope": scope} if scope else {})}


def by_token(token: str, scope: Any = None) -> dict[str, Any]:
    auth = {"identity": {"methods": ["token"], "token": {"id": token}}}
    return {"auth": auth | ({"scope": scope} if scope else {})}


async def sign_in(house: House, body: dict[str, Any], path: str = TOKENS) -> httpx.Response:
    return await house.ask("POST", path, body, headers={})


async def token_for(house: House, scope: Any = None, **user: Any) -> str:
    return (await sign_in(house, by_password(scope, **user))).headers["X-Subject-Token"]


async def reaches(house: House, token: str, project: str) -> bool:
    answer = await house.ask("GET", f"/v2.0/{project}/resources", headers={"X-Auth-Token": token})
    return answer.status_code == 200


def error_of(answer: httpx.Response) -> tuple[int, int, str]:
    error = answer.json()["error"]
    assert error["message"]
    return answer.status_code, error["code"], error["title"]


async def test_a_password_gets_a_token_of_a_project_as_in_the_documents(house: House) -> None:
    answer = await sign_in(house, by_password({"project": {"name": MINE}}), f"{TOKENS}?nocatalog=true")

    assert answer.status_code == 201
    assert answer.json() == {
        "token": {
            "catalog": [],
            "expires_at": "2025-06-02T12:00:00.000000Z",
            "issued_at": "2025-06-01T12:00:00.000000Z",
            "methods": ["password"],
            "project": {"id": MINE, "name": MINE, "domain": {"id": "a1", "name": "a1"}},
            "roles": [{"id": "0", "name": "te_admin"}],
            "user": {"id": "user-a1", "name": "a1", "domain": {"id": "a1", "name": "a1"}, "password_expires_at": ""},
        }
    }
    assert await reaches(house, answer.headers["X-Subject-Token"], MINE)
    assert not await reaches(house, answer.headers["X-Subject-Token"], SECOND)


@pytest.mark.parametrize(
    ("user", "scope"),
    [
        ({"id": "user-a1"}, {"project": {"id": MINE}}),
        ({"id": "user-a1", "name": "a1"}, {"project": {"name": MINE, "domain": {"name": "a1"}}}),
        ({"name": "a1", "domain": {"id": "a1"}}, {"project": {"name": MINE, "domain": {"id": "a1"}}}),
        ({"name": "a1", "domain": {"name": "a1"}}, {"project": {"id": MINE, "domain": None}, "domain": None}),
    ],
)
async def test_users_and_projects_go_by_id_or_by_name(house: House, user: Any, scope: Any) -> None:
    answer = await sign_in(house, by_password(scope, **user))

    assert (answer.status_code, answer.json()["token"]["project"]["id"]) == (201, MINE)


@pytest.mark.parametrize("scope", [None, {"domain": {"name": "a1"}}, {"domain": {"id": "a1"}}])
async def test_without_a_project_the_token_is_for_the_account(house: House, scope: Any) -> None:
    answer = await sign_in(house, by_password(scope))

    assert "project" not in answer.json()["token"]
    assert answer.json()["token"]["domain"] == {"id": "a1", "name": "a1"}
    token = answer.headers["X-Subject-Token"]
    assert [await reaches(house, token, project) for project in (MINE, SECOND, THEIRS)] == [True, True, False]


@pytest.mark.parametrize(
    "body",
    [
        by_password(password="wrong"),
        by_password(password=""),
        by_password(name="nobody", domain={"name": "a1"}),
        by_password(name="a1", domain={"name": "nobody"}),
        by_password(name="a1", domain={"name": "a2"}),
        by_password(name="a1", domain={"name": "a1", "id": "a2"}),
        by_password(name="a1"),
        by_password(id="nobody"),
        by_password(id="user-a1", name="a2"),
        by_password({"project": {"id": THEIRS}}),
        by_password({"project": {"name": "nothing"}}),
        by_password({"project": {"id": MINE, "domain": {"id": "a2"}}}),
        by_password({"domain": {"id": "a2"}}),
        by_token("nothing"),
        by_token(""),
    ],
)
async def test_whoever_is_not_who_they_say_or_asks_for_what_is_not_theirs_gets_401(
    house: House, body: dict[str, Any]
) -> None:
    answer = await sign_in(house, body)

    assert error_of(answer) == (401, 401, "Unauthorized")
    assert "X-Subject-Token" not in answer.headers


async def test_who_exists_is_not_told(house: House) -> None:
    wrong = await sign_in(house, by_password(password="wrong"))
    nobody = await sign_in(house, by_password(name="nobody", domain={"name": "a1"}))

    assert wrong.json() == nobody.json()
    assert wrong.json()["error"]["message"].startswith("The username or password is wrong.")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"auth": 1}',
        b'{"auth": {"identity": {"methods": []}}}',
        b'{"auth": {"identity": {"methods": ["password"]}}}',
        b'{"auth": {"identity": {"methods": ["token"]}}}',
        b'{"auth": {"identity": {"methods": ["assume_role"]}}}',
        b'{"auth": {"identity": {"methods": ["password", "totp"], "password": {"user": {"id": "user-a1"}}}}}',
        b'{"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": 7}}}}}',
        b'{"auth": {"identity": {"methods": ["token"], "token": {"id": "\\ud800"}}}}',
        b"[" * 5000,
    ],
)
async def test_a_body_that_is_no_sign_in_gets_400(house: House, body: bytes) -> None:
    assert error_of(await house.ask("POST", TOKENS, body, headers={})) == (400, 400, "Bad Request")


async def test_a_large_body_of_somebody_unknown_is_not_read(house: House) -> None:
    assert error_of(await house.ask("POST", TOKENS, b" " * 70_000, headers={}))[0] == 413


async def test_guessing_is_slowed_down_even_for_the_right_password(house: House) -> None:
    guesses = [(await sign_in(house, by_password(password="wrong"))).status_code for _ in range(6)]
    right = await sign_in(house, by_password())
    by_id = await sign_in(house, by_password(id="user-a1"))
    house.clock.advance(12)
    later = await sign_in(house, by_password())

    assert guesses == [401] * 5 + [429]
    assert (right.status_code, by_id.status_code, later.status_code) == (429, 429, 201)
    assert "12 seconds" in right.json()["error"]["message"]


async def test_a_token_gets_another_one_that_ends_no_later(house: House) -> None:
    first = await token_for(house)
    house.clock.advance(timedelta(hours=1))

    answer = await sign_in(house, by_token(first, {"project": {"name": SECOND}}))

    assert answer.json()["token"]["project"]["id"] == SECOND
    assert answer.json()["token"]["expires_at"] == "2025-06-02T12:00:00.000000Z"


@pytest.mark.parametrize(
    "scope", [{"project": {"id": SECOND}}, {"domain": {"id": "a1"}}, {"project": {"name": SECOND}}]
)
async def test_a_token_of_one_project_does_not_become_more(house: House, scope: Any) -> None:
    bound = await token_for(house, {"project": {"id": MINE}})

    assert error_of(await sign_in(house, by_token(bound, scope)))[0] == 401


async def test_a_token_of_one_project_stays_one_without_a_scope(house: House) -> None:
    bound = await token_for(house, {"project": {"id": MINE}})

    answer = await sign_in(house, by_token(bound))

    assert answer.json()["token"]["project"]["id"] == MINE
    assert not await reaches(house, answer.headers["X-Subject-Token"], SECOND)


async def test_an_expired_token_gets_none(house: House) -> None:
    old = await token_for(house)
    house.clock.advance(timedelta(hours=24))

    assert error_of(await sign_in(house, by_token(old)))[0] == 401


async def test_a_token_is_validated_for_its_own_account_only(house: House) -> None:
    mine = await token_for(house, {"project": {"id": MINE}})
    theirs = await token_for(house, name="a2", domain={"name": "a2"})

    own = await house.ask("GET", TOKENS, headers={"X-Auth-Token": mine, "X-Subject-Token": mine})
    foreign = await house.ask("GET", TOKENS, headers={"X-Auth-Token": theirs, "X-Subject-Token": mine})
    unknown = await house.ask("GET", TOKENS, headers={"X-Auth-Token": mine, "X-Subject-Token": "?"})
    missing = await house.ask("GET", TOKENS, headers={"X-Auth-Token": mine})

    assert (own.status_code, own.headers["X-Subject-Token"]) == (200, mine)
    assert own.json()["token"]["project"]["id"] == MINE
    assert [error_of(answer)[0] for answer in (foreign, unknown, missing)] == [404, 404, 400]
    assert foreign.json() == unknown.json()


async def test_a_project_is_found_by_its_name_and_only_in_ones_own_account(house: House) -> None:
    found = (await house.ask("GET", f"/v3/projects?name={MINE}")).json()
    foreign = (await house.ask("GET", f"/v3/projects?name={THEIRS}")).json()

    assert [project["id"] for project in found["projects"]] == [MINE]
    assert found["projects"][0] == {
        "id": MINE,
        "name": MINE,
        "domain_id": "a1",
        "parent_id": "a1",
        "is_domain": False,
        "enabled": True,
        "description": "",
        "links": {"self": f"{ENDPOINT}/v3/projects/{MINE}", "previous": None, "next": None},
    }
    assert foreign["projects"] == []


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", [MINE, SECOND]),
        ("?domain_id=a1", [MINE, SECOND]),
        ("?domain_id=a2", []),
        ("?parent_id=a1&name=second", [SECOND]),
        ("?enabled=false", []),
        ("?enabled=true&page=2&per_page=1", [SECOND]),
        ("?page=3&per_page=1", []),
    ],
)
@pytest.mark.parametrize("path", ["/v3/projects", "/v3/auth/projects"])
async def test_projects_are_listed_as_asked(house: House, path: str, query: str, ids: list[str]) -> None:
    answer = await house.ask("GET", path + query)

    assert [project["id"] for project in answer.json()["projects"]] == ids


@pytest.mark.parametrize("query", ["page=0", "per_page=0", "per_page=5001", "page=x", "enabled=maybe"])
async def test_a_query_that_cannot_be_gets_400(house: House, query: str) -> None:
    assert error_of(await house.ask("GET", f"/v3/projects?{query}"))[0] == 400


async def test_the_domain_and_the_services_are_listed(house: House) -> None:
    domains = (await house.ask("GET", "/v3/auth/domains")).json()["domains"]
    catalog = (await house.ask("GET", "/v3/auth/catalog")).json()["catalog"]

    assert [(domain["id"], domain["name"]) for domain in domains] == [("a1", "a1")]
    assert {entry["type"]: entry["endpoints"][0]["url"] for entry in catalog} == {
        "dli": f"{ENDPOINT}/v1.0",
        "iam": f"{ENDPOINT}/v3",
        "smn": f"{ENDPOINT}/v2",
    }


async def test_the_catalog_of_a_project_names_it(house: House) -> None:
    answer = await sign_in(house, by_password({"project": {"id": MINE}}))

    urls = {entry["type"]: entry["endpoints"][0]["url"] for entry in answer.json()["token"]["catalog"]}
    assert urls["dli"] == f"{ENDPOINT}/v1.0/{MINE}"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "host", ['evil"><script>', "a/b", "a@b", "a b", "a:b", "x" * 300, "[::1", "a:123456", "évil", "-a"]
)
async def test_a_host_that_is_none_is_not_repeated(house: House, host: str) -> None:
    token = await token_for(house)
    headers = [(b"X-Auth-Token", token.encode()), (b"Host", host.encode("latin-1"))]
    async with house.client() as client:
        answer = await client.get("/v3/auth/catalog", headers=headers)

    assert answer.json()["catalog"][0]["endpoints"][0]["url"] == f"{ENDPOINT}/v1.0"


@pytest.mark.parametrize("host", ["penstock.example:443", "[::1]:8000", "127.0.0.1", "dli"])
async def test_a_host_is_where_the_request_came_to(house: House, host: str) -> None:
    token = await token_for(house)
    async with house.client() as client:
        answer = await client.get("/v3/auth/catalog", headers={"X-Auth-Token": token, "Host": host})

    assert answer.json()["catalog"][0]["endpoints"][0]["url"] == f"http://{host}/v1.0"


async def test_a_disabled_user_and_a_closed_project_are_refused_at_once(house: House) -> None:
    account, bound = await token_for(house), await token_for(house, {"project": {"id": MINE}})

    def close(tx: Any) -> None:
        tx.callers.save_project(replace(tx.callers.project(MINE), closed_at=house.clock.now()))

    await house.desk.records.change(close)
    assert [await reaches(house, account, project) for project in (MINE, SECOND)] == [False, True]
    assert not await reaches(house, bound, MINE)
    assert (await house.ask("GET", f"/v2.0/{MINE}/resources")).json()["error_code"] == "DLI.10006"

    def disable(tx: Any) -> None:
        tx.callers.save_user(replace(tx.callers.user("user-a1"), disabled_at=house.clock.now()))

    await house.desk.records.change(disable)
    assert not await reaches(house, account, SECOND)
    assert (await house.ask("GET", f"/v2.0/{SECOND}/resources")).status_code == 401
    assert error_of(await sign_in(house, by_password()))[0] == 401


@pytest.mark.parametrize("path", ["/v3/projects", "/v3/auth/projects", "/v3/auth/domains", "/v3/auth/catalog", TOKENS])
async def test_whoever_is_unknown_is_refused_in_iams_words(house: House, path: str) -> None:
    assert error_of(await house.ask("GET", path, headers={}))[0] == 401
