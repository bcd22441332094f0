"""Every route has a rule: public, for operators, or for callers in their own projects; callers is what holds unsaid."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from api.house import ENDPOINT, MINE, PUBLIC, THEIRS, House, a_house
from penstock.api.signatures import sign

pytestmark = pytest.mark.anyio

# About the API or the process, not about anybody; and the document does not name them.
DOCUMENTS = frozenset({("GET", "/docs"), ("HEAD", "/healthz"), ("HEAD", "/readyz")})
OPERATORS = frozenset(
    {
        ("GET", "/metrics"),
        ("GET", "/penstock/v1/places"),
        ("POST", "/penstock/v1/places/{place}/release"),
        ("GET", "/penstock/v1/mapped-buckets"),
        ("PUT", "/penstock/v1/projects/{project_id}/buckets/{bucket}/location"),
        ("DELETE", "/penstock/v1/projects/{project_id}/buckets/{bucket}/location"),
        *(
            (method, f"/penstock/v1/{thing}")
            for thing in ("users", "projects", "keys", "tokens")
            for method in ("GET", "POST")
            if (method, thing) != ("POST", "tokens")
        ),
        ("PUT", "/penstock/v1/users/{user_id}/password"),
        ("DELETE", "/penstock/v1/users/{user_id}"),
        ("DELETE", "/penstock/v1/projects/{project_id}"),
        ("DELETE", "/penstock/v1/keys/{access_key}"),
        ("DELETE", "/penstock/v1/tokens/{prefix}"),
    }
)
# About the caller alone; what they answer to another tenant is tested where they are.
ABOUT_ONESELF = frozenset({("POST", "/penstock/v1/tokens"), ("GET", "/penstock/v1/me")})

HIDDEN = "hidden"  # in what only the owner may read, never in a name
NAMED = "secret"  # in names, which a refusal may repeat


def routes_of(routes: Iterable[BaseRoute]) -> Iterator[tuple[str, str]]:
    for route in routes:
        if isinstance(route, APIRoute):
            yield from ((method, route.path) for method in route.methods)
        elif inner := getattr(route, "original_router", None):
            yield from routes_of(inner.routes)


@pytest.fixture
async def house(anyio_backend: str, tmp_path: Path) -> House:
    return await a_house(tmp_path)


async def all_routes(house: House) -> list[tuple[str, str]]:
    return sorted(set(routes_of(house.app.routes)))


def filled(path: str, project: str, **known: str) -> str:
    """With real names of the other tenant's things where the path asks for one."""
    values = {"project_id": project, "job_id": "1", "queue_name": f"{NAMED}_queue", "key": f"{NAMED}.txt", **known}
    return re.sub(r"{(\w+)(?::path)?}", lambda found: values.get(found[1], f"{NAMED}-{found[1]}"), path)


def body_for(method: str) -> bytes:
    """One that fits every call that names something of the other tenant's."""
    if method not in {"POST", "PUT"}:
        return b""
    fields = {
        "name": "intruder",
        "queue_name": f"{NAMED}_queue",
        "entrypoint": f"{NAMED}-resource_name",
        "job_ids": [1],
        "obs_buckets": [f"{NAMED}-bucket"],
        "savepoint_path": f"{NAMED}-bucket/dir",
        "smn_topic": f"{NAMED}-topic",
        "tags": [{"key": "a", "value": "intruder"}],
        "desc": "intruder",
        "display_name": "intruder",
        "message": "intruder",
        "subject": "intruder",
        "protocol": "https",
        "endpoint": "https://intruder.example/",
        "project_id": MINE,
    }
    return json.dumps(fields).encode()


async def ask(house: House, method: str, path: str, headers: dict[str, str] | None = None) -> Any:
    """As the other tenant, unless headers are given."""
    body = body_for(method)
    content = {"x_sdk_content_sha256": hashlib.sha256(body).hexdigest()} if body else {}
    sent = house.signed(method, path, body, key="AK2", **content) if headers is None else headers
    return await house.ask(method, path, body, sent)


async def settle(house: House) -> dict[str, str]:
    """One thing of each kind in my project; the answer are the names that were made for them."""

    async def make(method: str, path: str, body: Any = b"", **headers: str) -> Any:
        content = json.dumps(body).encode() if isinstance(body, dict) else body
        answer = await house.ask(method, path, content, house.signed(method, path, content, **headers))
        assert answer.is_success, answer.text
        return answer

    queue = {"queue_name": f"{NAMED}_queue", "cu_count": 16, "description": HIDDEN, "resource_mode": 1}
    await make("POST", f"/v1.0/{MINE}/queues", queue | {"queue_type": "general"})
    await make("PUT", f"/penstock/v1/projects/{MINE}/buckets/{NAMED}-bucket")
    key = f"/penstock/v1/projects/{MINE}/buckets/{NAMED}-bucket/objects/{NAMED}.txt"
    await make("PUT", key, HIDDEN.encode(), x_sdk_content_sha256="UNSIGNED-PAYLOAD")
    form = b'--b\r\nContent-Disposition: form-data; name="file"; filename="secret-resource_name"\r\n\r\n'
    form += HIDDEN.encode() + b"\r\n--b--\r\n"
    more = {"x_sdk_content_sha256": "UNSIGNED-PAYLOAD", "content_type": "multipart/form-data; boundary=b"}
    await make("POST", f"/penstock/v1/projects/{MINE}/packages", form, **more)
    tags = [{"key": "a", "value": HIDDEN}]
    await make("POST", f"/v1.0/{MINE}/streaming/flink-jobs", {"name": f"{NAMED}-job", "desc": HIDDEN, "tags": tags})
    topic = {"name": f"{NAMED}-topic", "display_name": HIDDEN}
    urn = (await make("POST", f"/v2/{MINE}/notifications/topics", topic)).json()["topic_urn"]
    hears = {"protocol": "https", "endpoint": f"https://example.com/{HIDDEN}"}
    subscribed = await make("POST", f"/v2/{MINE}/notifications/topics/{urn}/subscriptions", hears)
    return {"topic_urn": urn, "subscription_urn": subscribed.json()["subscription_urn"]}


def belongings(house: House) -> dict[str, bytes | str]:
    """Everything that is remembered and stored of my project."""
    memory = house.desk.records._memory  # type: ignore[attr-defined]  # the fake's own; nothing else shows all of it
    rows: dict[str, bytes | str] = {
        f"{table} {key}": repr(value)
        for table in memory.__slots__
        for key, value in getattr(memory, table).items()
        if f"'{MINE}'" in repr((key, value)) or HIDDEN in repr(value)
    }
    files = {str(file): file.read_bytes() for file in house.folder.rglob("*") if file.is_file()}
    return rows | files


async def test_whoever_is_unknown_reaches_only_what_is_public(house: House) -> None:
    for method, path in await all_routes(house):
        where = filled(path, MINE)
        for headers in ({}, {"X-Auth-Token": "wrong"}):
            status = (await ask(house, method, where, headers)).status_code
            expected = (method, path) in PUBLIC | DOCUMENTS
            assert (status != 401) is expected, f"{method} {path} answers {status} to somebody unknown"


async def test_a_clock_that_is_off_is_refused_everywhere(house: House) -> None:
    for method, path in set(await all_routes(house)) - PUBLIC - DOCUMENTS:
        where = filled(path, MINE)
        headers = house.signed(method, where)
        house.clock.advance(timedelta(minutes=15, seconds=1))
        answer = await house.ask(method, where, headers=headers)
        assert (answer.status_code, "20250601T" in answer.text or "20250602T" in answer.text) == (401, True), path


async def test_what_expired_or_was_revoked_is_refused_everywhere(house: House) -> None:
    tokens = [(await house.ask("POST", "/penstock/v1/tokens", {"life": life})).json()["token"] for life in (60, 3600)]
    short, revoked = ({"X-Auth-Token": token} for token in tokens)
    key = (await house.ask("POST", "/penstock/v1/keys", {})).json()
    prefix = hashlib.sha256(tokens[1].encode()).hexdigest()[:12]
    house.clock.advance(60)
    for gone in (f"keys/{key['access_key']}", f"tokens/{prefix}", "users/user-a2"):
        assert (await house.ask("DELETE", f"/penstock/v1/{gone}")).status_code == 204

    for method, path in set(await all_routes(house)) - PUBLIC - DOCUMENTS:
        where = filled(path, MINE)
        mine = sign(method, ENDPOINT + where, {}, b"", key["access_key"], key["secret_key"], house.clock.now())
        for headers in (short, revoked, mine, house.signed(method, where, key="AK2")):
            assert (await house.ask(method, where, headers=headers)).status_code == 401, f"{method} {path}"


async def test_what_is_for_operators_is_for_nobody_else(house: House) -> None:
    before = belongings(house)
    for method, path in OPERATORS:
        answer = await ask(house, method, filled(path, MINE, user_id="user-a1", access_key="AK"))
        assert (answer.status_code, answer.json()["faults"][0]["code"]) == (403, "operator_only"), f"{method} {path}"
    assert belongings(house) == before


async def test_the_rules_name_routes_that_are_there(house: House) -> None:
    assert set(await all_routes(house)) >= PUBLIC | DOCUMENTS | OPERATORS | ABOUT_ONESELF


async def test_every_other_route_works_in_a_project_or_for_the_callers_account(house: House) -> None:
    for method, path in set(await all_routes(house)) - PUBLIC - DOCUMENTS - OPERATORS - ABOUT_ONESELF:
        assert "{project_id}" in path or path.startswith("/v3/"), f"{method} {path} needs a rule"


async def test_nobody_reaches_anothers_project(house: House) -> None:
    names = await settle(house)
    before = belongings(house)

    for method, path in await all_routes(house):
        if "{project_id}" in path and (method, path) not in OPERATORS:
            answer = await ask(house, method, filled(path, MINE, **names))
            assert answer.status_code in {400, 403}, f"{method} {path} answers {answer.status_code}"
            assert "of yours" in answer.text or "不一致" in answer.text, f"{method} {path}: {answer.text}"
            assert HIDDEN not in answer.text
    assert belongings(house) == before


async def test_the_names_of_anothers_things_mean_nothing_in_ones_own_project(house: House) -> None:
    names = await settle(house)
    before = belongings(house)

    for method, path in await all_routes(house):
        if (method, path) not in OPERATORS | PUBLIC | DOCUMENTS:
            answer = await ask(house, method, filled(path, THEIRS, **names))
            assert answer.status_code < 500, f"{method} {path} answers {answer.status_code}"
            assert HIDDEN not in answer.text, f"{method} {path} shows what is another's: {answer.text}"
            if path.count("{") <= 1 and method == "GET":
                assert NAMED not in answer.text, f"{method} {path} names what is another's: {answer.text}"
    after = belongings(house)
    assert {name: after[name] for name in before} == before


async def test_the_owner_sees_what_the_others_must_not(house: House) -> None:
    names = await settle(house)

    seen = ""
    for method, path in await all_routes(house):
        if method == "GET" and "{project_id}" in path and (method, path) not in OPERATORS:
            where = filled(path, MINE, **names)
            seen += (await house.ask(method, where, headers=house.signed(method, where))).text

    assert seen.count(HIDDEN) >= 8  # else this inventory looks for what nobody can find
