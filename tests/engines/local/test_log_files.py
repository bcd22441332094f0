"""Log files are read, and nothing that only looks like one."""

import os
from pathlib import Path

import pytest

from penstock.domain.errors import EngineUnavailable
from penstock.domain.log import PIECE, LogFile
from penstock.engines.local.log_files import LogFiles

JM = "jobmanager.log"
SECRET = b"the key of the vault"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    logs = tmp_path / "pair" / "logs"
    logs.mkdir(parents=True)
    (tmp_path / "secret").write_bytes(SECRET)
    return logs


def files_in(folder: Path) -> LogFiles:
    return LogFiles(folder, os.geteuid())


def whole(files: LogFiles, file: LogFile) -> bytes:
    return files.read(file, 0, PIECE)


def test_the_files_of_a_pair_are_listed_and_nothing_else(folder: Path) -> None:
    for name in (JM, "jobmanager.out", "taskmanager-1.err", "taskmanager-12.log", "taskmanager-1.crash.log"):
        (folder / name).write_bytes(b"x")
    for name in ("notes.txt", "jobmanager.log.gz", "taskmanager-x.log", "jobmanager.log.1.2", "jobmanager.log\n"):
        (folder / name).write_bytes(b"x")
    (folder / "inner").mkdir()

    listing = files_in(folder).listing(is_final=False)

    assert [file.name for file in listing.files] == [
        JM,
        "jobmanager.out",
        "taskmanager-1.crash.log",
        "taskmanager-1.err",
        "taskmanager-12.log",
    ]
    assert (listing.refused, listing.is_final) == ((), False)


def test_a_rolled_file_stays_the_same_and_comes_before_the_newer_one(folder: Path) -> None:
    (folder / JM).write_bytes(b"first")
    [before] = files_in(folder).listing(is_final=False).files

    for number in (10, 9):
        (folder / f"{JM}.{number}").write_bytes(b"older")
    (folder / JM).rename(folder / f"{JM}.11")
    (folder / JM).write_bytes(b"second")
    found = files_in(folder).listing(is_final=False).files

    assert [file.grows for file in found] == [False, False, False, True]
    assert (found[2].incarnation, before.grows) == (before.incarnation, True)
    assert [whole(files_in(folder), file) for file in (before, found[3])] == [b"first", b"second"]


def test_nothing_grows_once_it_is_final(folder: Path) -> None:
    (folder / JM).write_bytes(b"all")

    assert not files_in(folder).listing(is_final=True).files[0].grows


def test_links_pipes_and_folders_are_refused_and_named(folder: Path, tmp_path: Path) -> None:
    (folder / JM).symlink_to(tmp_path / "secret")
    (folder / "jobmanager.out").hardlink_to(tmp_path / "secret")
    os.mkfifo(folder / "taskmanager-1.log")
    (folder / "taskmanager-2.log").mkdir()
    (folder / "taskmanager-3.log").symlink_to("/dev/zero")

    listing = files_in(folder).listing(is_final=False)

    assert listing.files == ()
    assert listing.refused == (JM, "jobmanager.out", "taskmanager-1.log", "taskmanager-2.log", "taskmanager-3.log")


def test_a_file_of_somebody_else_is_refused(folder: Path) -> None:
    (folder / JM).write_bytes(b"x")

    listing = LogFiles(folder, os.geteuid() + 1).listing(is_final=False)

    assert (listing.files, listing.refused) == ((), (JM,))


def test_what_is_put_in_a_files_place_after_it_was_listed_is_not_read(folder: Path, tmp_path: Path) -> None:
    (folder / JM).write_bytes(b"log")
    [file] = files_in(folder).listing(is_final=False).files

    (folder / JM).rename(tmp_path / "kept")
    (folder / JM).symlink_to(tmp_path / "secret")
    linked = whole(files_in(folder), file)
    (folder / JM).unlink()
    os.mkfifo(folder / JM)

    assert (linked, whole(files_in(folder), file)) == (b"", b"")


def test_a_second_name_for_a_file_makes_it_unreadable(folder: Path, tmp_path: Path) -> None:
    (folder / JM).hardlink_to(tmp_path / "secret")
    info = (tmp_path / "secret").stat()

    assert whole(files_in(folder), LogFile(JM, f"{info.st_dev}-{info.st_ino}", 20)) == b""


def test_a_folder_that_is_a_link_is_not_entered(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / JM).write_bytes(SECRET)
    folder.rmdir()
    folder.symlink_to(elsewhere)

    with pytest.raises(EngineUnavailable):
        files_in(folder).listing(is_final=False)


def test_a_file_may_be_rolled_between_the_listing_and_the_reading(folder: Path) -> None:
    (folder / JM).write_bytes(b"0123456789")
    [file] = files_in(folder).listing(is_final=False).files

    (folder / JM).rename(folder / f"{JM}.1")
    (folder / JM).write_bytes(b"new")

    assert files_in(folder).read(file, 4, 3) == b"456"


def test_a_gigabyte_is_read_by_the_piece(folder: Path) -> None:
    with (folder / JM).open("wb") as sparse:
        os.truncate(sparse.fileno(), 2**30)
        os.pwrite(sparse.fileno(), b"end", 2**30 - 3)
    files = files_in(folder)
    [file] = files.listing(is_final=False).files

    assert file.size == 2**30
    assert len(files.read(file, 2**29, PIECE)) == PIECE
    assert files.read(file, 2**30 - 3, PIECE) == b"end"
    assert files.read(file, 2**30, PIECE) == b""
