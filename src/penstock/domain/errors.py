"""The one tree of errors; whether to try again is a matter of type, decided where the error is born.

PenstockError                    says what, why and what to do; carries `facts` for the log
├── CallerError                  the caller can fix it; carries faults, whose words are made at the edge
│   ├── Invalid                  every fault at once
│   ├── NotFound · AlreadyExists
│   ├── NotNow                   the lifecycle has no such move
│   ├── NoRoom                   it can never fit
│   ├── NotKnown                 we do not know who asks
│   └── NotAllowed               we know, and they may not
├── EngineError                  a place to run could not
│   ├── LaunchRefused            for good: the reason goes to the caller
│   ├── EngineUnavailable        passing: try again with patience
│   └── PlaceElsewhere           only another service can reach it
├── StorageError                 ObjectMissing · StoreUnavailable · StoreFull
├── OutsideError                 somebody outside could not be told or asked
│   ├── OutsideRefused           for good: the guard does not let us, or they never will take it
│   └── OutsideUnavailable       passing: try again with patience
├── StaleWrite                   someone changed it first: load again and plan again
├── LeaseLost                    another controller holds this lease now: stop acting
└── SetupError                   wrong settings or surroundings: one sentence, exit code 78
"""

from collections.abc import Sequence
from typing import Self

from penstock.domain.faults import Fault, FaultCode, Param


class PenstockError(Exception):
    """Something went wrong in Penstock."""

    def __init__(self, message: str = "", **facts: object) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())
        self.facts = facts


class CallerError(PenstockError):
    """The request cannot be served as it is."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{fault.path or 'request'}: {fault.code}" for fault in faults))
        self.faults = tuple(faults)

    @classmethod
    def of(cls, code: FaultCode, path: str = "", **params: Param) -> Self:
        """One fault is the usual number."""
        return cls([Fault(code, path, params)])


class Invalid(CallerError):
    """The request has faults."""


class NotFound(CallerError):
    """What the request names is not there."""


class AlreadyExists(CallerError):
    """What the request would make is there already."""


class NotNow(CallerError):
    """The state that the job is in has no such move."""


class NoRoom(CallerError):
    """The job is larger than the place it should run in."""


class NotKnown(CallerError):
    """The caller is not known."""


class NotAllowed(CallerError):
    """The caller may not do this."""


class EngineError(PenstockError):
    """A place to run could not do what it was asked."""


class LaunchRefused(EngineError):
    """The run can never start as it is; the message is for the caller."""


class PlaceElsewhere(EngineError):
    """Another service looks after the place."""


class EngineUnavailable(EngineError):
    """The place does not answer now; it may later."""


class StorageError(PenstockError):
    """An object could not be stored or read."""


class ObjectMissing(StorageError):
    """There is no such object."""


class StoreUnavailable(StorageError):
    """The store does not answer now; it may later."""


class StoreFull(StorageError):
    """The store has no space left."""


class OutsideError(PenstockError):
    """Somebody outside could not be told or asked."""


class OutsideRefused(OutsideError):
    """It can never be told or asked as it is; the message says why."""


class OutsideUnavailable(OutsideError):
    """It does not answer as it should now; it may later."""


class StaleWrite(PenstockError):
    """Someone changed it first: load it again and plan again."""


class LeaseLost(PenstockError):
    """Another controller holds this lease now."""


class SetupError(PenstockError):
    """The settings or the surroundings do not allow a start."""
