"""One sentence in the two languages that DLI speaks."""

from typing import NamedTuple


class Pair(NamedTuple):
    """One sentence, twice."""

    zh: str
    en: str
