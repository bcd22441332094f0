"""Packages over HTTP: uploads whole or not at all, our list, and DLI's resource calls."""

import asyncio
import hashlib
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.house import ENDPOINT, MINE, SECOND, THEIRS, House, a_house
from penstock.domain.errors import StoreFull
from penstock.testing.object_store import MemoryObjectStore

pytestmark = pytest.mark.anyio

UPLOAD = f"/penstock/v1/projects/{MINE}/packages"
RESOURCES = f"/v2.0/{MINE}/resources"
UNSIGNED = "UNSIGNED-PAYLOAD"
MIB = 2**20


@pytest.fixture
async def house(tmp_path: Path) -> House:
    return await a_house(tmp_path)


def a_form(content: bytes = b"jar bytes", name: str = "a.jar", path: str = UPLOAD, **fields: str) -> httpx.Request:
    return httpx.Request("POST", ENDPOINT + path, files={"file": (name, content)}, data=fields)


async def sent(house: House, form: httpx.Request, content_hash: str = UNSIGNED) -> httpx.Response:
    headers = house.signed(
        "POST",
        form.url.path,
        content_type=form.headers["content-type"],
        x_sdk_content_sha256=content_hash,
    )
    return await house.ask("POST", form.url.path, form.read(), headers)


async def stored(house: House, *names: tuple[str, str]) -> None:
    for group, name in names:
        house.clock.advance(1)
        assert (await sent(house, a_form(name=name, content=name.encode(), group=group))).status_code == 201


async def nothing_is_left(house: House) -> bool:
    found = await house.desk.records.look(lambda tx: tx.packages.named_blobs())
    objects = [path for path in (house.folder / "store" / "objects").rglob("*") if path.is_file()]
    return not house.uploads and not found and not objects


async def test_an_uploaded_file_becomes_a_package_of_its_name(house: House) -> None:
    answer = await sent(house, a_form(group="myGroup"))

    sha256 = hashlib.sha256(b"jar bytes").hexdigest()
    noon = 1748779200000
    assert answer.status_code == 201
    assert answer.json() == {
        "create_time": noon,
        "update_time": noon,
        "resource_type": "jar",
        "resource_name": "a.jar",
        "status": "READY",
        "underlying_name": f"{answer.json()['underlying_name'][:36]}_a.jar",
        "owner": "a1",
        "is_async": False,
        "group_name": "myGroup",
        "size": 9,
        "sha256": sha256,
    }
    assert (await house.desk.blobs.fetch(sha256)).read_bytes() == b"jar bytes"
    assert not house.uploads


@pytest.mark.parametrize(
    ("name", "fields", "kind"),
    [
        ("a.JAR", {}, "jar"),
        ("test.csv", {}, "file"),
        ("a.jar", {"kind": "file"}, "file"),
        ("a.py", {"kind": "pyFile"}, "pyFile"),
        ("a.csv", {"kind": ""}, "file"),
    ],
)
async def test_the_kind_is_as_said_or_by_the_ending(house: House, name: str, fields: Any, kind: str) -> None:
    assert (await sent(house, a_form(name=name, **fields))).json()["resource_type"] == kind


async def test_fields_may_stand_after_the_file(house: House) -> None:
    boundary = "x" * 20
    form = a_raw_form(
        boundary,
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="b.jar"\r\n\r\n'
        f'\r\n--xx not a boundary\r\n\r\n--{boundary}\r\nContent-Disposition: form-data; name="group"\r\n\r\ng1\r\n'
        f"--{boundary}--\r\n",
    )

    answer = await sent(house, form)

    assert (answer.json()["group_name"], answer.json()["size"]) == ("g1", len("\r\n--xx not a boundary\r\n"))


async def test_a_chinese_name_stays_as_it_is(house: House) -> None:
    assert (await sent(house, a_form(name="测试 数据.csv"))).json()["resource_name"] == "测试 数据.csv"
    assert (await house.ask("GET", f"{RESOURCES}/测试 数据.csv".replace(" ", "%20"))).status_code == 200


async def test_an_empty_file_is_a_file(house: House) -> None:
    assert (await sent(house, a_form(content=b"", name="empty.csv"))).json()["size"] == 0


async def test_the_same_name_again_points_at_the_new_content(house: House) -> None:
    first = (await sent(house, a_form(content=b"one"))).json()
    house.clock.advance(1)
    second = (await sent(house, a_form(content=b"two"))).json()

    shown = (await house.ask("GET", f"{RESOURCES}/a.jar")).json()
    assert second["sha256"] == hashlib.sha256(b"two").hexdigest() != first["sha256"]
    assert (shown["create_time"], shown["update_time"]) == (first["create_time"], second["update_time"])
    assert shown["underlying_name"] == second["underlying_name"] != first["underlying_name"]


async def test_a_token_opens_the_upload_too(house: House) -> None:
    token = (await house.ask("POST", "/penstock/v1/tokens")).json()["token"]
    form = a_form()

    headers = {"X-Auth-Token": token, "Content-Type": form.headers["content-type"]}

    assert (await house.ask("POST", UPLOAD, form.read(), headers)).status_code == 201


async def test_the_hash_of_the_signed_body_is_checked_at_the_end(house: House) -> None:
    form = a_form()
    good = hashlib.sha256(form.read()).hexdigest()

    refused = await sent(house, form, hashlib.sha256(b"other").hexdigest())

    assert (refused.status_code, refused.json()["faults"][0]["code"]) == (401, "content_differs")
    assert await nothing_is_left(house)
    assert (await sent(house, form, good)).status_code == 201


async def test_an_upload_must_name_its_hash_so_that_the_caller_is_known_before_it_is_read(house: House) -> None:
    form = a_form()
    headers = house.signed("POST", UPLOAD, form.read(), content_type=form.headers["content-type"])

    answer = await house.ask("POST", UPLOAD, form.read(), headers)

    assert answer.status_code == 401
    assert "X-Sdk-Content-Sha256" in answer.json()["detail"]


async def test_nothing_of_a_strangers_upload_is_read(house: House) -> None:
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        read += 1
        yield b"x"

    foreign = f"/penstock/v1/projects/{THEIRS}/packages"
    async with house.client() as client:
        for path, headers, status in (
            (UPLOAD, {}, 401),
            (UPLOAD, {"X-Auth-Token": "wrong"}, 401),
            (foreign, house.signed("POST", foreign, x_sdk_content_sha256=UNSIGNED), 403),
        ):
            answer = await client.post(
                path, content=body(), headers={"Content-Type": "multipart/form-data; boundary=x", **headers}
            )
            assert answer.status_code == status

    assert read == 0


async def test_all_faults_of_an_upload_are_told_at_once(house: House) -> None:
    answer = await sent(house, a_form(name=".hidden", group="no spaces", kind="zip"))

    codes = [fault["code"] for fault in answer.json()["faults"]]
    assert answer.status_code == 400
    assert codes == ["file_name_invalid", "group_name_invalid", "kind_invalid"]
    assert await nothing_is_left(house)


def a_raw_form(boundary: str, text: str) -> httpx.Request:
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    return httpx.Request("POST", ENDPOINT + UPLOAD, content=text.encode("latin-1"), headers=headers)


HEAD = 'Content-Disposition: form-data; name="{}"\r\n\r\n'
FILE = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.jar"\r\n\r\nx\r\n'


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "upload_broken"),
        ("nonsense", "upload_broken"),
        ("--b--\r\n", "file_part_missing"),
        (FILE, "upload_broken"),
        (FILE + "--b", "upload_broken"),
        (FILE + FILE + "--b--", "upload_broken"),
        ("--b\r\n" + HEAD.format("kind") + "jar\r\n--b--", "file_part_missing"),
        ("--b\r\n" + HEAD.format("kind") + "x" * 2000 + "\r\n" + FILE + "--b--", "upload_broken"),
        ("--b\r\n" + HEAD.format("kind") + "\xff\r\n" + FILE + "--b--", "upload_broken"),
        ("".join("--b\r\n" + HEAD.format(number) + "\r\n" for number in range(20)) + FILE + "--b--", "upload_broken"),
        ("--b\r\nX: " + "x" * 100_000 + "\r\n" + FILE + "--b--", "upload_broken"),
        (FILE.replace('; filename="a.jar"', "") + "--b--", "file_name_invalid"),
        (FILE.replace("a.jar", "../a.jar") + "--b--", "file_name_invalid"),
        (FILE.replace("a.jar", "x" * 129) + "--b--", "file_name_invalid"),
    ],
)
async def test_a_form_that_cannot_be_read_leaves_nothing(house: House, text: str, code: str) -> None:
    answer = await sent(house, a_raw_form("b", text))

    assert (answer.status_code, answer.json()["faults"][0]["code"]) == (400, code)
    assert await nothing_is_left(house)


@pytest.mark.parametrize(
    "content_type", ["application/json", "multipart/form-data", "multipart/form-data; boundary=" + "x" * 999]
)
async def test_only_forms_with_a_boundary_are_read(house: House, content_type: str) -> None:
    form = a_form()
    form.headers["content-type"] = content_type

    assert (await sent(house, form)).json()["faults"][0]["code"] == "upload_broken"
    assert await nothing_is_left(house)


async def test_a_file_over_the_limit_is_refused_however_it_is_announced(tmp_path: Path) -> None:
    house = await a_house(tmp_path, upload_limit=MIB)
    just, over = a_form(content=b"x" * MIB), a_form(content=b"x" * (MIB + 1), name="b.jar")
    far = a_form(content=b"x" * 3 * MIB, name="c.jar")

    answers = [await sent(house, form) for form in (just, over, far)]
    chunked = await streamed(house, [far.read()[at : at + 1000] for at in range(0, 3 * MIB, 1000)], far)

    assert [answer.status_code for answer in [*answers, chunked]] == [201, 413, 413, 413]
    assert not house.uploads


async def streamed(house: House, pieces: list[bytes], form: httpx.Request) -> httpx.Response:
    async def body() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    kind = form.headers["content-type"]
    headers = house.signed("POST", UPLOAD, content_type=kind, x_sdk_content_sha256=UNSIGNED)
    async with house.client() as client:
        return await client.post(UPLOAD, content=body(), headers=headers)


async def test_an_upload_that_comes_byte_by_byte_is_the_same(house: House) -> None:
    content = b"\r\n--" * 500
    form = a_form(content=content)

    answer = await streamed(house, [bytes([byte]) for byte in form.read()], form)

    assert answer.json()["sha256"] == hashlib.sha256(content).hexdigest()


async def half_sent(house: House, silent: asyncio.Event | None = None) -> list[int]:
    """The statuses that a caller sees who sends half an upload, and then hangs up; or falls silent, and says so."""
    form = a_form(content=b"x" * 3 * MIB)
    headers = house.signed("POST", UPLOAD, content_type=form.headers["content-type"], x_sdk_content_sha256=UNSIGNED)
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": UPLOAD,
        "raw_path": UPLOAD.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "server": ("dli.local", 8080),
    }
    scope["headers"].append((b"transfer-encoding", b"chunked"))
    messages = iter([{"type": "http.request", "body": form.read()[: 2 * MIB], "more_body": True}])
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        if message := next(messages, None):
            return message
        assert house.uploads  # half of it lies there now
        if silent:
            silent.set()
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        statuses.extend([message["status"]] if "status" in message else [])

    await house.app(scope, receive, send)
    return statuses


async def test_a_caller_who_hangs_up_half_way_leaves_nothing(house: House) -> None:
    await half_sent(house)

    assert await nothing_is_left(house)


async def test_a_caller_who_falls_silent_half_way_leaves_nothing(tmp_path: Path) -> None:
    house = await a_house(tmp_path, stall=0.01)

    assert await half_sent(house, asyncio.Event()) == [400]
    assert await nothing_is_left(house)


async def test_an_upload_that_is_cancelled_leaves_nothing(house: House) -> None:
    silent = asyncio.Event()
    upload = asyncio.create_task(half_sent(house, silent))
    await silent.wait()

    upload.cancel()
    await asyncio.wait({upload})

    assert upload.cancelled()
    assert await nothing_is_left(house)


async def test_a_full_store_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    store = MemoryObjectStore()
    store.trouble = StoreFull()
    house = await a_house(tmp_path, store=store)

    answer = await sent(house, a_form())

    assert (answer.status_code, answer.json()["faults"][0]["code"]) == (507, "store_full")
    assert await nothing_is_left(house)


async def test_a_disk_that_is_full_while_the_file_comes_is_said_too(tmp_path: Path) -> None:
    house = await a_house(tmp_path)

    with a_small_disk(tmp_path / "uploads"):
        answer = await sent(house, a_form(content=b"x" * 3 * MIB))
        left = house.uploads

    assert (answer.status_code, answer.json()["faults"][0]["code"], left) == (507, "store_full", [])
    assert await nothing_is_left(house)


@contextmanager
def a_small_disk(folder: Path) -> Iterator[None]:
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", folder]
    if not shutil.which("mount") or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("only root may mount a disk of one megabyte")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


async def test_a_folder_that_cannot_be_written_is_no_fault_of_the_caller(house: House) -> None:
    (house.folder / "uploads").rmdir()

    assert (await sent(house, a_form())).status_code == 503


async def test_what_a_killed_service_left_is_swept_at_the_start(tmp_path: Path) -> None:
    await a_house(tmp_path)
    (tmp_path / "uploads" / "half").write_bytes(b"half an upload")

    house = await a_house(tmp_path)

    assert not house.uploads


async def test_two_hundred_megabytes_do_not_grow_the_process(house: House) -> None:
    grown = []
    before = resident()

    async def body() -> AsyncIterator[bytes]:
        yield FILE[:-3].encode()
        piece = b"0123456789abcdef" * 4096
        for number in range(200 * 16):
            yield piece
            if number % 64 == 0:
                grown.append(resident() - before)
        yield b"\r\n--b--\r\n"

    kind = "multipart/form-data; boundary=b"
    headers = house.signed("POST", UPLOAD, content_type=kind, x_sdk_content_sha256=UNSIGNED)
    async with house.client() as client:
        answer = await client.post(UPLOAD, content=body(), headers=headers, timeout=120)

    assert answer.json()["size"] == 200 * MIB
    assert max(*grown, resident() - before) < 30 * MIB


def resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


async def test_our_list_goes_page_by_page_in_the_order_of_group_and_name(house: House) -> None:
    await stored(house, ("b", "1.jar"), ("", "z.jar"), ("b", "0.csv"), ("a", "x.jar"))

    names, cursor = [], ""
    while cursor is not None:
        page = (await house.ask("GET", f"{UPLOAD}?limit=3&cursor={cursor}")).json()
        names += [(package["group"], package["name"], package["kind"]) for package in page["packages"]]
        cursor = page["next"]

    assert names == [("", "z.jar", "jar"), ("a", "x.jar", "jar"), ("b", "0.csv", "file"), ("b", "1.jar", "jar")]


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "x"])
async def test_a_page_has_one_to_a_thousand_packages(house: House, limit: str) -> None:
    assert (await house.ask("GET", f"{UPLOAD}?limit={limit}")).status_code == 400


async def test_our_list_says_all_of_a_package(house: House) -> None:
    await sent(house, a_form())

    assert (await house.ask("GET", UPLOAD)).json() == {
        "packages": [
            {
                "group": "",
                "name": "a.jar",
                "kind": "jar",
                "size": 9,
                "sha256": hashlib.sha256(b"jar bytes").hexdigest(),
                "owner": "a1",
                "created_at": "2025-06-01T12:00:00Z",
                "updated_at": "2025-06-01T12:00:00Z",
                "status": "READY",
                "trouble": None,
            }
        ],
        "next": None,
    }


async def test_dlis_list_has_packages_alone_and_groups(house: House) -> None:
    await stored(house, ("g", "2.jar"), ("", "alone.csv"), ("g", "1.jar"))

    found = (await house.ask("GET", RESOURCES)).json()

    group = found["groups"][0]
    assert [alone["resource_name"] for alone in found["resources"]] == ["alone.csv"]
    assert (group["group_name"], group["status"], group["resources"]) == ("g", "READY", ["1.jar", "2.jar"])
    assert [detail["resource_name"] for detail in group["details"]] == ["1.jar", "2.jar"]
    assert (group["update_time"] - group["create_time"], group["owner"]) == (2000, "a1")
    assert (found["modules"], found["total"]) == ([], 3)


async def test_dlis_list_can_be_of_one_kind(house: House) -> None:
    await stored(house, ("g", "2.jar"), ("", "alone.csv"))

    assert (await house.ask("GET", f"{RESOURCES}?kind=file")).json()["total"] == 1
    assert (await house.ask("GET", f"{RESOURCES}?kind=zip")).json()["error_code"] == "DLI.0001"
    assert (await house.ask("GET", f"{RESOURCES}?tags=k=v")).json()["error_code"] == "DLI.0007"


async def test_a_package_is_shown_and_deleted_by_group_and_name(house: House) -> None:
    await stored(house, ("g", "a.jar"))

    assert (await house.ask("GET", f"{RESOURCES}/a.jar")).status_code == 404
    assert (await house.ask("GET", f"{RESOURCES}/a.jar?group=g")).json()["resource_name"] == "a.jar"
    deleted = await house.ask("DELETE", f"{RESOURCES}/a.jar?group=g")
    again = await house.ask("DELETE", f"{RESOURCES}/a.jar?group=g")

    assert (deleted.status_code, deleted.content) == (200, b"")
    assert (again.status_code, again.json()["error_code"]) == (404, "DLI.0023")


@pytest.mark.parametrize("name", ["%00", "%2E", "x" * 500, "%2E%2E%2Fa", "a%5Cb"])
async def test_a_name_that_no_package_can_have_is_not_there(house: House, name: str) -> None:
    assert (await house.ask("GET", f"{RESOURCES}/{name}")).status_code == 404


async def test_packages_of_another_project_are_not_there(house: House) -> None:
    await stored(house, ("", "a.jar"))

    assert (await house.ask("GET", f"/v2.0/{SECOND}/resources/a.jar")).status_code == 404
    assert (await house.ask("GET", f"/v2.0/{THEIRS}/resources/a.jar")).json()["error_code"] == "DLI.10006"
