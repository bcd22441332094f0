"""The sentences of faults about places and their engines, in Chinese and in English."""

from collections.abc import Mapping
from types import MappingProxyType

from penstock.api.pairs import Pair
from penstock.domain.faults import FaultCode

C = FaultCode

PLACES: Mapping[FaultCode, Pair] = MappingProxyType(
    {
        C.PLACE_WITHOUT_LOGS: Pair(
            "运行环境{place}（{engine}）由多个作业共用进程，没有单个作业的日志，不支持log_enabled。请关闭log_enabled，或使用其他运行环境的队列。",
            "The place {place} ({engine}) has no logs of a single job, as its processes are shared, so log_enabled cannot be "
            "kept there. Leave log_enabled out, or use a queue on another place.",
        ),
        C.PLACE_WITH_ONE_JOB_MANAGER: Pair(
            "运行环境{place}（{engine}）不支持为作业启动多个JobManager，manager_cu_number只能为1，而不是{given}。",
            "The place {place} ({engine}) gives a job one JobManager, and manager_cu_number {given} asks for more. Use 1, or a "
            "queue on another place.",
        ),
        C.PLACE_OF_ANOTHER_PROJECT: Pair(
            "运行环境{place}已被其他项目的队列使用，其作业共用进程，不允许多个项目共用。请使用其他运行环境，或请管理员设置many_projects。",
            "The place {place} has queues of another project, and its jobs share processes, so no other project may run there. "
            "Use another place, or ask the operator to set many_projects for it.",
        ),
        C.ENGINE_UNKNOWN: Pair(
            "没有引擎为{engine}的运行环境，可用的引擎有：{known}。",
            "No place of this service has the engine {engine}. Name one of these, or leave it out: {known}.",
        ),
        C.ENGINE_OF_ANOTHER_PLACE: Pair(
            "运行环境{place}的引擎是{kind}，而不是{engine}，请修改engine或place。",
            "The engine of the place {place} is {kind}, not {engine}. Correct engine or place.",
        ),
        C.ENGINE_OF_SEVERAL_PLACES: Pair(
            "引擎为{engine}的运行环境有多个：{places}，请用place指定其中一个。",
            "Several places have the engine {engine}: {places}. Name one of them in place.",
        ),
    }
)
