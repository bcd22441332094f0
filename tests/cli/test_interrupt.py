"""Ctrl-C before the command has even begun ends it without a word."""

import subprocess
import sys

_INTERRUPTED_WHILE_IMPORTING = """
import sys
import penstock.__main__

class Impatient:
    def find_spec(self, name, path=None, target=None):
        if name == "penstock.cli.main":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Impatient())
penstock.__main__.main()
"""


def test_an_interrupt_while_the_command_is_loaded_is_no_trace():
    command = [sys.executable, "-c", _INTERRUPTED_WHILE_IMPORTING]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")
