"""The log files of fake runs: they grow, are rolled, vanish, and pretend to be what they are not."""

from dataclasses import dataclass, field, replace

from penstock.domain.log import LogFile, LogListing


@dataclass(slots=True)
class FakeLogs:
    """Of one run; the files by name, each with its incarnations, oldest first."""

    files: dict[str, list[tuple[str, bytearray]]] = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    is_final: bool = False
    made: int = 0

    def write(self, name: str, data: bytes) -> None:
        if name not in self.files:
            self.roll(name)
        self.files[name][-1][1].extend(data)

    def roll(self, name: str) -> None:
        """From here on the name is another file's."""
        self.made += 1
        self.files.setdefault(name, []).append((f"inode-{self.made}", bytearray()))

    def roll_away(self, name: str) -> None:
        """The oldest is deleted, as log4j2 does it."""
        del self.files[name][0]

    def listing(self) -> LogListing:
        return LogListing(
            files=tuple(file for name in sorted(self.files) for file in self._incarnations(name)),
            is_final=self.is_final,
            refused=self.refused,
        )

    def read(self, file: LogFile, offset: int, limit: int) -> bytes:
        found = dict(self.files.get(file.name, ())).get(file.incarnation, bytearray())
        return bytes(found[offset : offset + limit])

    def _incarnations(self, name: str) -> list[LogFile]:
        found = [LogFile(name, incarnation, len(data), grows=False) for incarnation, data in self.files[name]]
        return [*found[:-1], replace(found[-1], grows=not self.is_final)]
