"""A disk that fills up while a package comes in: an answer that says so, nothing left, and room for the next one."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from e2e.scenery import Scenery
from e2e.service import SMALL, TEST_JOBS, Service
from e2e.test_starts import refused, serve

pytestmark = [
    pytest.mark.flink,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk"),
]
MIB = 2**20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"this machine allows no mounts: {mounted.stderr.strip()}")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_an_upload_that_fills_the_disk_is_refused_and_leaves_nothing(
    scenery: Scenery, small_disk: Path, tmp_path: Path
) -> None:
    big = tmp_path / "big.bin"
    big.write_bytes(os.urandom(32 * MIB))
    service = Service(small_disk, SMALL, scenery)
    try:
        service.start()

        answer = service.upload(big)
        left = list(service.state.glob("uploads/*"))
        after = service.upload(TEST_JOBS)

        assert answer.status_code == 507, answer.text
        assert left == []
        assert after.status_code == 201, after.text
        packages = service.answered("GET", "/penstock/v1/projects/{project}/packages")["packages"]
        assert [package["name"] for package in packages] == [TEST_JOBS.name]
    finally:
        service.end()


def test_a_first_start_on_a_full_disk_is_one_sentence(small_disk: Path) -> None:
    with suppress(OSError), (small_disk / "filler").open("wb", buffering=0) as filler:
        while True:
            filler.write(bytes(MIB))

    said = refused(serve(small_disk / "state"))

    assert str(small_disk / "state") in said
    assert "No space left on device" in said
