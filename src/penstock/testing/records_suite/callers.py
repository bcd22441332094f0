"""Accounts, projects, users, keys and tokens."""

from dataclasses import replace

from penstock.domain.caller import Account, AccountId, Key, Project, ProjectId, Token, User, UserId
from penstock.ports.records import Records, Tx
from penstock.testing.builders import (
    PROJECT,
)
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
