"""The house that use cases are tested in."""

import pytest

from usecases.house import House


@pytest.fixture
async def house(anyio_backend, tmp_path):
    built = House(tmp_path / "cache")
    await built.set_up()
    return built
