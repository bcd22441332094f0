"""The stage that control is tested on."""

import pytest

from control.theatre import Theatre


@pytest.fixture
async def theatre(anyio_backend):
    stage = Theatre()
    await stage.set_up()
    return stage
