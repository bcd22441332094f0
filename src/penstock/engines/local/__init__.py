"""Runs jobs on this machine: each on processes of its own, which outlive the service."""

import os

from penstock.engines.local.archives import Archives
from penstock.engines.local.engine import LocalEngine
from penstock.engines.local.launching import Tools
from penstock.engines.local.memory import machine_memory
from penstock.engines.local.pair import Making
from penstock.engines.local.pairs import Pairs
from penstock.engines.local.settings import LocalSettings, read_settings
from penstock.engines.local.starts import Starts
from penstock.engines.local.upkeep import Upkeep
from penstock.flink.bundles import Bundles
from penstock.flink.distribution import find_flink, find_java
from penstock.flink.launch import Install
from penstock.ports.plugin import Plugin
from penstock.ports.surroundings import Surroundings


def make_engine(settings: LocalSettings, surroundings: Surroundings) -> LocalEngine:
    """Raises SetupError if Flink or Java is missing."""
    flink = find_flink(settings.flink_home, os.environ)
    java = find_java(settings.java_home, os.environ)
    marks = {"penstock.installation": surroundings.installation, "penstock.place": surroundings.place}
    making = Making(
        install=Install(flink=flink, java=java, tags={**marks, "penstock.folder": str(surroundings.folder)}),
        marks=marks,
        cu_memory=settings.cu_memory,
        archives=Archives(surroundings.folder / "archives", flink, java),
        time_zone=os.environ.get("TZ"),
    )
    room = int(settings.memory_share * machine_memory() / settings.cu_memory)
    pairs = Pairs(making, surroundings, Starts(settings.starts_at_a_time), room)
    bundles = Bundles(surroundings.folder / "bundles", surroundings.blobs, settings.bundle_cache)
    tools = Tools(pairs=pairs, bundles=bundles, settings=settings, around=surroundings)
    return LocalEngine(tools, Upkeep(pairs, settings, surroundings.clock))


plugin = Plugin(name="local", settings=read_settings, factory=make_engine)
