"""What an operator may set for a place of this engine: the keys beside `engine` in `[places.<name>]`."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from penstock.domain.errors import SetupError


class RehearsalSettings(BaseModel):
    """One place. A key that is not a field is an error: a slip must not be taken for a default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start_seconds: float = Field(default=1.0, ge=0, le=3600)
    """Seconds from the launch of a run until it is seen running."""
    cus: int | None = Field(default=None, ge=1)
    """CUs that the place offers in all; none means no limit. With one, jobs wait for room as on a real place."""


def read_settings(given: Mapping[str, object]) -> RehearsalSettings:
    """Raises SetupError: the start of the service then ends with that sentence."""
    try:
        return RehearsalSettings.model_validate(dict(given))
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise SetupError(f"The settings of a rehearsal place are wrong: {faults}.") from error
