"""Lets `python -m penstock` and the command `penstock` be the same."""

import sys

_INTERRUPTED = 130  # cli.trouble.ExitCode.INTERRUPTED, which cannot be imported yet


def main() -> None:
    try:
        # Imported here, since that takes a moment, in which somebody may press Ctrl-C.
        from penstock.cli.main import run  # noqa: PLC0415
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    sys.exit(run())


if __name__ == "__main__":
    main()
