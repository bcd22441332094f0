"""SMN's calls: topics, subscriptions with their confirmation, publish; answers, errors, and who may."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.house import ENDPOINT, MINE, SECOND, THEIRS, House, a_house
from penstock.api.app import create_app
from penstock.api.office import Office
from penstock.domain.links import Links
from penstock.domain.outbox import Letter, LetterKind
from penstock.domain.topic import Protocol
from penstock.outgoing.stamp import FileStamp
from penstock.ports.topics import SubscriptionFilter

pytestmark = pytest.mark.anyio

TOPICS = f"/v2/{MINE}/notifications/topics"
SUBSCRIPTIONS = f"/v2/{MINE}/notifications/subscriptions"
URN = f"urn:smn:{MINE}:{MINE}:ops"
OPS = f"{TOPICS}/{URN}"
HOOK = {"protocol": "https", "endpoint": "https://hooks.example/x"}
PUBLIC: dict[str, str] = {}


@pytest.fixture
async def house(tmp_path: Path) -> House:
    return await a_house(tmp_path)


@pytest.fixture
async def ops(house: House) -> House:
    """With a topic named `ops`."""
    assert (await house.ask("POST", TOPICS, {"name": "ops"})).status_code == 201
    return house


async def letters(house: House, protocol: Protocol = Protocol.HTTPS) -> list[Letter]:
    now = house.clock.now() + timedelta(days=2)
    return list(await house.desk.records.look(lambda tx: tx.outbox.due(protocol, now)))


async def token_in_the_last_letter(house: House) -> str:
    letter = (await letters(house))[-1]
    return house.desk.vault.open(letter.sealed_token)


async def follow(house: House, link: str, method: str = "GET") -> httpx.Response:
    return await house.ask(method, link.removeprefix(ENDPOINT), headers=PUBLIC)


async def subscribe(house: House, **changes: str) -> str:
    """A confirmed subscription's URN; its letter is taken out of the outbox."""
    urn: str = (await house.ask("POST", f"{OPS}/subscriptions", HOOK | changes)).json()["subscription_urn"]
    token = await token_in_the_last_letter(house)
    assert (await follow(house, Links(ENDPOINT).to_confirm(token))).status_code == 200
    for letter in await letters(house):
        await house.desk.records.change(lambda tx, one=letter: tx.outbox.remove(one.id))
    return urn


def told(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of SMN's error body."""
    document = answer.json()
    assert set(document) == {"request_id", "code", "message"}
    assert document["request_id"] == answer.headers["X-Request-Id"]
    assert document["message"]
    return answer.status_code, document["code"]


# --- topics ---


async def test_a_topic_is_made_once(house: House) -> None:
    first = await house.ask("POST", TOPICS, {"name": "ops", "display_name": "运维"})
    second = await house.ask("POST", TOPICS, {"name": "ops", "display_name": "other"})

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == {"request_id": first.headers["X-Request-Id"], "topic_urn": URN}
    assert second.json()["topic_urn"] == URN


async def test_a_topic_is_shown_and_renamed(ops: House) -> None:
    ops.clock.advance(60)
    assert (await ops.ask("PUT", OPS, {"display_name": "运维"})).json().keys() == {"request_id"}

    found = (await ops.ask("GET", OPS)).json()

    assert re.fullmatch(r"[0-9a-f]{32}", found.pop("topic_id"))
    assert found.pop("request_id")
    assert found == {
        "topic_urn": URN,
        "name": "ops",
        "display_name": "运维",
        "push_policy": 0,
        "enterprise_project_id": "0",
        "create_time": "2025-06-01T12:00:00Z",
        "update_time": "2025-06-01T12:01:00Z",
    }


async def test_topics_are_listed_in_pages(house: House) -> None:
    for name in ("b", "a", "ab"):
        await house.ask("POST", TOPICS, {"name": name})

    everything = (await house.ask("GET", TOPICS)).json()
    page = (await house.ask("GET", f"{TOPICS}?offset=1&limit=1")).json()
    fuzzy = (await house.ask("GET", f"{TOPICS}?fuzzy_name=b")).json()

    assert [topic["name"] for topic in everything["topics"]] == ["a", "ab", "b"]
    assert (page["topic_count"], [topic["name"] for topic in page["topics"]]) == (3, ["ab"])
    assert fuzzy["topic_count"] == 2


async def test_a_deleted_topic_is_gone_with_its_subscriptions(ops: House) -> None:
    await ops.ask("POST", f"{OPS}/subscriptions", HOOK)

    assert (await ops.ask("DELETE", OPS)).status_code == 200

    assert told(await ops.ask("GET", OPS)) == (404, "SMN.0006")
    assert (await ops.ask("GET", SUBSCRIPTIONS)).json()["subscription_count"] == 0
    assert await letters(ops) == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "SMN.0002"),
        ({"name": ""}, "SMN.0002"),
        ({"name": "a b"}, "SMN.0002"),
        ({"name": "x" * 256}, "SMN.0002"),
        ({"name": 7}, "SMN.0002"),
        ({"name": "\ud800"}, "SMN.0002"),
        ({"name": "a", "display_name": "告" * 65}, "SMN.0003"),
        ({"name": "a", "display_name": "a\r\nBcc: b@c.d"}, "SMN.0003"),
        ({"name": "a", "display_name": []}, "SMN.0003"),
    ],
)
async def test_a_topic_that_cannot_be_is_refused(house: House, body: Any, code: str) -> None:
    assert told(await house.ask("POST", TOPICS, body)) == (400, code)


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "offset=-1", "limit=x"])
async def test_a_page_that_cannot_be_is_refused(house: House, query: str) -> None:
    assert told(await house.ask("GET", f"{TOPICS}?{query}")) == (400, "SMN.0015")
    assert told(await house.ask("GET", f"{SUBSCRIPTIONS}?{query}")) == (400, "SMN.0015")


@pytest.mark.parametrize("urn", ["ops", "urn:smn:x", "urn:smn:a:b:c:d", "%00", "🔥"])
@pytest.mark.parametrize(
    ("method", "more"),
    [
        ("GET", ""),
        ("DELETE", ""),
        ("PUT", ""),
        ("POST", "/publish"),
        ("POST", "/subscriptions"),
        ("GET", "/subscriptions"),
    ],
)
async def test_what_is_no_urn_is_told(house: House, urn: str, method: str, more: str) -> None:
    body = b"" if method in {"GET", "DELETE"} else {"message": "m", "display_name": "d", **HOOK}
    assert told(await house.ask(method, f"{TOPICS}/{urn}{more}", body)) == (400, "SMN.0005")


async def test_a_body_that_is_no_json_is_told(house: House) -> None:
    assert told(await house.ask("POST", TOPICS, b"{")) == (400, "SMN.0400")


# --- who may ---


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", TOPICS),
        ("GET", TOPICS),
        ("GET", OPS),
        ("DELETE", OPS),
        ("POST", f"{OPS}/publish"),
        ("GET", SUBSCRIPTIONS),
    ],
)
async def test_nobody_unknown_is_served(ops: House, method: str, path: str) -> None:
    assert told(await ops.ask(method, path, headers={})) == (401, "SMN.0022")
    assert told(await ops.ask(method, path, headers={"X-Auth-Token": "x"})) == (401, "SMN.0022")


async def test_nothing_of_one_account_is_seen_by_another(ops: House) -> None:
    theirs = f"/v2/{THEIRS}/notifications/topics"
    for method, path in (("GET", OPS), ("DELETE", OPS), ("GET", TOPICS), ("GET", SUBSCRIPTIONS)):
        assert told(await ops.ask(method, path, headers=ops.signed(method, path, key="AK2"))) == (403, "SMN.0001")
    for method, more in (("GET", ""), ("DELETE", ""), ("GET", "/subscriptions")):
        path = f"{theirs}/{URN}{more}"
        assert told(await ops.ask(method, path, headers=ops.signed(method, path, key="AK2"))) == (404, "SMN.0006")


async def test_nothing_of_one_project_is_seen_from_another(ops: House) -> None:
    urn = await subscribe(ops)
    second = f"/v2/{SECOND}/notifications"

    assert told(await ops.ask("GET", f"{second}/topics/{URN}")) == (404, "SMN.0006")
    assert told(await ops.ask("DELETE", f"{second}/subscriptions/{urn}")) == (404, "SMN.0013")
    assert (await ops.ask("GET", f"{second}/topics")).json()["topic_count"] == 0
    assert (await ops.ask("GET", f"{second}/subscriptions")).json()["subscription_count"] == 0


async def test_a_urn_of_another_region_is_not_this_topic(ops: House) -> None:
    assert told(await ops.ask("GET", f"{TOPICS}/urn:smn:elsewhere:{MINE}:ops")) == (404, "SMN.0006")


# --- subscriptions ---


async def test_a_subscription_waits_for_its_confirmation(ops: House) -> None:
    answer = await ops.ask("POST", f"{OPS}/subscriptions", HOOK | {"remark": "phone"})

    assert answer.status_code == 201
    urn = answer.json()["subscription_urn"]
    assert re.fullmatch(re.escape(URN) + ":[0-9a-f]{32}", urn)
    listed = (await ops.ask("GET", f"{OPS}/subscriptions")).json()
    assert listed["subscriptions"] == [
        {
            "topic_urn": URN,
            "protocol": "https",
            "subscription_urn": urn,
            "owner": MINE,
            "endpoint": "https://hooks.example/x",
            "remark": "phone",
            "status": 0,
            "filter_polices": [],
        }
    ]
    [letter] = await letters(ops)
    assert (letter.kind, letter.endpoint) == (LetterKind.SUBSCRIPTION_CONFIRMATION, "https://hooks.example/x")


async def test_the_link_confirms_once(ops: House) -> None:
    urn = (await ops.ask("POST", f"{OPS}/subscriptions", HOOK)).json()["subscription_urn"]
    link = Links(ENDPOINT).to_confirm(await token_in_the_last_letter(ops))

    first, second = await follow(ops, link), await follow(ops, link)

    assert first.status_code == 200
    assert first.json() | {"request_id": ""} == {
        "request_id": "",
        "message": "The subscription is confirmed.",
        "topic_urn": URN,
        "subscription_urn": urn,
    }
    assert first.headers["Cache-Control"] == "no-store"
    assert told(second) == (404, "SMN.0013")
    assert (await ops.ask("GET", f"{SUBSCRIPTIONS}?status=1")).json()["subscription_count"] == 1


async def test_the_link_expires_after_two_days(ops: House) -> None:
    await ops.ask("POST", f"{OPS}/subscriptions", HOOK)
    link = Links(ENDPOINT).to_confirm(await token_in_the_last_letter(ops))
    ops.clock.advance(timedelta(hours=48))

    assert told(await follow(ops, link)) == (404, "SMN.0013")


async def test_only_the_newest_link_confirms(ops: House) -> None:
    await ops.ask("POST", f"{OPS}/subscriptions", HOOK)
    old = await token_in_the_last_letter(ops)
    ops.clock.advance(120)
    again = await ops.ask("POST", f"{OPS}/subscriptions", HOOK)

    assert again.status_code == 201
    assert told(await follow(ops, Links(ENDPOINT).to_confirm(old))) == (404, "SMN.0013")
    assert (await follow(ops, Links(ENDPOINT).to_confirm(await token_in_the_last_letter(ops)))).status_code == 200


async def test_asking_again_at_once_sends_no_second_letter(ops: House) -> None:
    urns = {(await ops.ask("POST", f"{OPS}/subscriptions", HOOK)).json()["subscription_urn"] for _ in range(5)}

    assert len(urns) == len(await letters(ops)) == 1


async def test_who_hears_already_is_answered_as_they_are(ops: House) -> None:
    urn = await subscribe(ops)

    again = await ops.ask("POST", f"{OPS}/subscriptions", HOOK)

    assert (again.status_code, again.json()["subscription_urn"]) == (200, urn)
    assert await letters(ops) == []


@pytest.mark.parametrize("token", ["", "x", "a" * 64, "%00", "é", "🔥" * 100])
@pytest.mark.parametrize(("method", "path"), [("GET", "confirm"), ("POST", "leave")])
async def test_a_link_that_was_never_sent_leads_nowhere(ops: House, token: str, method: str, path: str) -> None:
    await subscribe(ops)

    assert told(await follow(ops, f"/smn/subscriptions/{path}?token={token}", method)) == (404, "SMN.0013")
    assert told(await follow(ops, f"/smn/subscriptions/{path}", method)) == (404, "SMN.0013")


async def test_no_token_is_kept_in_the_clear(ops: House) -> None:
    await ops.ask("POST", f"{OPS}/subscriptions", HOOK)
    token = await token_in_the_last_letter(ops)

    page = await ops.desk.records.look(lambda tx: tx.subscriptions.list(MINE, SubscriptionFilter()))

    assert token not in repr(page)
    assert token not in repr(await letters(ops))


async def test_leaving_takes_a_button_and_says_farewell(ops: House) -> None:
    await subscribe(ops)
    await ops.ask("POST", f"{OPS}/publish", {"message": "hello"})
    link = Links(ENDPOINT).to_leave(await token_in_the_last_letter(ops))

    page = await follow(ops, link)
    after_get = (await ops.ask("GET", f"{SUBSCRIPTIONS}?status=1")).json()["subscription_count"]
    left = await follow(ops, link, "POST")
    left_again = await follow(ops, link, "POST")

    assert (page.status_code, after_get) == (200, 1)
    assert 'form method="post"' in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert (left.status_code, left_again.status_code) == (200, 200)
    assert (await ops.ask("GET", f"{SUBSCRIPTIONS}?status=3")).json()["subscription_count"] == 1
    assert [letter.kind for letter in await letters(ops)] == [LetterKind.UNSUBSCRIBE_CONFIRMATION]


async def test_whoever_left_may_come_back(ops: House) -> None:
    await subscribe(ops)
    await ops.ask("POST", f"{OPS}/publish", {"message": "hello"})
    await follow(ops, Links(ENDPOINT).to_leave(await token_in_the_last_letter(ops)), "POST")
    farewell = next(one for one in await letters(ops) if one.kind is LetterKind.UNSUBSCRIBE_CONFIRMATION)

    back = await follow(ops, Links(ENDPOINT).to_confirm(ops.desk.vault.open(farewell.sealed_token)))

    assert back.status_code == 200
    assert (await ops.ask("GET", f"{SUBSCRIPTIONS}?status=1")).json()["subscription_count"] == 1


async def test_a_deleted_subscription_is_gone(ops: House) -> None:
    urn = await subscribe(ops)

    assert (await ops.ask("DELETE", f"{SUBSCRIPTIONS}/{urn}")).status_code == 200

    assert told(await ops.ask("DELETE", f"{SUBSCRIPTIONS}/{urn}")) == (404, "SMN.0013")
    assert told(await ops.ask("DELETE", f"{SUBSCRIPTIONS}/{URN}")) == (400, "SMN.0014")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"protocol": "sms"}, "SMN.0011"),
        ({"protocol": ""}, "SMN.0011"),
        ({"protocol": "email", "endpoint": "a@b.c"}, "SMN.0011"),  # no mail server is set up here
        ({"endpoint": "http://hooks.example"}, "SMN.0012"),
        ({"endpoint": ""}, "SMN.0012"),
        ({"endpoint": "https://user:secret@hooks.example"}, "SMN.0012"),
        ({"endpoint": 5}, "SMN.0012"),
        ({"remark": "x" * 129}, "SMN.0017"),
        ({"remark": "a\nb"}, "SMN.0017"),
        ({"subscriptions": [{"protocol": "https"}]}, "SMN.0400"),
    ],
)
async def test_a_subscription_that_cannot_be_is_refused(ops: House, changes: Any, code: str) -> None:
    answer = await ops.ask("POST", f"{OPS}/subscriptions", HOOK | changes)

    assert told(answer) == (400, code)
    assert await letters(ops) == []


async def test_an_address_that_is_closed_is_refused_with_the_cure(ops: House) -> None:
    office: Office = ops.app.state.office
    desk = replace(office.desk, permits=lambda url: False)
    ops = replace(ops, app=create_app(replace(office, desk=desk)))

    answer = await ops.ask("POST", f"{OPS}/subscriptions", HOOK)

    assert told(answer) == (400, "SMN.0012")
    assert "outgoing.allow" in answer.json()["message"]


async def test_filters_that_match_nothing_answer_nothing(ops: House) -> None:
    await subscribe(ops)

    for query in ("protocol=sms", "status=9", "endpoint=https://other", "fuzzy_remark=x", "protocol=http"):
        assert (await ops.ask("GET", f"{SUBSCRIPTIONS}?{query}")).json()["subscriptions"] == []


# --- publish ---


async def test_a_message_goes_to_everybody_who_confirmed(ops: House) -> None:
    first = await subscribe(ops)
    second = await subscribe(ops, endpoint="https://hooks.example/y")
    ops.clock.advance(120)

    answer = await ops.ask("POST", f"{OPS}/publish", {"message": "hello", "subject": "主题", "time_to_live": "60"})

    sent = await letters(ops)
    assert answer.json() == {"request_id": answer.headers["X-Request-Id"], "message_id": sent[0].message_id}
    assert {letter.subscription_urn for letter in sent} == {first, second}
    assert {(one.message_id, one.subject, one.message) for one in sent} == {(sent[0].message_id, "主题", "hello")}
    assert {one.expires_at - one.created_at for one in sent} == {timedelta(seconds=60)}


async def test_a_structure_speaks_to_each_protocol_and_wins(ops: House) -> None:
    await subscribe(ops)
    structure = json.dumps({"default": "for all", "https": "for hooks", "sms": "for nobody"})

    await ops.ask("POST", f"{OPS}/publish", {"message": "plain", "message_structure": structure})
    await ops.ask("POST", f"{OPS}/publish", {"message_structure": json.dumps({"default": "for all"})})

    assert sorted(letter.message for letter in await letters(ops)) == ["for all", "for hooks"]


async def test_nobody_hears_before_confirming(ops: House) -> None:
    await ops.ask("POST", f"{OPS}/subscriptions", HOOK)

    assert (await ops.ask("POST", f"{OPS}/publish", {"message": "hello"})).status_code == 200

    assert [letter.kind for letter in await letters(ops)] == [LetterKind.SUBSCRIPTION_CONFIRMATION]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "SMN.0009"),
        ({"message": ""}, "SMN.0009"),
        ({"message": "x" * (256 * 1024 + 1)}, "SMN.0009"),
        ({"message": "告" * (256 * 1024 // 3 + 1)}, "SMN.0009"),
        ({"message": "a\0b"}, "SMN.0009"),
        ({"message": 7}, "SMN.0009"),
        ({"message": "m", "subject": "x" * 513}, "SMN.0008"),
        ({"message": "m", "subject": "a\r\nBcc: b@c.d"}, "SMN.0008"),
        ({"message": "m", "time_to_live": 0}, "SMN.0009"),
        ({"message": "m", "time_to_live": 86_401}, "SMN.0009"),
        ({"message": "m", "time_to_live": 2**53 - 1}, "SMN.0009"),
        ({"message_structure": "{"}, "SMN.0021"),
        ({"message_structure": "[]"}, "SMN.0021"),
        ({"message_structure": '{"http": "x"}'}, "SMN.0021"),
        ({"message_structure": '{"default": 1}'}, "SMN.0021"),
        ({"message_structure": '{"default": "\\ud800"}'}, "SMN.0021"),
        ({"message_structure": "[" * 100_000}, "SMN.0021"),
        ({"message_template_name": "t"}, "SMN.0400"),
    ],
)
async def test_a_message_that_cannot_be_is_refused(ops: House, body: Any, code: str) -> None:
    await subscribe(ops)

    assert told(await ops.ask("POST", f"{OPS}/publish", body)) == (400, code)
    assert await letters(ops) == []


@pytest.mark.parametrize("message", ["x", "x" * (256 * 1024), "多行\n\ttext", "🔥"])
async def test_messages_up_to_the_limit_are_taken(ops: House, message: str) -> None:
    await subscribe(ops)

    assert (await ops.ask("POST", f"{OPS}/publish", {"message": message})).status_code == 200
    assert (await letters(ops))[0].message == message


# --- certificate, language ---


async def test_the_certificate_is_public_under_its_own_name(house: House, tmp_path: Path) -> None:
    stamp = FileStamp(tmp_path / "stamp.pem", house.clock)
    house = replace(house, app=create_app(replace(house.app.state.office, stamp=stamp)))

    answer = await follow(house, Links(ENDPOINT).to_certificate(await stamp.name()))

    assert (answer.status_code, answer.text) == (200, await stamp.certificate())
    assert (await follow(house, "/smn/certificates/other.pem")).status_code == 404


async def test_errors_are_english_unless_asked_otherwise(house: House) -> None:
    plain = await house.ask("POST", TOPICS, {"name": "a b"})
    body = json.dumps({"name": "a b"}).encode()
    headers = house.signed("POST", TOPICS, body) | {"X-Language": "zh-cn"}
    chinese = await house.ask("POST", TOPICS, body, headers)

    assert plain.json()["message"].startswith("Parameter: Name is invalid.")
    assert "主题名称无效" in chinese.json()["message"]
