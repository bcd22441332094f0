"""What all tests share."""

import gc
import logging
import os
from collections.abc import Iterator

import pytest
import structlog

from lanes import lanes_of

pytest_plugins = ["postgresql"]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("penstock")
    what = "engine-store-database that the whole-service tests run on, repeatable [local-filesystem-sqlite]"
    group.addoption("--combination", action="append", metavar="NAME", help=what)
    what = "of combinations beside the default one, run only the tests marked as core"
    group.addoption("--core-elsewhere", action="store_true", help=what)
    what = "lanes of tests to run: all, changed (those whose sources changed since they passed), or names with commas"
    group.addoption("--lanes", metavar="LANES", help=what)
    group.addoption("--keep-lanes", action="store_true", help="write down in tests/lanes.json which lanes passed")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(what): skipped, with a reason, on engines that have no such thing")
    config.addinivalue_line("markers", "core: the whole-service tests that each adapter always has to pass")
    if lanes := lanes_of(config):
        config.pluginmanager.register(lanes)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """httpcore 1.0 closes a connection whose TLS handshake fails, but not one whose handshake is cancelled, and engines
    cancel what they do when they end; the collector closes it (httpcore/_backends/anyio.py, `start_tls`; to be looked
    at again with httpcore 1.1). Such a test has to leave nothing of it to the tests that follow.
    """
    for item in items:
        if item.get_closest_marker("flink"):
            item.add_marker(pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"))


@pytest.fixture(autouse=True)
def leave_the_process_as_it_was() -> Iterator[None]:
    """A service that starts in the tests' own process, be it to be refused, writes its log to what stands for its
    terminal; that is closed after its test, and the next one that has something to say must not meet it. It also keeps
    new files to itself."""
    mask = os.umask(0o077)
    os.umask(mask)
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    yield
    if structlog.get_config() != before:
        structlog.configure(**before)
        root.handlers[:], root.level = handlers, level
    os.umask(mask)


@pytest.fixture(autouse=True)
def leave_no_connection_to_others(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if request.node.get_closest_marker("flink"):
        gc.collect()
