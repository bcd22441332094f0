"""How much memory this machine, or the container that we are in, has."""

from collections.abc import Iterator
from pathlib import Path

_UNLIMITED = 1 << 60


def machine_memory(root: Path = Path("/")) -> int:
    """Bytes; the smallest of the machine's memory and every limit set on us."""
    return min([_total(root), *_limits(root)])


def _total(root: Path) -> int:
    for line in (root / "proc/meminfo").read_text().splitlines():
        if line.startswith("MemTotal:"):
            return int(line.split()[1]) * 1024
    raise ValueError("/proc/meminfo has no MemTotal")


def _limits(root: Path) -> Iterator[int]:
    for line in (root / "proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            yield from _along(root / "sys/fs/cgroup", path, "memory.max")
        elif "memory" in controllers.split(","):
            yield from _along(root / "sys/fs/cgroup/memory", path, "memory.limit_in_bytes")


def _along(mount: Path, path: str, name: str) -> Iterator[int]:
    """A group is bound by its parents' limits too; inside a container the mount may show only our own group."""
    places = [mount.joinpath(*part.parts[1:]) for part in (Path(path), *Path(path).parents)]
    for place in dict.fromkeys([*places, mount]):
        try:
            text = (place / name).read_text().strip()
        except OSError:
            continue
        if text.isdecimal() and int(text) < _UNLIMITED:
            yield int(text)
