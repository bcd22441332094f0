"""What a job's arguments say about its rehearsal; every other argument is the job's own and means nothing here."""

from collections.abc import Sequence
from dataclasses import dataclass

_SAYS = "as its arguments ask"
USAGE = "--finishes-after SECONDS, --fails-after SECONDS, --refused, and --says WORDS with the reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """How a rehearsal goes; seconds count from the moment at which it runs. Without an end it runs until stopped."""

    finishes_after: float | None = None
    fails_after: float | None = None
    refused: bool = False
    says: str = _SAYS


def script_of(arguments: Sequence[str]) -> Script:
    """Arguments that make no sense give a script that is refused and says why, as a main() would throw."""
    try:
        return Script(
            finishes_after=_seconds(arguments, "--finishes-after"),
            fails_after=_seconds(arguments, "--fails-after"),
            refused="--refused" in arguments,
            says=_value(arguments, "--says") or _SAYS,
        )
    except ValueError as error:
        return Script(refused=True, says=f"{error}. A rehearsal understands {USAGE}.")


def _seconds(arguments: Sequence[str], name: str) -> float | None:
    word = _value(arguments, name)
    if word is None:
        return None
    if not word.replace(".", "", 1).isdecimal():
        raise ValueError(f"{name} {word!r} is not a number of seconds")
    return float(word)


def _value(arguments: Sequence[str], name: str) -> str | None:
    """The word that follows the name."""
    if name not in arguments:
        return None
    following = list(arguments[list(arguments).index(name) + 1 :])
    if not following:
        raise ValueError(f"{name} wants a value")
    return following[0]
