"""Runs jobs on an existing Flink session cluster, by its REST address."""

import structlog

from penstock.engines.session.cluster import Cluster
from penstock.engines.session.connection import manners
from penstock.engines.session.engine import SessionEngine
from penstock.engines.session.launching import Tools
from penstock.engines.session.notes import Ledger
from penstock.engines.session.settings import SessionSettings, read_settings
from penstock.flink.bundles import Bundles
from penstock.ports.plugin import Plugin
from penstock.ports.surroundings import Surroundings

_log = structlog.get_logger()


def make_engine(settings: SessionSettings, surroundings: Surroundings) -> SessionEngine:
    """Raises SetupError if a file of the settings is missing, or not what it should be. The cluster may be silent."""
    if not settings.state and not settings.is_on_this_machine:
        _log.warning(
            "state needs a shared folder", place=surroundings.place, setting=f"places.{surroundings.place}.state"
        )
    tools = Tools(
        cluster=Cluster(settings.address, manners(settings, surroundings.place), surroundings.installation),
        ledger=Ledger(surroundings.notes),
        bundles=Bundles(surroundings.folder / "bundles", surroundings.blobs, settings.bundle_cache),
        around=surroundings,
        main_limit=settings.main_limit,
    )
    return SessionEngine(settings, tools)


plugin = Plugin(name="session", settings=read_settings, factory=make_engine)
