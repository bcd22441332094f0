"""What stands around the services of a combination: archives or a cluster, a store, a database server; started once.

A test gives its settings as it would on the default combination; what the combination wants otherwise is put in their
stead, by the keys that an operator would set, and by nothing else.
"""

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from e2e.combination import DEFAULT, Combination
from e2e.places import Pairs, Place, SessionJobs
from e2e.shared_cluster import SharedCluster
from postgresql import PostgresqlServer
from s3_servers import S3Server, moto

_OF_PAIRS = ("cu_memory", "pool_size")  # settings that mean nothing to other engines


class Scenery:
    """Of one combination. `archives` are Flink's class archives, made once instead of by every service."""

    def __init__(self, combination: Combination = DEFAULT, environment: Mapping[str, str] | None = None) -> None:
        self.combination = combination
        self.environment = dict(environment or {})
        self.archives: Path | None = None
        self.cluster: SharedCluster | None = None
        self.s3: S3Server | None = None
        self.postgresql: PostgresqlServer | None = None

    def place(self, state: Path) -> Place:
        return SessionJobs(self.cluster) if self.cluster else Pairs(state)

    @property
    def maps_buckets(self) -> bool:
        """Whether the operator has to say where a project's bucket lies."""
        return self.s3 is not None

    def furnish(self, state: Path, settings: str) -> str:
        """The settings of a service in this state directory, as TOML."""
        document = tomllib.loads(settings)
        here = document.setdefault("places", {}).setdefault("here", {})
        if self.archives is not None:
            (state / "places" / "here" / "archives").symlink_to(self.archives)
        if self.cluster is not None:
            here |= {"engine": "session", "address": self.cluster.address}
            for key in _OF_PAIRS:
                here.pop(key, None)
        if self.postgresql is not None:
            document["database"] = {"url": self.postgresql.new_database()}
        if self.s3 is not None:
            document["store"] = self._store(state, self.s3)
        return as_toml(document)

    def _store(self, state: Path, server: S3Server) -> dict[str, Any]:
        keys = state / "s3.secret"
        keys.touch(0o600)
        keys.write_text(server.secret_key)
        return {
            "plugin": "s3",
            "endpoint": server.endpoint,
            "allow_http": True,
            "bucket": server.new_bucket(),
            "access_key": server.access_key,
            "secret_key_file": str(keys),
        }


@contextmanager
def a_scenery(
    combination: Combination,
    folder: Path,
    archives: Callable[[], Path | None],
    cluster: Callable[[Path], SharedCluster] = SharedCluster,
) -> Iterator[Scenery]:
    """Everything of it up; ended after the block. `archives` and `cluster` are asked for where the engine needs them."""
    scenery = Scenery(combination)
    with ExitStack() as stack:
        if combination.engine == "local":
            scenery.archives = archives()
        else:
            scenery.cluster = cluster(folder / "cluster")
            stack.callback(scenery.cluster.end)
        if combination.store == "s3":
            scenery.s3 = stack.enter_context(moto())
        if combination.database == "postgresql":
            scenery.postgresql = PostgresqlServer()
            stack.callback(scenery.postgresql.end)
        yield scenery


def as_toml(document: Mapping[str, Any], path: tuple[str, ...] = ()) -> str:
    """Tables, texts, numbers, truths and lists of them: JSON writes all but the tables as TOML does."""
    plain = {key: value for key, value in document.items() if not isinstance(value, Mapping)}
    head = f"[{'.'.join(map(json.dumps, path))}]\n" if path and plain else ""
    lines = "".join(f"{json.dumps(key)} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in plain.items())
    tables = {key: value for key, value in document.items() if isinstance(value, Mapping)}
    return head + lines + "".join(as_toml(table, (*path, key)) for key, table in tables.items())
