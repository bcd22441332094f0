"""The sentences of faults about savepoints, in Chinese and in English."""

from collections.abc import Mapping
from types import MappingProxyType

from penstock.api.pairs import Pair
from penstock.domain.faults import FaultCode

C = FaultCode

SAVEPOINT_FAULTS: Mapping[FaultCode, Pair] = MappingProxyType(
    {
        C.SAVEPOINT_MISSING: Pair(
            "作业{job}没有保存点，请将resume_savepoint设置为false，或先导入一个保存点。",
            "The job {job} has no savepoint to begin from. Set resume_savepoint to false, or import one first.",
        ),
        C.SAVEPOINT_ELSEWHERE: Pair(
            "保存点{address}只存在于运行环境{place}，尚未复制到桶中，请让作业在该环境上运行，或等待复制完成。",
            "The savepoint {address} is at the place {place} alone, without a copy in a bucket. Run the job on a queue of "
            "that place, or wait until it is copied.",
        ),
        C.SAVEPOINT_PATH_INVALID: Pair(
            "savepoint_path {given}不是有效的路径，请使用bucket/dir的形式。",
            "{given} is no folder that a savepoint can have. Write savepoint_path as bucket/dir, or obs://bucket/dir.",
        ),
        C.SAVEPOINT_UNKNOWN: Pair(
            "{folder}中没有保存点（缺少_metadata，或其内容不是Flink的元数据），请检查savepoint_path。",
            "There is no savepoint in {folder}: it has no _metadata, or none of Flink's. Name the folder in which that file "
            "lies.",
        ),
        C.PLACE_WITHOUT_SAVEPOINTS: Pair(
            "运行环境{place}不支持保存点，请使用其他队列，或不要触发保存点。",
            "Jobs at the place {place} cannot make savepoints. Stop the job without one, or run it on another queue.",
        ),
        C.ACTION_INVALID: Pair(
            "action只支持TRIGGER，实际为{given}。",
            "The only action is TRIGGER, and {given} was given. Leave it out, or say so.",
        ),
        C.JOB_IDS_DIFFER: Pair(
            "请求体中的job_id（{given}）与路径中的（{job}）不一致。",
            "The body names the job {given}, but the path the job {job}. Leave job_id out, or give the same.",
        ),
    }
)
