"""A real Flink session cluster for tests, from the parts of PyPI: started, paused, killed, and cut off in its networks.

Its processes are ended by their pid, by whoever started them; nothing of them is found by name.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from networks import Network
from penstock.domain.errors import EngineUnavailable
from penstock.engines.local import machine
from penstock.flink import launch
from penstock.flink.certificates import Keys, client_context, keys_in, make_keys
from penstock.flink.distribution import find_flink, find_java
from penstock.flink.launch import LOOPBACK, Archive, Folders, Install, Ports
from penstock.flink.rest import ClusterView, FlinkRest, Manners
from penstock.flink.sizes import MIB, manager_sizes, worker_sizes
from penstock.ports.clock import SystemClock

MANAGER = "jobmanager"
KEEPER = "zookeeper"
_QUORUM_PEER = "org.apache.flink.runtime.zookeeper.FlinkZooKeeperQuorumPeer"
_UP_LIMIT = 120.0  # seconds; a cold start on a busy machine
_MANAGER_MEMORY = 640 * MIB
_WORKER_MEMORY = 768 * MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a cluster is to be."""

    slots: int = 4  # of each TaskManager
    task_managers: int = 1
    tls: bool = False  # REST with client certificates
    config: Mapping[str, str] = field(default_factory=dict)  # beside our own
    network: Network | None = None  # else everything is on loopback
    high_availability: bool = False  # a JobManager that is started again finds its jobs by ZooKeeper


class SessionCluster:
    """One JobManager and its TaskManagers; a JobManager that is started again knows nothing of its jobs."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        names = {name: folder / name for name in ("conf", "logs", "tmp", "work")}
        for place in names.values():
            place.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.plan = plan
        self.processes: dict[str, machine.Process] = {}
        self._folders = Folders(**names)
        self._install = Install(flink=find_flink(None, os.environ), java=find_java(None, os.environ))
        rpc = machine.free_port(frozenset())
        self._ports = Ports(rpc=rpc, rest=machine.free_port(frozenset({rpc})))
        self._started = 0
        self._keeper = [machine.free_port(frozenset()) for _ in range(3)]  # client, followers, elections
        self.keys: Keys = make_keys(self._folders.conf, SystemClock().now())
        self._configure()

    @property
    def host(self) -> str:
        return self.plan.network.address(MANAGER) if self.plan.network else LOOPBACK

    @property
    def address(self) -> str:
        return f"{'https' if self.plan.tls else 'http'}://{self.host}:{self._ports.rest}"

    @property
    def pem(self) -> Path:
        """Key and certificate: what the cluster trusts, and shows itself."""
        return keys_in(self._folders.conf).pem

    def rest(self) -> FlinkRest:
        """Whoever takes it closes it."""
        return FlinkRest(self.address, Manners(context=client_context(self.keys) if self.plan.tls else True))

    def start_manager(self) -> None:
        argv = launch.manager_argv(self._install, self._folders, manager_sizes(_MANAGER_MEMORY), Archive())
        self._spawn(MANAGER, argv)

    def start_worker(self) -> str:
        """Its name, one that the cluster never saw."""
        self._started += 1
        name = f"taskmanager-{self._started}"
        argv = launch.worker_argv(self._install, self._folders, worker_sizes(_WORKER_MEMORY), Archive(), name)
        host = self.plan.network.address(name) if self.plan.network else LOOPBACK
        self._spawn(name, [*argv, "-D", f"taskmanager.host={host}"])
        return name

    def start_keeper(self) -> None:
        """The ZooKeeper inside Flink's own jar."""
        client, followers, elections = self._keeper
        data = self.folder / "zookeeper"
        data.mkdir(exist_ok=True)
        settings = self._folders.conf / "zoo.cfg"
        settings.write_text(
            f"dataDir={data}\nclientPort={client}\nclientPortAddress={LOOPBACK}\ntickTime=500\ninitLimit=10\n"
            f"syncLimit=5\nadmin.enableServer=false\nserver.1={LOOPBACK}:{followers}:{elections}\n"
        )
        jars = ":".join(map(str, self._install.flink.jars))
        java = [str(self._install.java.binary), "-Xmx128m", "-classpath", jars]
        self._spawn(KEEPER, [*java, _QUORUM_PEER, "--zkConfigFile", str(settings), "--peerId", "1"])

    async def start(self) -> None:
        if self.plan.high_availability:
            self.start_keeper()
        self.start_manager()
        for _ in range(self.plan.task_managers):
            self.start_worker()
        await self.until(lambda view: view.free_slots >= self.plan.task_managers * self.plan.slots)

    async def until(self, is_so: Callable[[ClusterView], bool]) -> None:
        rest = self.rest()
        try:
            async with asyncio.timeout(_UP_LIMIT):
                while True:
                    try:
                        if is_so(await rest.cluster()):
                            return
                    except EngineUnavailable:
                        pass
                    await asyncio.sleep(0.1)
        finally:
            await rest.close()

    def pause(self, name: str = MANAGER) -> None:
        machine.send(self.processes[name], signal.SIGSTOP)

    def resume(self, name: str = MANAGER) -> None:
        machine.send(self.processes[name], signal.SIGCONT)

    async def kill(self, *names: str) -> None:
        """These, or all of them."""
        chosen = names or tuple(self.processes)
        await machine.kill([self.processes.pop(name) for name in chosen])

    def _recovery(self) -> dict[str, str]:
        return {
            "high-availability.type": "zookeeper",
            "high-availability.zookeeper.quorum": f"{LOOPBACK}:{self._keeper[0]}",
            "high-availability.zookeeper.client.session-timeout": "4000",
            "high-availability.storageDir": f"file://{self.folder}/recovery",
        }

    def _spawn(self, name: str, argv: list[str]) -> None:
        env = launch.environment(self._install, self._folders, None)
        inside = self.plan.network.inside(name) if self.plan.network else []
        output = self._folders.logs / name
        command = machine.Command(argv=[*inside, *argv], env=env, folder=self._folders.work, output=output)
        self.processes[name] = machine.spawn(command)

    def _configure(self) -> None:
        workers = worker_sizes(_WORKER_MEMORY)
        config = launch.configuration(self._ports, self._folders, self.keys, workers, self.plan.slots)
        if not self.plan.tls:
            config = {key: value for key, value in config.items() if not key.startswith("security.ssl.")}
        if self.plan.network:
            config |= {"jobmanager.rpc.address": self.host, "rest.address": self.host}
            config |= dict.fromkeys(("jobmanager.bind-host", "rest.bind-address", "taskmanager.bind-host"), "0.0.0.0")
        if self.plan.high_availability:
            config |= self._recovery()
        config.pop("taskmanager.host")
        text = launch.as_yaml({**config, **self.plan.config})
        (self._folders.conf / "config.yaml").write_text(text, encoding="utf-8")
        log4j = Path(launch.__file__).with_name("log4j2.properties")
        (self._folders.conf / log4j.name).write_bytes(log4j.read_bytes())


@asynccontextmanager
async def a_session_cluster(folder: Path, plan: Plan | None = None) -> AsyncIterator[SessionCluster]:
    """Up, with all its slots free."""
    cluster = SessionCluster(folder, plan or Plan())
    try:
        await cluster.start()
        yield cluster
    finally:
        await cluster.kill()
