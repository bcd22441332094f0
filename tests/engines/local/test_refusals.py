"""What the machine refuses is trouble of the place, not the end of the service."""

import asyncio
from pathlib import Path

import pytest

from penstock.domain.errors import EngineUnavailable
from penstock.engines.local.refusals import may_pass

pytestmark = pytest.mark.anyio


@may_pass
async def content_of(path: Path) -> str:
    return await asyncio.to_thread(path.read_text)


async def test_what_the_machine_refuses_is_told_as_passing_with_its_reason(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="No such file"):
        await content_of(tmp_path / "gone")


async def test_what_it_grants_is_answered(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("content")

    assert await content_of(tmp_path / "there") == "content"
