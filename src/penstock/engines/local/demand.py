"""What the pool should hold: the shapes that were asked for lately."""

from collections import Counter, deque
from collections.abc import Iterable

from penstock.engines.local.shape import Shape

_LATELY = 16  # asks


class Demand:
    """Remembers the last asks; before the first one it expects the smallest shape, which is DLI's default job."""

    def __init__(self, asked: Iterable[Shape] = ()) -> None:
        self._asked = deque(asked, maxlen=_LATELY)

    @property
    def asked(self) -> tuple[Shape, ...]:
        return tuple(self._asked)

    def ask(self, shape: Shape) -> None:
        self._asked.append(shape)

    def wanted(self, size: int) -> Counter[Shape]:
        """How many idle pairs of which shape, `size` in all: the commoner one first, of equals the later one."""
        if not self._asked:
            return Counter({Shape(): size} if size else {})
        counts = Counter(self._asked)
        latest = {shape: place for place, shape in enumerate(self._asked)}
        wanted: Counter[Shape] = Counter()
        for _ in range(size):
            wanted[max(counts, key=lambda shape: (counts[shape] / (wanted[shape] + 1), latest[shape]))] += 1
        return wanted
