"""What all whole-service tests share: the combinations they run on, and what stands around a service of each."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from e2e.combination import DEFAULT, Combination, named
from e2e.scenery import Scenery, a_scenery
from e2e.service import SMALL, Service, a_service, wait_for

# What a test may need: the adapter that has it, and why others have it not.
_NEEDS = {
    "pairs": ("local", "it looks at a run's own processes, and a session cluster's belong to all jobs"),
    "logs": ("local", "a session cluster mixes the logs of its jobs, so jobs that want them shipped are refused"),
    "work folder": ("local", "a session cluster's jobs share a working directory, so data files are resources only"),
    "folders": ("filesystem", "it deletes a bucket, and a mapped one is only unmapped, by an operator"),
    "own bucket": ("filesystem", "quickstart makes its bucket itself, and here an operator has to map it first"),
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Once for each combination that was asked for; those of one combination run together."""
    if "combination" in metafunc.fixturenames:
        names = metafunc.config.getoption("combination") or [str(DEFAULT)]
        chosen = [named(name) for name in dict.fromkeys(names)]
        metafunc.parametrize("combination", chosen, ids=str, indirect=True, scope="session")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    others = []
    for item in items:
        combination = _combination_of(item)
        if combination is None or combination == DEFAULT:
            continue
        for need in item.iter_markers("needs"):
            adapter, why = _NEEDS[need.args[0]]
            if adapter not in combination.adapters:
                item.add_marker(pytest.mark.skip(reason=why))
        if config.getoption("core_elsewhere") and item.get_closest_marker("core") is None:
            others.append(item)
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in others]


def _combination_of(item: pytest.Item) -> Combination | None:
    found = item.callspec.params.get("combination") if hasattr(item, "callspec") else None
    return found if isinstance(found, Combination) else None


@pytest.fixture(scope="session")
def combination(request: pytest.FixtureRequest) -> Combination:
    chosen: Combination = request.param
    return chosen


@pytest.fixture(scope="session")
def scenery(combination: Combination, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scenery]:
    with a_scenery(combination, tmp_path_factory.mktemp("scenery"), partial(_archives, tmp_path_factory)) as scenery:
        yield scenery


@pytest.fixture(scope="session")
def service(scenery: Scenery, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One for all tests; a module that needs other settings makes its own under this name."""
    with a_service(tmp_path_factory.mktemp("service"), SMALL, scenery) as service:
        yield service


@pytest.fixture(autouse=True)
def leave_it_tidy(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that breaks half-way must not spoil the next one."""
    yield
    if "service" in request.fixturenames:
        request.getfixturevalue("service").tidy()


def _archives(folders: pytest.TempPathFactory) -> Path:
    """Where tests of the local engine have them, too. A service without a pool and without jobs has nothing else to do
    than to make them."""
    folder = folders.getbasetemp() / "archives"
    folder.mkdir(exist_ok=True)
    if not _are_made(folder):
        service = Service(folders.mktemp("trainer"), SMALL)
        (service.state / "places" / "here" / "archives").symlink_to(folder)
        try:
            service.start()
            wait_for(lambda: _are_made(folder), "the archives are made")
        finally:
            service.end()
    return folder


def _are_made(folder: Path) -> bool:
    return all(list(folder.glob(f"*/{name}.jsa")) for name in ("base", "jobmanager", "taskmanager"))
