"""What all whole-service tests share: Flink's class archives, made once instead of by every service."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.service import SMALL, Service, a_service, wait_for


@pytest.fixture(scope="session")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service without a pool and without jobs has nothing else to do than to make them."""
    folder = tmp_path_factory.mktemp("archives")
    service = Service(tmp_path_factory.mktemp("trainer"), SMALL, folder)
    try:
        service.start()
        names = ("base", "jobmanager", "taskmanager")
        wait_for(lambda: all(list(folder.glob(f"*/{name}.jsa")) for name in names), "the archives are made")
    finally:
        service.end()
    return folder


@pytest.fixture(scope="session")
def service(archives: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One for all tests; a module that needs other settings makes its own under this name."""
    with a_service(tmp_path_factory.mktemp("service"), SMALL, archives) as service:
        yield service


@pytest.fixture(autouse=True)
def leave_it_tidy(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that breaks half-way must not spoil the next one."""
    yield
    if "service" in request.fixturenames:
        request.getfixturevalue("service").tidy()
