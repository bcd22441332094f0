"""Every word that a caller reads, in Chinese and in English: of faults, of reasons, and of answers that went well."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

from penstock.api.fault_messages import FAULTS
from penstock.api.field_messages import BY_FIELD, KINDS
from penstock.api.jar_messages import WARNINGS
from penstock.api.pairs import Pair
from penstock.api.reason_messages import REASONS
from penstock.api.why_messages import WHYS
from penstock.domain.faults import Fault, FaultCode, Param
from penstock.domain.reason import Reason
from penstock.domain.warning import JobWarning

_LONGEST_PARAM = 2000  # characters; Flink's own words can be a whole stack trace
_ELLIPSIS = "…"


class Language(StrEnum):
    """The two that DLI speaks (dli: `X-Language`)."""

    ZH = "zh"
    EN = "en"


class Phrase(StrEnum):
    """Sentences that are neither faults nor reasons."""

    JAR_JOB_CREATED = "jar_job_created"
    JAR_JOB_UPDATED = "jar_job_updated"
    JOBS_RUN = "jobs_run"
    JOBS_STOPPED = "jobs_stopped"
    JOB_UPDATED = "job_updated"
    JOBS_LISTED = "jobs_listed"
    JOB_SHOWN = "job_shown"
    JOB_DELETED = "job_deleted"
    GRAPH_SHOWN = "graph_shown"
    BUCKETS_AUTHORISED = "buckets_authorised"
    RUNNING_NOW = "running_now"
    INTERNAL = "internal"
    PLACE_SILENT = "place_silent"
    PLACE_ELSEWHERE = "place_elsewhere"
    STORE_SILENT = "store_silent"
    TOO_BUSY = "too_busy"


# The literals of answers are DLI's own (dli: the sample of each page); clients compare them byte for byte.
PHRASES: Mapping[Phrase, Pair] = MappingProxyType(
    {
        Phrase.JAR_JOB_CREATED: Pair("新建flink作业成功", "A Flink job is created successfully."),
        Phrase.JAR_JOB_UPDATED: Pair("更新flink作业成功", "The Flink job is updated successfully."),
        Phrase.JOBS_RUN: Pair("作业提交请求下发成功", "The request for submitting DLI jobs is successfully delivered."),
        Phrase.JOBS_STOPPED: Pair(
            "作业停止请求下发成功", "The request for stopping DLI jobs is successfully delivered."
        ),
        Phrase.JOB_UPDATED: Pair("作业更新成功", "The job is updated successfully."),
        Phrase.JOBS_LISTED: Pair("作业列表查询成功", "Jobs are successfully listed."),
        Phrase.JOB_SHOWN: Pair("作业详情查询成功", "Job detail query succeeds."),
        Phrase.JOB_DELETED: Pair("作业删除成功", "The job is successfully deleted."),
        Phrase.GRAPH_SHOWN: Pair("查询作业执行流图成功", "The job execution stream graph is successfully queried."),
        Phrase.BUCKETS_AUTHORISED: Pair(
            "以下OBS桶授权成功, {buckets}", "The following OBS bucket is authorized successfully, {buckets}."
        ),
        Phrase.RUNNING_NOW: Pair("正在运行", "Running"),
        Phrase.INTERNAL: Pair(
            "服务内部错误，请求未能完成。请稍后重试，并向管理员提供响应头中的X-Request-Id。",
            "The service failed to answer the request. Try again; if it happens again, give the operator the "
            "X-Request-Id of this answer.",
        ),
        Phrase.PLACE_SILENT: Pair(
            "作业所在的运行环境当前没有响应，请稍后重试。",
            "The place where the job runs does not answer now. Try again in a moment.",
        ),
        Phrase.PLACE_ELSEWHERE: Pair(
            "作业所在的运行环境由另一个Penstock服务管理，请向该服务查询。",
            "The job runs at a place that only another service of this installation can reach. Ask that one.",
        ),
        Phrase.STORE_SILENT: Pair(
            "存储（数据库或对象存储）当前没有响应，请稍后重试。",
            "The database or the object store does not answer now. Try again in a moment.",
        ),
        Phrase.TOO_BUSY: Pair(
            "该对象正被多个请求同时修改，请稍后重试。",
            "Several requests are changing the same thing at once. Try again in a moment.",
        ),
    }
)


def word(phrase: Phrase, language: Language) -> str:
    """The phrase in this language."""
    return _of(PHRASES[phrase], language)


def sentence_of(fault: Fault, language: Language) -> str:
    """What is wrong, why, and what to do."""
    shown = _shown(fault.params)
    pair = BY_FIELD.get((fault.code, str(fault.params.get("field"))), FAULTS[fault.code])
    if fault.code is FaultCode.WRONG_TYPE:
        shown |= {name: _of(KINDS[str(fault.params[name])], language) for name in ("expected", "given")}
    if fault.code in {FaultCode.SIGNATURE_INVALID, FaultCode.UPLOAD_BROKEN}:
        shown["why"] = _of(WHYS[str(fault.params["why"])], language)
    return _of(pair, language).format_map(shown)


def sentences_of(faults: Sequence[Fault], language: Language) -> str:
    """All of them, one sentence each; the same sentence once."""
    sentences = dict.fromkeys(sentence_of(fault, language) for fault in faults)
    return ("" if language is Language.ZH else " ").join(sentences)


def warning_text_of(warning: JobWarning, language: Language) -> str:
    """What may go wrong, and what to do."""
    return _of(WARNINGS[warning.code], language).format_map(_shown(warning.params))


def text_of(reason: Reason, language: Language) -> str:
    """Why a job is where it is."""
    return _of(REASONS[reason.code], language).format_map(_shown(reason.params)).strip()


def _of(pair: Pair, language: Language) -> str:
    return pair.zh if language is Language.ZH else pair.en


class _Shown(dict[str, object]):
    """Words must come out even of a reason that an older version wrote down without a parameter."""

    def __missing__(self, key: str) -> str:
        return "?"


def _shown(params: Mapping[str, Param]) -> _Shown:
    return _Shown({name: _short(value) if isinstance(value, str) else value for name, value in params.items()})


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_PARAM else text[: _LONGEST_PARAM - 1] + _ELLIPSIS
