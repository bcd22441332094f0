"""What a test sees of the place that runs live in, beside the service: whatever it is that is alive of a run there."""

import json
import os
import signal
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

from e2e.shared_cluster import SharedCluster


class Place(Protocol):
    """What is alive is named by what the place calls it: processes by their pids, jobs by Flink's ids."""

    each: int  # how many of them a run of one TaskManager is

    def alive(self) -> set[str]:
        """Of all runs."""
        ...

    def alive_of(self, run: str) -> set[str]: ...

    def held(self) -> list[str]:
        """Every run that the place has anything of."""
        ...

    def kill(self, run: str, role: str) -> None:
        """The process of that role, as the machine or an operator would."""
        ...

    def lose(self, run: str) -> None:
        """The machine's end, as the job sees it."""
        ...

    def freeze(self, run: str) -> None:
        """Every process of it stands still, until it is lost."""
        ...

    def is_warm(self) -> bool:
        """Whether a run would begin at once."""
        ...

    def left(self) -> list[str]:
        """What should not be there once the service has ended without a job."""
        ...

    def clear_away(self) -> None:
        """Whatever is left; for tests that broke half-way."""
        ...


class Pairs:
    """Of the local engine: each run has processes of its own, known by their tags and their folder."""

    each = 2

    def __init__(self, state: Path) -> None:
        self._state = state

    def jvms(self) -> dict[int, dict[str, str]]:
        """The Flink processes of this state directory, wherever they come from: their tags by pid."""
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal() and (tags := _tags(entry)) and self._is_ours(entry):
                found[int(entry.name)] = tags
        return found

    def alive(self) -> set[str]:
        return set(map(str, self.jvms()))

    def alive_of(self, run: str) -> set[str]:
        return set(map(str, self.pids(run)))

    def pair_of(self, run: str) -> Path | None:
        """The scratch folder of a run."""
        for claim in self._claims():
            if json.loads(claim.read_text())["run"] == run:
                return claim.parent
        return None

    def pids(self, run: str, role: str = "") -> set[int]:
        pair = self.pair_of(run)
        if pair is None:
            return set()
        jvms = self.jvms().items()
        return {pid for pid, tags in jvms if tags["penstock.pair"] == pair.name and role in tags["penstock.role"]}

    def held(self) -> list[str]:
        return [json.loads(claim.read_text())["run"] for claim in self._claims()]

    def kill(self, run: str, role: str) -> None:
        _send(self.pids(run, role), signal.SIGKILL)

    def lose(self, run: str) -> None:
        _send(self.pids(run), signal.SIGKILL)

    def freeze(self, run: str) -> None:
        _send(self.pids(run), signal.SIGSTOP)

    def is_warm(self) -> bool:
        return bool(list(self._state.glob("places/here/pairs/*/ready")))

    def left(self) -> list[str]:
        return [*self.alive(), *map(str, self._state.glob("places/here/pairs/*"))]

    def clear_away(self) -> None:
        _send(self.jvms(), signal.SIGKILL)

    def ports(self) -> set[int]:
        births = [json.loads(birth.read_text()) for birth in self._state.glob("places/here/pairs/*/pair.json")]
        return {birth[name] for birth in births for name in ("rpc", "rest")}

    def _claims(self) -> Iterable[Path]:
        return self._state.glob("places/here/pairs/*/claim")

    def _is_ours(self, process: Path) -> bool:
        try:
            place = str((process / "cwd").readlink()).removesuffix(" (deleted)")
        except OSError:
            return False
        return Path(place).is_relative_to(self._state.resolve())


class SessionJobs:
    """Of a session cluster: what is alive are jobs among others, and to lose a process is to lose all jobs' one."""

    each = 1

    def __init__(self, cluster: SharedCluster) -> None:
        self._cluster = cluster

    def alive(self) -> set[str]:
        return self._cluster.live_jobs()

    def alive_of(self, run: str) -> set[str]:
        return {job for job in self.alive() if job.endswith(run)}

    def held(self) -> list[str]:
        return [job[8:] for job in self.alive()]

    def kill(self, run: str, role: str) -> None:
        self._cluster.replace(role)

    def lose(self, run: str) -> None:
        self._cluster.restart()

    def freeze(self, run: str) -> None:
        self._cluster.freeze()

    def is_warm(self) -> bool:
        return True

    def left(self) -> list[str]:
        return sorted(self.alive())

    def clear_away(self) -> None:
        for job in self.alive():
            self._cluster.cancel(job)


def _send(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        os.kill(pid, number)


def _tags(process: Path) -> Mapping[str, str]:
    try:
        words = (process / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return {}
    return dict(word[2:].split("=", 1) for word in words if word.startswith("-Dpenstock.") and "=" in word)
