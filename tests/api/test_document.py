"""The API document: whole, and true about credentials."""

import re
from pathlib import Path
from typing import Any

import pytest

from api.house import PUBLIC, a_house

pytestmark = pytest.mark.anyio


@pytest.fixture
async def document(tmp_path: Path) -> Any:
    house = await a_house(tmp_path)
    await house.ask("GET", "/openapi.json", headers={})
    return (await house.ask("GET", "/openapi.json", headers={})).json()


async def test_every_name_in_a_path_is_a_parameter(document: Any) -> None:
    for path, calls in document["paths"].items():
        declared = [parameter["name"] for parameter in calls.get("parameters", [])]
        assert declared == re.findall(r"{(\w+)}", path)


async def test_only_the_probes_say_that_they_want_no_credentials(document: Any) -> None:
    calls = {
        (method.upper(), path): call
        for path, item in document["paths"].items()
        for method, call in item.items()
        if isinstance(call, dict)
    }

    public = {name for name, call in calls.items() if call.get("security") == []}

    assert public == PUBLIC
    assert document["security"] == [{"token": []}, {"signature": []}]
    assert calls["POST", "/penstock/v1/tokens"]["security"] == [{"signature": []}]


async def test_the_upload_is_described_as_a_form(document: Any) -> None:
    call = document["paths"]["/penstock/v1/projects/{project_id}/packages"]["post"]

    assert call["requestBody"]["content"]["multipart/form-data"]["schema"]["required"] == ["file"]


async def test_the_page_of_the_document_needs_nothing_from_elsewhere(tmp_path: Path) -> None:
    house = await a_house(tmp_path)
    page = (await house.ask("GET", "/docs", headers={})).text
    parts = re.findall(r'(?:src|href)="([^"]+)"', page)

    assert parts
    for part in parts:
        assert part.startswith("/docs/")
        assert (await house.ask("GET", part, headers={})).status_code == 200
