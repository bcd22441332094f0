"""Starts the service in this process: the one thing that the command line does without HTTP."""

from collections.abc import Callable

from penstock.settings import Settings


def start(settings: Settings, ready: Callable[[str], None]) -> int:
    """Serves until SIGINT or SIGTERM; `ready` is told the address once it answers. Raises SetupError."""
    # Imported here, since web framework and database would make every other command start a second later.
    from penstock import wiring  # noqa: PLC0415

    return wiring.serve(settings, ready)
