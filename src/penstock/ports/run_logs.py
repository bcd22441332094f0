"""The logs of runs, as the inside sees them: listed, read a piece at a time, and brought to an end."""

from typing import Protocol

from penstock.domain.log import LogFile, LogListing
from penstock.domain.run import RunId


class RunLogs(Protocol):
    """What a place knows of a run's logs. Methods raise EngineUnavailable where the place does not answer.

    Only plain files of the run's own are ever read: its code may have put something else in their place.
    """

    async def logs(self, run: RunId) -> LogListing:
        """Its files as they are now. A run that is not there has none, and none will come: that is final."""
        ...

    async def read_log(self, run: RunId, file: LogFile, offset: int, limit: int) -> bytes:
        """At most so many bytes of this incarnation from there on; none at its end, or where it is gone."""
        ...

    async def halt(self, run: RunId) -> None:
        """No process of it is left, so its logs are final; they stay, as does what is known of it, until `discard`. It
        is seen as ended from then on: as it had ended, else as lost. Idempotent; one that is not there is no error."""
        ...
