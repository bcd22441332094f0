"""DLI's names for the states, what people read beside them, and the way back from a name to states."""

from collections.abc import Mapping
from types import MappingProxyType

from penstock.api.messages import Language, Phrase, text_of, word
from penstock.api.pairs import Pair
from penstock.domain.job import Job
from penstock.domain.lifecycle import State
from penstock.domain.reason import ReasonCode

_S = State

# dli: show job details, `status`.
NAMES: Mapping[State, str] = MappingProxyType(
    {
        _S.DRAFT: "job_init",
        _S.QUEUED: "job_submitting",
        _S.LAUNCHING: "job_submitting",
        _S.RUNNING: "job_running",
        _S.SAVEPOINTING: "job_savepointing",
        _S.PARTING: "job_savepointing",
        _S.RESTARTING: "job_submitting",
        _S.STOPPING: "job_canceling",
        _S.STOP_FAILED: "job_cancel_fail",
        _S.STOPPED: "job_cancel_success",
        _S.FINISHED: "job_finish",
        _S.LAUNCH_FAILED: "job_submit_fail",
        _S.FAILED: "job_running_exception",
    }
)

LABELS: Mapping[str, Pair] = MappingProxyType(
    {
        "job_init": Pair("草稿", "Draft"),
        "job_submitting": Pair("提交中", "Submitting"),
        "job_submit_fail": Pair("提交失败", "Submission failed"),
        "job_running": Pair("运行中", "Running"),
        "job_running_exception": Pair("运行异常", "Running exception"),
        "job_downloading": Pair("下载中", "Downloading"),
        "job_idle": Pair("空闲", "Idle"),
        "job_canceling": Pair("停止中", "Stopping"),
        "job_cancel_success": Pair("已停止", "Stopped"),
        "job_cancel_fail": Pair("停止失败", "Stopping failed"),
        "job_savepointing": Pair("保存点创建中", "Creating savepoint"),
        "job_arrearage_stopped": Pair("因欠费被停止", "Stopped for arrears"),
        "job_arrearage_recovering": Pair("欠费作业恢复中", "Recovering from arrears"),
        "job_finish": Pair("已完成", "Completed"),
    }
)

_SPEAK_OF_THE_REASON = frozenset({_S.LAUNCH_FAILED, _S.FAILED, _S.STOP_FAILED, _S.RESTARTING})
# A job that only waits for its first look is simply being submitted.
_NOTHING_TO_SAY = frozenset(
    {ReasonCode.QUEUED, ReasonCode.QUEUED_FROM_SAVEPOINT, ReasonCode.ADMITTED, ReasonCode.LAUNCHING}
)


def status_of(job: Job) -> str:
    return NAMES[job.state]


def states_named(name: str) -> tuple[State, ...] | None:
    """The states behind DLI's name; none if we never are in it, None if DLI has no such name."""
    if name not in LABELS:
        return None
    return tuple(state for state, its_name in NAMES.items() if its_name == name)


def description_of(job: Job, language: Language) -> str:
    """Empty for a draft, the reason where there is one worth reading, else the label of the state."""
    if job.state is State.DRAFT:
        return ""
    waits = job.state is State.QUEUED and job.reason.code not in _NOTHING_TO_SAY
    if waits or job.state in _SPEAK_OF_THE_REASON:
        return text_of(job.reason, language)
    return label_of(job, language)


def label_of(job: Job, language: Language) -> str:
    label = LABELS[status_of(job)]
    return label.zh if language is Language.ZH else label.en


def first_words(job: Job, language: Language) -> tuple[str, str]:
    """Name and description in the answer of create, where a running job has a name of its own (dli: the sample of
    create Flink jar job)."""
    if job.state is State.RUNNING:
        return "running", word(Phrase.RUNNING_NOW, language)
    return status_of(job), description_of(job, language)
