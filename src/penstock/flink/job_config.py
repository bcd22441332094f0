"""What Flink is told about one job: where its state goes, when it is checkpointed, what follows a failure.

These are defaults of the submission: what the job's own code sets wins.
"""

from penstock.domain.spec import JobSpec


def job_config(spec: JobSpec, state: str) -> dict[str, str]:
    """`state` is the address of the folder that keeps what the job retains; all its processes must see it."""
    return _state(state) | _checkpoints(spec) | _failures(spec)


def _state(folder: str) -> dict[str, str]:
    return {
        "state.checkpoints.dir": f"{folder}/checkpoints",
        "state.savepoints.dir": f"{folder}/savepoints",
        # Else Flink deletes the checkpoints of a job that is cancelled, and with them what a restart begins from.
        "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
    }


def _checkpoints(spec: JobSpec) -> dict[str, str]:
    if not spec.checkpoint_enabled:
        return {}
    return {
        "execution.checkpointing.interval": f"{spec.checkpoint_interval} s",
        "execution.checkpointing.mode": spec.checkpoint_mode.upper(),
    }


def _failures(spec: JobSpec) -> dict[str, str]:
    if not spec.restart_when_exception:
        return {"restart-strategy.type": "none"}
    if spec.resume_max_num > 0:
        return {
            "restart-strategy.type": "failure-rate",
            "restart-strategy.failure-rate.max-failures-per-interval": str(spec.resume_max_num),
            "restart-strategy.failure-rate.failure-rate-interval": "1 h",
            "restart-strategy.failure-rate.delay": "1 s",
        }
    return {
        "restart-strategy.type": "exponential-delay",
        "restart-strategy.exponential-delay.initial-backoff": "1 s",
        "restart-strategy.exponential-delay.max-backoff": "60 s",
        "restart-strategy.exponential-delay.backoff-multiplier": "2.0",
        "restart-strategy.exponential-delay.reset-backoff-threshold": "10 min",
    }
