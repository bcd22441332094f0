"""What keeps a command from its end: what happened, what to do next, and the exit code."""

from enum import IntEnum

from penstock.domain.errors import PenstockError


class ExitCode(IntEnum):
    """How a command ends, for the program that called it."""

    OK = 0
    CALLER = 1  # whoever asks can put it right
    USAGE = 2
    OURS = 70  # EX_SOFTWARE
    SETUP = 78  # EX_CONFIG
    INTERRUPTED = 130  # 128 + SIGINT, as shells say it
    UNREAD = 141  # 128 + SIGPIPE: whoever read the output has gone


class Trouble(PenstockError):
    """The command cannot go on."""

    def __init__(self, what: str, cure: str, code: ExitCode = ExitCode.CALLER, **facts: object) -> None:
        super().__init__(what, **facts)
        self.cure = cure
        self.code = code
