"""Lets `python -m penstock` and the command `penstock` be the same."""

import sys

from penstock.cli.main import run


def main() -> None:
    sys.exit(run())


if __name__ == "__main__":
    main()
