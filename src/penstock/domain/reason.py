"""Why a job is where it is: a code and what the words need; the words are made at the edge."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from penstock.domain.faults import Param


class ReasonCode(StrEnum):
    """Every reason that a job's state, or a pass of a controller, can have."""

    DRAFT = "draft"  # missing: what it needs to run
    CREATED = "created"
    DELETED = "deleted"
    EDITED = "edited"  # fields
    QUEUED = "queued"
    QUEUED_FROM_SAVEPOINT = "queued_from_savepoint"  # path
    WAITS_FOR_QUEUE = "waits_for_queue"  # queue, free, total, asked
    WAITS_FOR_TURN = "waits_for_turn"  # queue, ahead (a job id)
    WAITS_FOR_PLACE = "waits_for_place"  # place, free, total, asked, unit
    WAITS_FOR_PLACE_TURN = "waits_for_place_turn"  # place, ahead (a job id)
    WAITS_FOR_OLD_RUN = "waits_for_old_run"  # run
    WAITS_FOR_CONTROLLER = "waits_for_controller"  # place
    QUEUE_GONE = "queue_gone"  # queue
    QUEUE_TOO_SMALL = "queue_too_small"  # queue, total, asked
    PLACE_GONE = "place_gone"  # place
    ADMITTED = "admitted"  # queue, asked
    LAUNCHING = "launching"
    WAITS_FOR_START = "waits_for_start"  # said
    PREPARING = "preparing"
    STARTING = "starting"
    RUNS = "runs"
    RESTARTED_IN_PLACE = "restarted_in_place"  # said
    MADE_WHOLE = "made_whole"
    FINISHED = "finished"
    CANCELED_ELSEWHERE = "canceled_elsewhere"
    REFUSED = "refused"  # said: Flink's own text
    LAUNCH_TIMED_OUT = "launch_timed_out"  # seconds
    BROKE = "broke"  # said: Flink's own text
    LOST = "lost"
    BROKE_RESUMING = "broke_resuming"  # said, checkpoint
    BROKE_ANEW = "broke_anew"  # said, checkpoint: the one that is left behind, empty if there is none
    STATE_UNREADABLE = "state_unreadable"  # said
    FLINK_RESTARTED = "flink_restarted"  # times
    RESTART_PAUSE = "restart_pause"  # seconds
    RESTART_DUE = "restart_due"
    STOP_ASKED = "stop_asked"
    STOP_WITH_SAVEPOINT_ASKED = "stop_with_savepoint_asked"
    STOPPING = "stopping"
    STOPPED = "stopped"
    STOP_TIMED_OUT = "stop_timed_out"  # seconds
    SAVEPOINT_ASKED = "savepoint_asked"
    SAVEPOINTING = "savepointing"
    SAVEPOINT_SUPERSEDED = "savepoint_superseded"
    SAVEPOINT_ENDED = "savepoint_ended"  # path
    SAVEPOINT_FAILED = "savepoint_failed"  # said
    SAVEPOINT_TIMED_OUT = "savepoint_timed_out"  # seconds
    SAVEPOINT_IMPORTED = "savepoint_imported"  # copy
    SAVEPOINT_COPIED = "savepoint_copied"  # copy
    SAVEPOINT_COPY_STUCK = "savepoint_copy_stuck"  # copy, said
    SAVEPOINT_NOT_COPIED = "savepoint_not_copied"  # path, copy
    STOPPED_WITH_SAVEPOINT = "stopped_with_savepoint"  # path
    ENDED_BEFORE_SAVEPOINT = "ended_before_savepoint"
    SILENT = "silent"  # place, seconds
    FENCING = "fencing"  # place, seconds
    SHIPPING_LOGS = "shipping_logs"  # bucket
    LOGS_STUCK = "logs_stuck"  # bucket, said
    LOGS_BUCKET_GONE = "logs_bucket_gone"  # bucket
    LOGS_GIVEN_UP = "logs_given_up"  # bucket, seconds
    LOGS_VANISHED = "logs_vanished"  # bucket
    LOGS_GAP = "logs_gap"  # file
    LOGS_REFUSED = "logs_refused"  # file
    CLEARING = "clearing"
    CLEARED = "cleared"
    LAUNCH_TROUBLE = "launch_trouble"  # said
    # alarms
    ALARM_WRITTEN = "alarm_written"  # topic, receivers
    ALARM_TOPIC_GONE = "alarm_topic_gone"  # topic
    ALARM_DELIVERED = "alarm_delivered"  # topic, protocol
    ALARM_GIVEN_UP = "alarm_given_up"  # topic, protocol, said


@dataclass(frozen=True, slots=True)
class Reason:
    """A code with its parameters; equal reasons are the same reason."""

    code: ReasonCode
    params: Mapping[str, Param] = field(default_factory=dict)

    @classmethod
    def of(cls, code: ReasonCode, **params: Param) -> "Reason":
        return cls(code, params)
