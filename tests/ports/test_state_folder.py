"""Which path of this machine an address of Flink's is, and which it is not."""

from pathlib import Path

import pytest

from penstock.ports.engine import StateFolder

HERE = Path("/mnt/state")
SAVEPOINT = "savepoints/5a/savepoint-123abc-456def"


@pytest.mark.parametrize("given", ["file:", "file://"])
@pytest.mark.parametrize("known", ["file:", "file://"])
@pytest.mark.parametrize("end", ["", "/"])
def test_a_file_is_the_same_with_one_slash_and_with_three(given: str, known: str, end: str) -> None:
    folder = StateFolder(HERE, f"{known}/flink/jobs/7/state")

    assert folder.path_of(f"{given}/flink/jobs/7/state/{SAVEPOINT}{end}") == HERE / SAVEPOINT


@pytest.mark.parametrize(
    "known", ["/flink/../flink/jobs", "/flink//jobs", "//flink/jobs", "/flink/./jobs", "/flink/jobs/"]
)
def test_a_folder_may_be_called_otherwise_than_flink_writes_it(known: str) -> None:
    """Flink's Path drops what a path can do without before it writes it."""
    folder = StateFolder(HERE, f"file://{known}")

    assert folder.path_of(f"file:/flink/jobs/{SAVEPOINT}") == HERE / SAVEPOINT


def test_an_address_of_a_store_is_below_the_same_address() -> None:
    folder = StateFolder(HERE, "s3://bucket/flink")

    assert folder.path_of(f"s3://bucket/flink/{SAVEPOINT}") == HERE / SAVEPOINT
    assert folder.path_of(f"s3://other/flink/{SAVEPOINT}") is None


@pytest.mark.parametrize(
    "address",
    [
        "",
        "file:///flink/state",
        "file:///flink/state/",
        "file:///flink/statement/savepoints",
        "file:///flink/other",
        "file:///flink",
        "file://flink/state/savepoints/../savepoints",
        "file:///flink/state/../state/savepoints",
        "file:///flink/state/savepoints/..",
        "file:///flink/state/./savepoints",
        "file:///flink/state//etc/passwd",
        "file:///flink/other/../state/savepoints",
        "s3://flink/state/savepoints",
        "/flink/state/savepoints",
        "hdfs:///flink/state/savepoints",
    ],
)
def test_what_is_not_plainly_inside_is_nowhere(address: str) -> None:
    assert StateFolder(HERE, "file:///flink/state").path_of(address) is None


def test_a_colon_in_a_name_is_a_letter() -> None:
    folder = StateFolder(HERE, "file:///a:b/state")

    assert folder.path_of(f"file:/a:b/state/{SAVEPOINT}") == HERE / SAVEPOINT
