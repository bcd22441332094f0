"""Accounts, projects, users, keys and tokens."""

from dataclasses import replace

import pytest

from penstock.domain.caller import PASSWORD, Account, AccountId, Key, Project, ProjectId, Token, User, UserId
from penstock.domain.errors import AlreadyExists
from penstock.ports.records import Records, Tx
from penstock.testing.builders import PROJECT
from penstock.testing.clock import NOON
from penstock.testing.records_suite.stored_jobs import ELSEWHERE, SECOND


class CallersSuite:
    """Accounts, projects, users, keys and tokens."""

    account = Account(id=AccountId("a"), name="account")
    project = Project(id=PROJECT, account_id=AccountId("a"), name="region-1")
    person = User(id=UserId("u"), account_id=AccountId("a"), name="operator", is_operator=True)

    def meet(self, tx: Tx) -> None:
        tx.callers.add_account(self.account)
        tx.callers.add_project(self.project)
        tx.callers.add_project(replace(self.project, id=ELSEWHERE, name="region-0"))
        tx.callers.add_user(self.person)

    async def test_records_are_empty_until_somebody_is_known(self, records: Records) -> None:
        assert await records.look(lambda tx: tx.callers.is_empty())

        await records.change(self.meet)

        assert not await records.look(lambda tx: tx.callers.is_empty())

    async def test_callers_are_kept_as_they_were_added(self, records: Records) -> None:
        await records.change(self.meet)

        assert await records.look(lambda tx: tx.callers.user(self.person.id)) == self.person
        assert await records.look(lambda tx: tx.callers.user(UserId("?"))) is None
        assert await records.look(lambda tx: tx.callers.project(PROJECT)) == self.project
        assert await records.look(lambda tx: tx.callers.project(ProjectId("?"))) is None
        owned = await records.look(lambda tx: tx.callers.projects_of(self.account.id))
        assert [project.name for project in owned] == ["region-0", "region-1"]

    async def test_keys_are_found_by_name_and_by_user(self, records: Records) -> None:
        key = Key(access="AK", sealed_secret=b"\x00\xff", user_id=self.person.id, created_at=NOON)
        older = replace(key, access="ZK", created_at=NOON - SECOND)

        def add(tx: Tx) -> None:
            self.meet(tx)
            tx.callers.add_key(key)
            tx.callers.add_key(older)

        await records.change(add)

        assert await records.look(lambda tx: tx.callers.key("AK")) == key
        assert await records.look(lambda tx: tx.callers.key("ak")) is None
        assert await records.look(lambda tx: tx.callers.keys_of(self.person.id)) == [older, key]

    async def test_expired_tokens_are_forgotten(self, records: Records) -> None:
        fresh = Token(
            hash="f" * 64, user_id=self.person.id, project_id=PROJECT, issued_at=NOON, expires_at=NOON + SECOND
        )
        expired = replace(fresh, hash="e" * 64, expires_at=NOON - SECOND)

        def add(tx: Tx) -> None:
            self.meet(tx)
            tx.callers.add_token(fresh)
            tx.callers.add_token(expired)

        await records.change(add)

        assert await records.look(lambda tx: tx.callers.token(expired.hash)) == expired
        assert await records.change(lambda tx: tx.callers.forget_tokens(NOON)) == 1
        assert await records.look(lambda tx: tx.callers.token(expired.hash)) is None
        assert await records.look(lambda tx: tx.callers.token(fresh.hash)) == fresh

    async def test_accounts_users_and_projects_are_listed_in_order(self, records: Records) -> None:
        second = Account(id=AccountId("0"), name="zoo")
        theirs = replace(self.project, id=ProjectId("z"), account_id=second.id)
        stranger = replace(self.person, id=UserId("0"), account_id=second.id, name="another")

        def add(tx: Tx) -> None:
            tx.callers.add_account(second)
            tx.callers.add_project(theirs)
            tx.callers.add_user(stranger)
            self.meet(tx)

        await records.change(add)

        assert await records.look(lambda tx: tx.callers.accounts()) == [self.account, second]
        assert await records.look(lambda tx: tx.callers.account(second.id)) == second
        assert await records.look(lambda tx: tx.callers.account(AccountId("?"))) is None
        named = [(found.account_id, found.name) for found in await records.look(lambda tx: tx.callers.projects())]
        assert named == [("a", "region-0"), ("a", "region-1"), ("0", "region-1")]
        assert await records.look(lambda tx: tx.callers.users()) == [self.person, stranger]

    async def test_users_and_projects_change(self, records: Records) -> None:
        disabled = replace(self.person, password_hash="scrypt$1", disabled_at=NOON)  # noqa: S106 - no secret
        closed = replace(self.project, closed_at=NOON)

        def change(tx: Tx) -> None:
            self.meet(tx)
            tx.callers.save_user(disabled)
            tx.callers.save_project(closed)

        await records.change(change)

        assert await records.look(lambda tx: tx.callers.user(disabled.id)) == disabled
        assert await records.look(lambda tx: tx.callers.user_named(disabled.account_id, disabled.name)) == disabled
        assert await records.look(lambda tx: tx.callers.user_named(disabled.account_id, "nobody")) is None
        assert await records.look(lambda tx: tx.callers.project(closed.id)) == closed

    async def test_names_are_taken_once_in_an_account(self, records: Records) -> None:
        await records.change(self.meet)

        again = replace(self.person, id=UserId("other"))
        with pytest.raises(AlreadyExists):
            await records.change(lambda tx: tx.callers.add_user(again))
        with pytest.raises(AlreadyExists):
            await records.change(lambda tx: tx.callers.add_project(replace(self.project, id=ProjectId("other"))))
        assert await records.look(lambda tx: tx.callers.user(again.id)) is None

    async def test_keys_and_tokens_are_forgotten_by_name(self, records: Records) -> None:
        key = Key(access="AK", sealed_secret=b"s", user_id=self.person.id, created_at=NOON)
        token = Token(hash="f" * 64, user_id=self.person.id, project_id=None, issued_at=NOON, expires_at=NOON + SECOND)

        def add(tx: Tx) -> None:
            self.meet(tx)
            tx.callers.add_key(key)
            tx.callers.add_token(token)

        await records.change(add)

        assert await records.look(lambda tx: tx.callers.token(token.hash)) == token
        assert await records.change(lambda tx: (tx.callers.forget_key("AK"), tx.callers.forget_token(token.hash))) == (
            True,
            True,
        )
        assert await records.change(lambda tx: (tx.callers.forget_key("AK"), tx.callers.forget_token(token.hash))) == (
            False,
            False,
        )
        assert await records.look(lambda tx: (tx.callers.key("AK"), tx.callers.token(token.hash))) == (None, None)

    async def test_tokens_are_listed_by_the_beginning_of_their_hash(self, records: Records) -> None:
        old = Token(
            hash="ab" * 32,
            user_id=self.person.id,
            project_id=PROJECT,
            issued_at=NOON,
            expires_at=NOON + SECOND,
            method=PASSWORD,
        )
        new = replace(old, hash="ac" * 32, issued_at=NOON + SECOND)

        def add(tx: Tx) -> None:
            self.meet(tx)
            tx.callers.add_token(old)
            tx.callers.add_token(new)

        await records.change(add)

        assert await records.look(lambda tx: tx.callers.tokens()) == [new, old]
        assert await records.look(lambda tx: tx.callers.tokens(limit=1, offset=1)) == [old]
        assert await records.look(lambda tx: tx.callers.tokens("aba")) == [old]
        assert await records.look(lambda tx: tx.callers.tokens("%")) == []
