"""Command lines and configuration: what must be there, and what must never be."""

from pathlib import Path

from penstock.flink.certificates import keys_in
from penstock.flink.distribution import Flink, Java
from penstock.flink.launch import (
    Archive,
    Folders,
    Install,
    Ports,
    as_yaml,
    configuration,
    environment,
    manager_argv,
    worker_argv,
)
from penstock.flink.sizes import MIB, manager_sizes, worker_sizes

PAIR = Path("/place/pairs/p1")
FOLDERS = Folders(conf=PAIR / "conf", logs=PAIR / "logs", tmp=PAIR / "tmp", work=PAIR / "work")
FLINK = Flink(home=Path("/flink"), version="1.20.5", jars=(Path("/flink/lib/a.jar"), Path("/flink/lib/flink-dist.jar")))
INSTALL = Install(
    flink=FLINK, java=Java(home=Path("/java"), version="21.0.8"), tags={"penstock.pair": "p1", "penstock.role": "r"}
)
SIZES = worker_sizes(1024 * MIB)
CONFIG = configuration(Ports(rpc=1, rest=2), FOLDERS, keys_in(FOLDERS.conf, "secret"), SIZES, slots=2)


def test_the_job_manager_compiles_quickly_and_the_task_manager_well() -> None:
    manager = manager_argv(INSTALL, FOLDERS, manager_sizes(1024 * MIB), Archive())
    worker = worker_argv(INSTALL, FOLDERS, SIZES, Archive(), "taskmanager-1")

    assert "-XX:TieredStopAtLevel=1" in manager
    assert "-XX:TieredStopAtLevel=1" not in worker
    assert {"-XX:+UseSerialGC", "-Dpenstock.pair=p1", "-Dpenstock.role=r"} <= set(manager) & set(worker)


def test_the_class_path_names_every_jar_with_flink_last() -> None:
    argv = manager_argv(INSTALL, FOLDERS, manager_sizes(1024 * MIB), Archive())

    assert argv[argv.index("-classpath") + 1] == "/flink/lib/a.jar:/flink/lib/flink-dist.jar"


def test_an_archive_is_used_with_its_base_and_made_at_the_exit() -> None:
    archive = Archive(use=[Path("/a/base.jsa"), Path("/a/jm.jsa")], make=Path("/a/new.jsa"))

    argv = manager_argv(INSTALL, FOLDERS, manager_sizes(1024 * MIB), archive)

    assert "-XX:SharedArchiveFile=/a/base.jsa:/a/jm.jsa" in argv
    assert "-XX:ArchiveClassesAtExit=/a/new.jsa" in argv


def test_no_password_stands_on_a_command_line() -> None:
    argv = [
        *manager_argv(INSTALL, FOLDERS, manager_sizes(1024 * MIB), Archive()),
        *worker_argv(INSTALL, FOLDERS, SIZES, Archive(), "taskmanager-1"),
    ]

    assert not any("secret" in word for word in argv)
    assert CONFIG["security.ssl.rest.keystore-password"] == "secret"


def test_nothing_is_written_outside_the_pair() -> None:
    places = [
        *(CONFIG[key] for key in ("io.tmp.dirs", "blob.storage.directory", "web.tmpdir", "web.upload.dir")),
        CONFIG["process.working-dir"],
    ]

    assert all(place.startswith(str(PAIR)) for place in places)
    assert f"-Djava.io.tmpdir={PAIR}/tmp" in manager_argv(INSTALL, FOLDERS, manager_sizes(1024 * MIB), Archive())


def test_every_address_is_loopback() -> None:
    hosts = [value for key, value in CONFIG.items() if key.endswith(("address", "host")) and "ssl" not in key]

    assert set(hosts) == {"127.0.0.1"}


def test_a_finished_job_is_remembered_for_as_long_as_pekko_can_count() -> None:
    assert 5 * 365 * 24 * 3600 < int(CONFIG["jobstore.expiration-time"]) < 214_748_363


def test_the_environment_is_ours_alone() -> None:
    env = environment(INSTALL, FOLDERS, "Asia/Shanghai")

    assert env["TZ"] == "Asia/Shanghai"
    assert env["LC_ALL"] == "C.UTF-8"
    assert "TZ" not in environment(INSTALL, FOLDERS, None)


def test_yaml_keeps_every_value_a_string() -> None:
    assert as_yaml({"b": "2", "a": 'x "y": z'}) == 'a: "x \\"y\\": z"\nb: "2"\n'
