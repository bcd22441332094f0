"""The command lines and the configuration of Flink's processes: plain values in, plain values out.

Why each flag is there: serial collectors and C1 on the JobManager halve the processor time of a start; C1 on a
TaskManager would halve its throughput. Pekko's schedulers tick every 10 ms by default, which is most of an idle
process's processor time. The exports and opens are those of Flink's own `bin/config.sh`, less what a small runtime
does not have.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from penstock.flink.certificates import Keys
from penstock.flink.distribution import Flink, Java
from penstock.flink.sizes import ManagerSizes, WorkerSizes

LOOPBACK = "127.0.0.1"
_MANAGER = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint"
_WORKER = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner"
_EXPORTS = ("java.base/sun.net.util", "java.rmi/sun.rmi.registry", "java.security.jgss/sun.security.krb5")
_OPENS = (
    *("lang", "lang.reflect", "net", "io", "nio", "text", "time", "util"),
    *("util.concurrent", "util.concurrent.atomic", "util.concurrent.locks"),
)
# Pekko counts ticks in 31 bits: with ticks of 100 ms nothing may lie more than 6.8 years ahead, or Flink does not start.
_SIX_YEARS = 6 * 365 * 24 * 3600
_FIRST_HEAP = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """The folders of one Flink cluster on this machine; nothing of it is written elsewhere."""

    conf: Path
    logs: Path
    tmp: Path
    work: Path  # the working directory of every process, so relative paths of user code agree


@dataclass(frozen=True, slots=True, kw_only=True)
class Install:
    """The parts a process is started from."""

    flink: Flink
    java: Java
    tags: Mapping[str, str] = field(default_factory=dict)  # system properties that a process is recognised by


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A class data archive: used if `use` is given, made at the process's exit if `make` is."""

    use: Sequence[Path] = ()
    make: Path | None = None

    def flags(self) -> list[str]:
        flags = [f"-XX:SharedArchiveFile={':'.join(map(str, self.use))}", "-Xshare:auto"] if self.use else []
        return [*flags, f"-XX:ArchiveClassesAtExit={self.make}"] if self.make else flags


def manager_argv(install: Install, folders: Folders, sizes: ManagerSizes, archive: Archive) -> list[str]:
    """A JobManager; a session cluster, so that every engine speaks the same REST."""
    flags = [
        "-XX:TieredStopAtLevel=1",
        f"-Xmx{sizes.heap}",
        f"-Xms{min(_FIRST_HEAP, sizes.heap)}",
        f"-XX:MaxDirectMemorySize={sizes.off_heap}",
        f"-XX:MaxMetaspaceSize={sizes.metaspace}",
    ]
    program = [_MANAGER, "--configDir", str(folders.conf), "--executionMode", "cluster"]
    return [*_java(install, folders, "jobmanager", [*flags, *archive.flags()]), *program]


def worker_argv(install: Install, folders: Folders, sizes: WorkerSizes, archive: Archive, name: str) -> list[str]:
    """A TaskManager; `name` is its resource id and that of its log."""
    flags = [
        f"-Xmx{sizes.heap}",
        f"-Xms{min(_FIRST_HEAP, sizes.heap)}",
        f"-XX:MaxDirectMemorySize={sizes.direct}",
        f"-XX:MaxMetaspaceSize={sizes.metaspace}",
    ]
    program = [_WORKER, "--configDir", str(folders.conf), "-D", f"taskmanager.resource-id={name}"]
    return [*_java(install, folders, name, [*flags, *archive.flags()]), *program]


def environment(install: Install, folders: Folders, time_zone: str | None) -> dict[str, str]:
    """Nothing of ours is handed on: our environment may hold secrets."""
    env = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(folders.work),
        "LC_ALL": "C.UTF-8",  # file names of user data may be Chinese, and Java decodes names by the locale
        "FLINK_CONF_DIR": str(folders.conf),
        "FLINK_LIB_DIR": str(install.flink.home / "lib"),
        "FLINK_PLUGINS_DIR": str(install.flink.plugins),
        "FLINK_LOG_DIR": str(folders.logs),
    }
    return env | ({"TZ": time_zone} if time_zone else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The two that others must know; the rest are chosen by the operating system."""

    rpc: int
    rest: int


def configuration(ports: Ports, folders: Folders, keys: Keys, workers: WorkerSizes, slots: int) -> dict[str, str]:
    """The whole configuration of a cluster; holds the passwords, so its file is of mode 0600."""
    return _addresses(ports) | _upkeep() | _places(folders) | _guard(keys) | _memory(workers, slots)


def as_yaml(config: Mapping[str, str]) -> str:
    """Flink's `config.yaml`: JSON strings are YAML, and quoting keeps Flink from guessing types."""
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in sorted(config.items()))


def _java(install: Install, folders: Folders, name: str, flags: Sequence[str]) -> list[str]:
    tags = [f"-D{key}={value}" for key, value in install.tags.items()]
    opens = [f"java.base/java.{package}" for package in _OPENS]
    return [
        str(install.java.binary),
        *tags,
        "-XX:+UseSerialGC",
        "-XX:-UsePerfData",  # it would leave a file in /tmp behind when the process is killed
        *flags,
        "-Dpekko.scheduler.tick-duration=100ms",
        "-Djava.security.manager=allow",  # Java 18 and newer: needed to turn System.exit in user code into an error
        f"-Djava.io.tmpdir={folders.tmp}",
        f"-XX:ErrorFile={folders.logs}/{name}.crash.log",
        f"-Dlog.file={folders.logs}/{name}.log",
        f"-Dlog4j.configurationFile=file:{folders.conf}/log4j2.properties",
        *(f"--add-exports={export}=ALL-UNNAMED" for export in _EXPORTS),
        *(f"--add-opens={module}=ALL-UNNAMED" for module in [*opens, "java.base/sun.nio.ch"]),
        "-classpath",
        ":".join(map(str, install.flink.jars)),
    ]


def _addresses(ports: Ports) -> dict[str, str]:
    return {
        "jobmanager.rpc.address": LOOPBACK,
        "jobmanager.rpc.port": str(ports.rpc),
        "jobmanager.bind-host": LOOPBACK,
        "rest.address": LOOPBACK,
        "rest.bind-address": LOOPBACK,
        "rest.port": str(ports.rest),
        "rest.bind-port": str(ports.rest),
        "taskmanager.host": LOOPBACK,
        "taskmanager.bind-host": LOOPBACK,
        "blob.server.port": "0",
    }


def _upkeep() -> dict[str, str]:
    return {
        "cluster.registration.error-delay": "200 ms",  # default 10 s: a TaskManager that was up first waits it out
        "cluster.intercept-user-system-exit": "THROW",
        "execution.checkpointing.num-retained": "3",  # an older one is there if the newest cannot be read
        "heartbeat.interval": "2000",
        "heartbeat.timeout": "6000",
        "heartbeat.rpc-failure-threshold": "1",
        "jobstore.expiration-time": str(_SIX_YEARS),  # else a job that ended is forgotten after an hour
        "metrics.fetcher.update-interval": "1000",
        "restart-strategy.type": "none",
        "web.refresh-interval": "100",
    }


def _places(folders: Folders) -> dict[str, str]:
    return {
        "io.tmp.dirs": str(folders.tmp),
        "blob.storage.directory": str(folders.tmp),
        "web.tmpdir": str(folders.tmp),
        "web.upload.dir": str(folders.tmp),
        "process.working-dir": str(folders.tmp),
    }


def _guard(keys: Keys) -> dict[str, str]:
    return {
        "security.ssl.rest.enabled": "true",
        "security.ssl.rest.authentication-enabled": "true",
        "security.ssl.rest.keystore": str(keys.key_store),
        "security.ssl.rest.keystore-password": keys.password,
        "security.ssl.rest.key-password": keys.password,
        "security.ssl.rest.truststore": str(keys.trust_store),
        "security.ssl.rest.truststore-password": keys.password,
        # The defaults, TLSv1.2 with an RSA cipher, have nothing in common with a key on an elliptic curve.
        "security.ssl.protocol": "TLSv1.3",
        "security.ssl.algorithms": "TLS_AES_128_GCM_SHA256",
    }


def _memory(sizes: WorkerSizes, slots: int) -> dict[str, str]:
    """Every size of a TaskManager must be given: it does no arithmetic of its own."""
    return {
        "taskmanager.numberOfTaskSlots": str(slots),
        "taskmanager.cpu.cores": str(slots),
        "external-resources": "none",
        "taskmanager.memory.framework.heap.size": f"{sizes.framework_heap}b",
        "taskmanager.memory.task.heap.size": f"{sizes.task_heap}b",
        "taskmanager.memory.framework.off-heap.size": f"{sizes.framework_off_heap}b",
        "taskmanager.memory.task.off-heap.size": f"{sizes.task_off_heap}b",
        "taskmanager.memory.network.min": f"{sizes.network}b",
        "taskmanager.memory.network.max": f"{sizes.network}b",
        "taskmanager.memory.managed.size": f"{sizes.managed}b",
        "taskmanager.memory.jvm-metaspace.size": f"{sizes.metaspace}b",
        "taskmanager.memory.jvm-overhead.min": f"{sizes.overhead}b",
        "taskmanager.memory.jvm-overhead.max": f"{sizes.overhead}b",
    }
