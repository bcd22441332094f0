"""The publisher on the stage of the theatre: real outbox in memory, a fake notifier, and rounds that tests play."""

import asyncio

from control.theatre import Mortal, SilentBell
from penstock.control.alarm_publisher import AlarmPublisher, Post
from penstock.control.leases import LeaseKeeper
from penstock.control.tools import Tools
from penstock.domain.links import Links
from penstock.testing.notifier import FakeNotifier, FakeVault, carriers
from penstock.testing.topic_builders import a_subscription, a_topic


class PostOffice:
    """One topic named `topic`; letters written for it are delivered by `play`."""

    def __init__(self, theatre):
        self.theatre = theatre
        self.clock, self.memory = theatre.clock, theatre.memory
        self.notifier = FakeNotifier()
        self.open()

    def open(self, holder="me", protocols=None):
        """A publisher that remembers nothing of the last one."""
        theatre = self.theatre
        records = Mortal(self.memory, theatre.fuse, {"change"})
        tools = Tools(
            records=records,
            clock=self.clock,
            ids=theatre.ids,
            bell=SilentBell(),
            store=None,
            holder=holder,
        )
        notifiers = {p: n for p, n in carriers(self.notifier).items() if protocols is None or p in protocols}
        self.lease = LeaseKeeper("outbox", tools)
        post = Post(notifiers=notifiers, vault=FakeVault(), links=Links("http://penstock"))
        self.publisher = AlarmPublisher(tools, post, self.lease)

    async def set_up(self, *subscriptions):
        def put(tx):
            tx.topics.add(a_topic())
            for subscription in subscriptions or (a_subscription(),):
                tx.subscriptions.add(subscription)

        await self.memory.change(put)

    async def write(self, *letters):
        def put(tx):
            for letter in letters:
                tx.outbox.add(letter)

        await self.memory.change(put)

    async def play(self, rounds=1, seconds=0.0):
        """Rounds that wait for what they began; the answer is the last pause."""
        pause = 0.0
        for _ in range(rounds):
            self.clock.advance(seconds)
            await self.lease.renew()
            async with asyncio.TaskGroup() as acts:
                pause = await self.publisher.look(acts)
        return pause

    async def letters(self):
        return list(await self.memory.look(lambda tx: tuple(tx.outbox._letters.values())))

    async def facts(self, job_id, prefix="alarm_"):
        history = await self.memory.look(lambda tx: tx.history.of_job(job_id))
        return [fact for fact in history if fact.what.startswith(prefix)]
