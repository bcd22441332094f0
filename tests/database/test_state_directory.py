"""The state directory: one service at a time, closed to others."""

import os
import stat
import subprocess
import sys

import pytest

from penstock.database.state_directory import StateDirectory
from penstock.domain.errors import SetupError


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_it_is_made_for_its_owner_alone(tmp_path):
    state = StateDirectory(tmp_path / "a" / "state")

    with state.occupied():
        assert mode(state.path) == mode(state.jobs) == mode(state.places) == 0o700


def test_a_second_service_is_kept_out_and_told_who_is_in(tmp_path):
    holder = "import sys; from pathlib import Path; from penstock.database.state_directory import StateDirectory as S\n"
    holder += "with S(Path(sys.argv[1])).occupied(): print('in', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", holder, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "in\n"

        with pytest.raises(SetupError, match=f"process {other.pid}.*--state"), StateDirectory(tmp_path).occupied():
            pass


def test_the_end_of_a_service_lets_the_next_one_in(tmp_path):
    with StateDirectory(tmp_path).occupied():
        pass

    with StateDirectory(tmp_path).occupied():
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"


def test_a_file_in_its_place_is_one_sentence(tmp_path):
    (tmp_path / "state").write_text("")

    with pytest.raises(SetupError, match="cannot be used"), StateDirectory(tmp_path / "state").occupied():
        pass


def test_the_profile_is_written_whole_and_for_its_owner_alone(tmp_path):
    state = StateDirectory(tmp_path)

    state.hand_over("{}")

    assert (state.profile.read_text(), mode(state.profile)) == ("{}", 0o600)
