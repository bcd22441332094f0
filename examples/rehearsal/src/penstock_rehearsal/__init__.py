"""An engine that rehearses jobs: they pass through the states that real ones have, and no Flink starts."""

from penstock.ports.plugin import Plugin
from penstock.ports.surroundings import Surroundings
from penstock_rehearsal.engine import RehearsalEngine
from penstock_rehearsal.journal import Journal
from penstock_rehearsal.settings import RehearsalSettings, read_settings


def make_engine(settings: RehearsalSettings, around: Surroundings) -> RehearsalEngine:
    """Called once, when the service starts. The folder is this place's own and outlives the service."""
    return RehearsalEngine(settings, Journal(around.folder / "runs"), around)


# What the entry point names. `settings` is called first and has to refuse in words what it does not understand.
plugin = Plugin(name="rehearsal", settings=read_settings, factory=make_engine)
