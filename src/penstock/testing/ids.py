"""Names that a test can foretell: they count."""

from itertools import count


class CountingIds:
    """`ports.ids.Ids`: `…0001`, `…0002`, and so on; secrets too."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def hex(self, digits: int) -> str:
        return f"{next(self._numbers):0{digits}x}"

    def secret(self, length: int) -> str:
        return f"{next(self._numbers):0{length}d}"
