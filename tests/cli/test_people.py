"""`penstock user`, `project`, `key` and `token`."""

import io

import pytest

OURS = "/penstock/v1"
ACME = {"id": "a" * 32, "name": "acme"}
ANN = {
    "id": "1" * 32,
    "name": "ann",
    "account": ACME,
    "is_operator": False,
    "has_password": True,
    "disabled_at": None,
}
HOME = {"id": "h" * 32, "name": "home"}
PROJECT = {"id": "2" * 32, "name": "cn-north-4", "account": ACME, "closed_at": None}
KEY = {"access_key": "AKNEW", "user": {"id": ANN["id"], "name": "ann"}, "account": ACME}
KEY |= {"created_at": "2025-06-01T12:00:00Z"}
TOKEN = {
    "prefix": "0123456789ab",
    "user": {"id": ANN["id"], "name": "ann"},
    "account": ACME,
    "project": None,
    "method": "password",
    "issued_at": "2025-06-01T12:00:00Z",
    "expires_at": "2025-06-02T12:00:00Z",
}


def knows(service, *users):
    service.answers_to("GET", f"{OURS}/users", {"users": list(users or (ANN,)), "next": None})


def sent(service):
    return [(asked.method, asked.path, asked.document if asked.body else None) for asked in service.asked]


def test_a_user_is_made_with_a_password_from_standard_input(service, penstock, monkeypatch):
    service.answers_to("POST", f"{OURS}/users", ANN, 201)
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse\n"))

    outcome = penstock("user", "create", "ann", "--account", "acme", "--password-stdin")

    asked = {"name": "ann", "account": "acme", "is_operator": False, "password": "correct horse"}
    assert sent(service) == [("POST", f"{OURS}/users", asked)]
    assert (outcome.code, "penstock key create --user" in outcome.out) == (0, True)
    assert "correct horse" not in outcome.out + outcome.err


def test_an_empty_input_is_no_password(service, penstock, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))

    outcome = penstock("user", "create", "ann", "--password-stdin")

    assert (outcome.code, service.asked, "What to do:" in outcome.err) == (1, [], True)


def test_a_password_is_set_and_taken_away(service, penstock, monkeypatch):
    knows(service)
    path = f"{OURS}/users/{ANN['id']}/password"
    service.answers_to("PUT", path, None, 204)
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse"))

    assert penstock("user", "password", "ann", "--password-stdin").code == 0
    assert penstock("user", "password", "acme/ann").code == 0
    bodies = [asked.document for asked in service.asked if asked.method == "PUT"]
    assert bodies == [{"password": "correct horse"}, {"password": ""}]


def test_lists_go_through_every_page(service, penstock):
    service.answers_to("GET", f"{OURS}/users", {"users": [ANN], "next": 1})
    service.answers_to("GET", f"{OURS}/users", {"users": [ANN | {"name": "bob"}], "next": None})

    outcome = penstock("user", "list")

    assert outcome.out.splitlines()[0].split() == ["ACCOUNT", "NAME", "ID", "OPERATOR", "PASSWORD", "DISABLED"]
    assert [line.split()[1] for line in outcome.out.splitlines()[1:]] == ["ann", "bob"]
    assert [asked.query["cursor"] for asked in service.asked] == ["0", "1"]


@pytest.mark.parametrize("named", ["ann", "acme/ann", ANN["id"]])
def test_a_user_is_disabled_by_name_or_id(service, penstock, named):
    knows(service, ANN | {"id": "9" * 32, "disabled_at": "2025-06-01T12:00:00Z"}, ANN)
    service.answers_to("DELETE", f"{OURS}/users/{ANN['id']}", None, 204)

    assert penstock("user", "revoke", named).code == 0


def test_a_name_in_two_accounts_has_to_be_told_apart(service, penstock):
    knows(service, ANN, ANN | {"id": "3" * 32, "account": HOME})

    outcome = penstock("user", "revoke", "ann")

    assert outcome.code == 1
    assert "name one of them: acme/ann, home/ann" in outcome.err


def test_nobody_of_that_name_is_said(service, penstock):
    knows(service)

    assert "penstock user list" in penstock("key", "create", "--user", "bob").err


def test_projects_are_made_listed_and_closed(service, penstock):
    service.answers_to("POST", f"{OURS}/projects", PROJECT, 201)
    service.answers_to("GET", f"{OURS}/projects", {"projects": [PROJECT], "next": None})
    service.answers_to("DELETE", f"{OURS}/projects/{PROJECT['id']}", None, 204)

    made = penstock("project", "create", "cn-north-4", "--account", "acme")
    listed = penstock("project", "list", "--json")
    closed = penstock("project", "revoke", "cn-north-4")

    assert (made.code, listed.document, closed.code) == (0, [PROJECT], 0)


def test_a_new_key_shows_its_secret_once(service, penstock):
    knows(service)
    service.answers_to("POST", f"{OURS}/keys", KEY | {"secret_key": "SKNEW"}, 201)

    outcome = penstock("key", "create", "--user", "ann")

    assert service.posted(f"{OURS}/keys") == [{"user_id": ANN["id"]}]
    assert "SKNEW" in outcome.out
    assert "not shown again" in outcome.err


def test_keys_are_listed_and_revoked(service, penstock):
    service.answers_to("GET", f"{OURS}/keys", {"keys": [KEY], "next": None})
    service.answers_to("DELETE", f"{OURS}/keys/AKNEW", None, 204)

    assert penstock("key", "list").out.splitlines()[1].split()[:3] == ["AKNEW", "acme", "ann"]
    assert penstock("key", "revoke", "AKNEW").code == 0


@pytest.mark.parametrize(("life", "seconds"), [("90m", 5400), ("24h", 86_400), ("365d", 31_536_000), ("60s", 60)])
def test_a_token_lives_as_long_as_asked(service, penstock, life, seconds):
    made = {"token": "T", "project_id": "p1", "expires_at": "2025-06-02T12:00:00Z"}
    service.answers_to("POST", f"{OURS}/tokens", made, 201)

    outcome = penstock("token", "create", "--life", life, "--json")

    assert (outcome.document, service.posted(f"{OURS}/tokens")) == (made, [{"life": seconds, "project_id": "p1"}])


def test_a_token_for_another_user_is_for_their_first_project(service, penstock):
    knows(service)
    made = {"token": "T", "project_id": "p2", "expires_at": "2025-06-02T12:00:00Z"}
    service.answers_to("POST", f"{OURS}/tokens", made, 201)

    outcome = penstock("token", "create", "--user", "ann")

    assert service.posted(f"{OURS}/tokens") == [{"life": 86_400, "user_id": ANN["id"]}]
    assert outcome.out.splitlines()[0].split() == ["token", "T"]


@pytest.mark.parametrize("life", ["", "1", "d", "1w", "-1d", "1.5h"])
def test_a_span_that_is_none_is_refused(service, penstock, life):
    assert (penstock("token", "create", "--life", life).code, service.asked) == (2, [])


def test_tokens_are_listed_and_revoked(service, penstock):
    service.answers_to("GET", f"{OURS}/tokens", {"tokens": [TOKEN], "next": None})
    service.answers_to("DELETE", f"{OURS}/tokens/0123456789ab", None, 204)

    assert penstock("token", "list").out.splitlines()[1].split()[:4] == [
        "0123456789ab",
        "acme/ann",
        "(all)",
        "password",
    ]
    assert penstock("token", "revoke", "0123456789ab").code == 0


def test_whoever_is_no_operator_is_told_what_to_do(service, penstock):
    problem = {"title": "Forbidden", "status": 403, "detail": "Only an operator may do this.", "faults": []}
    service.answers_to("GET", f"{OURS}/users", problem, 403)

    outcome = penstock("user", "list")

    assert (outcome.code, "ask the operator" in outcome.err) == (1, True)
