"""All places: ours by their engines, those of others by what was written down."""

from dataclasses import replace
from datetime import timedelta

import pytest

from penstock.domain.footprint import Room
from penstock.ports.places import FRESH, report_of
from penstock.testing.clock import ManualClock
from penstock.testing.engine import FakeEngine
from penstock.usecases.atlas import Atlas


@pytest.fixture
def clock():
    return ManualClock()


def an_atlas(clock, engine=None):
    engine = engine or FakeEngine(clock, room=Room(cus=4))
    return Atlas(clock, {"here": engine}, {"here": "fake"}), engine


def a_report(clock, name, room):
    return report_of(name, "session", FakeEngine(clock, room=room), clock.now())


def test_our_own_place_is_as_its_engine_says_now(clock):
    atlas, engine = an_atlas(clock)
    atlas.hear([a_report(clock, "here", Room(cus=99))])

    assert (list(atlas), atlas["here"].room, atlas["here"].engine) == (["here"], Room(cus=4), "fake")
    assert atlas.engine("here") is engine


def test_the_place_of_another_service_is_as_it_was_written_down(clock):
    atlas, _ = an_atlas(clock)
    report = a_report(clock, "main", Room(slots=7))
    atlas.hear([report])

    assert (list(atlas), len(atlas), atlas["main"], atlas.engine("main")) == (["here", "main"], 2, report, None)


def test_a_place_that_nobody_knows_is_not_there(clock):
    atlas, _ = an_atlas(clock)

    assert atlas.get("nowhere") is None


def test_a_place_that_no_service_looks_after_is_not_ready(clock):
    atlas, _ = an_atlas(clock)
    atlas.hear([a_report(clock, "main", Room(slots=7))])

    clock.advance((FRESH + timedelta(seconds=1)).total_seconds())

    assert (atlas["main"].health.ready, atlas["main"].health.said) == (False, "No service looks after it now")


def test_an_engine_that_does_not_look_after_its_place_is_told_by_the_service_that_does(clock):
    atlas, engine = an_atlas(clock)
    engine.world.is_silent = True
    atlas.hear([replace(a_report(clock, "here", Room(slots=7)), engine="fake")])

    assert (atlas["here"].room, atlas["here"].health.ready) == (Room(slots=7), True)

    clock.advance((FRESH + timedelta(seconds=1)).total_seconds())

    assert (atlas["here"].room, atlas["here"].health.ready) == (Room(cus=4), False)


def test_an_engine_that_does_not_look_after_its_place_is_told_which_flink_runs_there(clock):
    atlas, engine = an_atlas(clock)
    engine.world.is_silent = True
    report = a_report(clock, "here", Room())
    newer = replace(report.capabilities, flink_versions=("1.20", "1.19"), java=17)

    atlas.hear([replace(report, capabilities=newer)])

    assert (atlas["here"].capabilities.flink_versions, atlas["here"].capabilities.java) == (("1.20", "1.19"), 17)
