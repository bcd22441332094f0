"""What may go wrong with a job although it can be run, as our answers write it; DLI has no word for it."""

from collections.abc import Sequence

from pydantic import BaseModel

from penstock.api.messages import Language, warning_text_of
from penstock.domain.warning import JobWarning


class WarningOut(BaseModel):
    """A warning with its words; `path` is the field that it is about."""

    code: str
    path: str
    detail: str

    @classmethod
    def all_of(cls, warnings: Sequence[JobWarning], language: Language) -> "list[WarningOut]":
        return [cls(code=one.code, path=one.path, detail=warning_text_of(one, language)) for one in warnings]
