"""What a caller should know of a job that can be run as it is: a code, the field it is about, and what the words need."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from penstock.domain.faults import Param


class WarningCode(StrEnum):
    """Every one of them; the words, in both languages, are made at the edge."""

    FLINK_BUNDLED = "flink_bundled"  # package, class_name, classes
    FLINK_2_USED = "flink_2_used"  # main_class, class_name
    CLASS_ABSENT = "class_absent"  # main_class, class_name, classes
    SIGNATURE_STALE = "signature_stale"  # package, entry
    JAR_PASSED_OVER = "jar_passed_over"  # package, why
    INNER_JARS_IGNORED = "inner_jars_ignored"  # package, entry


@dataclass(frozen=True, slots=True)
class JobWarning:
    """One thing that may go wrong later; nothing is refused for it."""

    code: WarningCode
    path: str = ""
    params: Mapping[str, Param] = field(default_factory=dict)

    @classmethod
    def at(cls, path: str, code: WarningCode, **params: Param) -> "JobWarning":
        return cls(code, path, params)
