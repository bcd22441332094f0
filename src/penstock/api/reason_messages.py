"""The sentence of every reason, in Chinese and in English: why a job is where it is."""

from collections.abc import Mapping
from types import MappingProxyType

from penstock.api.pairs import Pair
from penstock.domain.reason import ReasonCode

R = ReasonCode

_WAITING: Mapping[ReasonCode, Pair] = {
    R.DRAFT: Pair("草稿，等待：{missing}", "a draft that waits for: {missing}"),
    R.CREATED: Pair("作业已创建", "created"),
    R.DELETED: Pair("作业已删除", "deleted"),
    R.EDITED: Pair("作业已修改：{fields}", "changed: {fields}"),
    R.QUEUED: Pair("等待调度", "waits to be admitted"),
    R.QUEUED_FROM_SAVEPOINT: Pair("等待调度，将从保存点{path}恢复", "waits to be admitted, and begins from {path}"),
    R.WAITS_FOR_QUEUE: Pair(
        "队列{queue}共{total}个CU，空闲{free}个，作业需要{asked}个",
        "queue {queue} has {free} of {total} CUs free, the job asks for {asked}",
    ),
    R.WAITS_FOR_TURN: Pair(
        "在队列{queue}中排队，前面还有更早提交的作业",
        "waits on queue {queue} behind a job that was asked for before it",
    ),
    R.WAITS_FOR_PLACE: Pair(
        "运行环境{place}共{total} {unit}，空闲{free}，作业需要{asked}",
        "place {place} has {free} of {total} {unit} free, the job takes {asked}",
    ),
    R.WAITS_FOR_PLACE_TURN: Pair(
        "等待运行环境{place}，前面还有更早提交的作业",
        "waits for place {place} behind a job that was asked for before it",
    ),
    R.WAITS_FOR_OLD_RUN: Pair("等待上一次运行{run}完全结束", "waits until nothing is left of its previous run {run}"),
    R.WAITS_FOR_CONTROLLER: Pair(
        "没有控制器负责运行环境{place}，请检查服务", "no controller serves place {place} now; check the service"
    ),
    R.QUEUE_GONE: Pair("队列{queue}已不存在，请修改作业的队列", "queue {queue} is gone; give the job another one"),
    R.QUEUE_TOO_SMALL: Pair(
        "队列{queue}现在共{total}个CU，作业需要{asked}个，无法运行",
        "queue {queue} now has {total} CUs in all, the job asks for {asked}: it can never run there",
    ),
    R.PLACE_GONE: Pair(
        "运行环境{place}已不在设置中，请联系管理员", "place {place} is no longer in the settings; ask the operator"
    ),
}

_RUNNING: Mapping[ReasonCode, Pair] = {
    R.ADMITTED: Pair("已在队列{queue}上获得{asked}个CU", "admitted on queue {queue} with {asked} CUs"),
    R.LAUNCHING: Pair("正在启动", "being launched"),
    R.WAITS_FOR_START: Pair("等待启动：{said}", "waits for its turn to start: {said}"),
    R.PREPARING: Pair("Flink正在启动，或main()正在执行", "its Flink starts, or its main() runs"),
    R.STARTING: Pair("Flink已接收作业，任务正在启动", "Flink has the job; not every task runs yet"),
    R.RUNS: Pair("所有任务都在运行", "every task runs"),
    R.RESTARTED_IN_PLACE: Pair("Flink已原地重启作业：{said}", "Flink restarts it in place: {said}"),
    R.MADE_WHOLE: Pair("丢失的进程正在重新启动", "a process of it was gone and is being started again"),
    R.RESTART_PAUSE: Pair("{seconds}秒后重新启动", "starts again after a pause of {seconds} s"),
    R.RESTART_DUE: Pair("暂停结束，重新排队", "its pause is over; it is queued again"),
    R.SAVEPOINT_ASKED: Pair("已请求创建保存点", "a savepoint was asked for"),
    R.SAVEPOINTING: Pair("Flink正在创建保存点", "Flink makes the savepoint"),
    R.SAVEPOINT_SUPERSEDED: Pair(
        "在该保存点完成之前请求了新的保存点，因此不再保留它",
        "a newer savepoint was asked for before this one was seen whole, so it is not kept",
    ),
    R.SAVEPOINT_ENDED: Pair("保存点已创建：{path}", "the savepoint is complete: {path}"),
    R.SAVEPOINT_FAILED: Pair("创建保存点失败：{said}", "the savepoint failed: {said}"),
    R.SAVEPOINT_TIMED_OUT: Pair(
        "{seconds}秒内未能完成保存点", "the savepoint was not complete after {seconds} s and was given up"
    ),
    R.SAVEPOINT_IMPORTED: Pair(
        "已导入保存点{copy}", "the savepoint {copy} was imported; the next run may begin from it"
    ),
    R.SAVEPOINT_COPIED: Pair("保存点已复制到{copy}", "the savepoint is copied, whole, to {copy}"),
    R.SAVEPOINT_COPY_STUCK: Pair(
        "保存点暂时无法复制到{copy}，将继续尝试：{said}",
        "the savepoint cannot be copied to {copy} now, and is tried again: {said}",
    ),
    R.SAVEPOINT_NOT_COPIED: Pair(
        "服务所在的机器无法读取保存点{path}，因此未复制到{copy}",
        "the savepoint stays at {path}: this service cannot read it there, so it is not copied to {copy}",
    ),
    R.SILENT: Pair(
        "运行环境{place}没有响应，作业状态保持不变；{seconds}秒后将清除该次运行",
        "place {place} does not answer; nothing is known to have changed, and after {seconds} s the run is fenced off",
    ),
    R.FENCING: Pair(
        "运行环境{place}已{seconds}秒没有响应，正在清除该次运行",
        "place {place} has not answered for {seconds} s; the run is being fenced off",
    ),
    R.LAUNCH_TROUBLE: Pair("启动遇到问题，将继续尝试：{said}", "launching met trouble and is tried again: {said}"),
}

_ENDING: Mapping[ReasonCode, Pair] = {
    R.FINISHED: Pair("作业已完成", "the job has done its work"),
    R.CANCELED_ELSEWHERE: Pair("作业在Flink中被取消", "it was cancelled in Flink itself, not through this service"),
    R.REFUSED: Pair("{said}", "{said}"),
    R.LAUNCH_TIMED_OUT: Pair(
        "{seconds}秒内未能启动，请检查main()是否能够返回",
        "it did not run after {seconds} s and was given up; check that its main() comes to an end",
    ),
    R.BROKE: Pair("{said}", "{said}"),
    R.BROKE_RESUMING: Pair(
        "运行中断，将从检查点{checkpoint}恢复：{said}", "it broke and begins again from {checkpoint}: {said}"
    ),
    R.BROKE_ANEW: Pair("运行中断，将重新开始运行：{said}", "it broke and begins again from nothing: {said}"),
    R.STATE_UNREADABLE: Pair(
        "运行中断，且没有可读取的检查点，作业不会以空状态重新开始：{said}",
        "it broke, none of its checkpoints can be read, and it does not begin again without its state: {said}",
    ),
    R.FLINK_RESTARTED: Pair(
        "Flink已重启该次运行，共{times}次", "Flink restarted the run in place, {times} times by now"
    ),
    R.LOST: Pair("运行作业的进程已丢失", "the processes that ran it are gone"),
    R.STOP_ASKED: Pair("已请求停止", "a stop was asked for"),
    R.STOP_WITH_SAVEPOINT_ASKED: Pair("已请求停止并创建保存点", "a stop with a savepoint was asked for"),
    R.STOPPING: Pair("Flink正在停止作业", "Flink is stopping it"),
    R.STOPPED: Pair("已停止", "stopped as it was asked to"),
    R.STOPPED_WITH_SAVEPOINT: Pair("已停止，保存点：{path}", "stopped as it was asked to, with the savepoint {path}"),
    R.ENDED_BEFORE_SAVEPOINT: Pair(
        "作业在保存点创建之前已自行结束", "it came to its end by itself before the savepoint was made"
    ),
    R.STOP_TIMED_OUT: Pair(
        "{seconds}秒内未能停止，可以再次请求停止", "it did not stop within {seconds} s; ask for the stop again"
    ),
    R.SHIPPING_LOGS: Pair("正在将日志转储到桶{bucket}", "the last of its logs is being copied to the bucket {bucket}"),
    R.LOGS_STUCK: Pair(
        "日志暂时无法转储到桶{bucket}，将继续尝试：{said}",
        "its logs cannot be copied to the bucket {bucket} now and are tried again: {said}",
    ),
    R.LOGS_BUCKET_GONE: Pair(
        "桶{bucket}已不存在，日志无法转储；重新创建并授权该桶后将继续",
        "the bucket {bucket} is gone, so its logs are copied nowhere; make it and authorise it again, and they are",
    ),
    R.LOGS_GIVEN_UP: Pair(
        "{seconds}秒内未能将日志转储到桶{bucket}，剩余部分已丢失",
        "the rest of its logs could not be copied to the bucket {bucket} within {seconds} s and is lost",
    ),
    R.LOGS_VANISHED: Pair(
        "该次运行的文件已丢失，日志未能全部转储到桶{bucket}",
        "nothing of the run is left at its place, so the last of its logs did not reach the bucket {bucket}",
    ),
    R.LOGS_GAP: Pair(
        "日志文件{file}在转储前已被滚动删除，部分内容缺失",
        "a part of {file} was rolled away before it could be copied; it is missing in the bucket",
    ),
    R.LOGS_REFUSED: Pair(
        "{file}不是普通日志文件，不会转储", "{file} is not a plain file of the run's own, so it is not copied"
    ),
    R.CLEARING: Pair("正在清理运行的进程和文件", "what is left of the run is being cleared away"),
    R.CLEARED: Pair("该次运行已清理完毕", "nothing of the run is left"),
}

_ALARMS: Mapping[ReasonCode, Pair] = {
    R.ALARM_WRITTEN: Pair(
        "已向主题{topic}的{receivers}个订阅者发出告警",
        "an alarm goes to the {receivers} subscribers of the topic {topic}",
    ),
    R.ALARM_TOPIC_GONE: Pair(
        "主题{topic}已不存在，无法发送告警", "the topic {topic} is gone, so nobody can be told; create it again"
    ),
    R.ALARM_DELIVERED: Pair(
        "告警已送达主题{topic}的订阅者（{protocol}）", "told a subscriber of {topic} by {protocol}"
    ),
    R.ALARM_GIVEN_UP: Pair(
        "告警未能送达主题{topic}的订阅者（{protocol}）：{said}",
        "could not tell a subscriber of {topic} by {protocol}: {said}",
    ),
}

REASONS: Mapping[ReasonCode, Pair] = MappingProxyType({**_WAITING, **_RUNNING, **_ENDING, **_ALARMS})
