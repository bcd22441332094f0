"""The states of a job as a table: which news moves it from where to where.

DLI's names for the states live in `api/` alone. Whatever has no row is not legal: a caller's wish without one is
`NotNow`, and the planner never says such news (a test proves it).
"""

from enum import Enum, StrEnum
from types import MappingProxyType


class State(StrEnum):
    """Where a job is."""

    DRAFT = "draft"
    QUEUED = "queued"
    LAUNCHING = "launching"
    RUNNING = "running"
    SAVEPOINTING = "savepointing"
    PARTING = "parting"
    RESTARTING = "restarting"
    STOPPING = "stopping"
    STOP_FAILED = "stop_failed"
    STOPPED = "stopped"
    FINISHED = "finished"
    LAUNCH_FAILED = "launch_failed"
    FAILED = "failed"


class News(Enum):
    """What happened to a job."""

    RUN_ASKED = "run_asked"
    STOP_ASKED = "stop_asked"
    STOP_WITH_SAVEPOINT_ASKED = "stop_with_savepoint_asked"
    SAVEPOINT_ASKED = "savepoint_asked"
    ADMITTED = "admitted"
    ADMISSION_REFUSED = "admission_refused"
    SEEN_RUNNING = "seen_running"
    SEEN_FINISHED = "seen_finished"
    SEEN_GONE = "seen_gone"
    LAUNCH_REFUSED = "launch_refused"
    LAUNCH_TIMED_OUT = "launch_timed_out"
    BROKE = "broke"
    BROKE_FOR_GOOD = "broke_for_good"
    RESTART_DUE = "restart_due"
    SAVEPOINT_ENDED = "savepoint_ended"
    SAVEPOINT_FAILED = "savepoint_failed"
    STOP_TIMED_OUT = "stop_timed_out"


_S, _N = State, News
_RUN_AGAIN = {_N.RUN_ASKED: _S.QUEUED}
_ALIVE_AND_WELL = {
    _N.SEEN_FINISHED: _S.FINISHED,
    _N.SEEN_GONE: _S.STOPPED,
    _N.BROKE: _S.RESTARTING,
    _N.BROKE_FOR_GOOD: _S.FAILED,
    _N.STOP_ASKED: _S.STOPPING,
    _N.STOP_WITH_SAVEPOINT_ASKED: _S.PARTING,
}
_ENDS_STOPPED = dict.fromkeys((_N.SEEN_GONE, _N.SEEN_FINISHED, _N.BROKE, _N.BROKE_FOR_GOOD), _S.STOPPED)

NEXT = MappingProxyType(
    {
        _S.DRAFT: _RUN_AGAIN,
        _S.QUEUED: {
            _N.ADMITTED: _S.LAUNCHING,
            _N.ADMISSION_REFUSED: _S.LAUNCH_FAILED,
            _N.STOP_ASKED: _S.STOPPED,
        },
        _S.LAUNCHING: {
            _N.SEEN_RUNNING: _S.RUNNING,
            _N.SEEN_FINISHED: _S.FINISHED,
            _N.SEEN_GONE: _S.STOPPED,
            _N.LAUNCH_REFUSED: _S.LAUNCH_FAILED,
            _N.LAUNCH_TIMED_OUT: _S.LAUNCH_FAILED,
            _N.BROKE_FOR_GOOD: _S.LAUNCH_FAILED,
            _N.BROKE: _S.RESTARTING,
            _N.STOP_ASKED: _S.STOPPING,
        },
        _S.RUNNING: _ALIVE_AND_WELL | {_N.SAVEPOINT_ASKED: _S.SAVEPOINTING},
        _S.SAVEPOINTING: _ALIVE_AND_WELL | {_N.SAVEPOINT_ENDED: _S.RUNNING, _N.SAVEPOINT_FAILED: _S.RUNNING},
        _S.PARTING: {
            _N.SEEN_FINISHED: _S.STOPPED,
            _N.SEEN_GONE: _S.STOPPED,
            _N.SAVEPOINT_FAILED: _S.RUNNING,
            _N.STOP_ASKED: _S.STOPPING,
            _N.STOP_TIMED_OUT: _S.STOP_FAILED,
            _N.BROKE: _S.RESTARTING,
            _N.BROKE_FOR_GOOD: _S.FAILED,
        },
        _S.RESTARTING: {_N.RESTART_DUE: _S.QUEUED, _N.STOP_ASKED: _S.STOPPED},
        _S.STOPPING: _ENDS_STOPPED | {_N.STOP_TIMED_OUT: _S.STOP_FAILED},
        _S.STOP_FAILED: _ENDS_STOPPED | {_N.STOP_ASKED: _S.STOPPING},
        _S.STOPPED: _RUN_AGAIN,
        _S.FINISHED: _RUN_AGAIN,
        _S.LAUNCH_FAILED: _RUN_AGAIN,
        _S.FAILED: _RUN_AGAIN,
    }
)

SETTLED = frozenset({State.STOPPED, State.FINISHED, State.LAUNCH_FAILED, State.FAILED})
ALIVE = frozenset(
    {State.LAUNCHING, State.RUNNING, State.SAVEPOINTING, State.PARTING, State.STOPPING, State.STOP_FAILED}
)


def after(state: State, news: News) -> State | None:
    """The state that the news leads to, or None if the table has no such row."""
    return NEXT[state].get(news)
