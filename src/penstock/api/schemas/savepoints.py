"""Savepoints as DLI's calls write them (huaweicloudsdkdli: execute and import Flink job savepoint)."""

from pydantic import BaseModel, ConfigDict, Field

from penstock.api.oddities import Integer, Text
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.run import JobId

_TRIGGER = "TRIGGER"


class SavepointIn(BaseModel):
    """The body of trigger; the Terraform provider sends the path only where it is set."""

    model_config = ConfigDict(frozen=True, title="TriggerSavepoint")

    action: Text = Field(_TRIGGER, description="TRIGGER, the only one.")
    savepoint_path: Text = Field(
        "",
        description="Folder of a bucket in which the copy is to lie; default: jobs/savepoint/{job_id}/{time} in obs_bucket.",
        examples=["bucket/dir/savepoint/"],
    )

    def faults(self) -> list[Fault]:
        if self.action.upper() in {"", _TRIGGER}:
            return []
        return [Fault.at("action", FaultCode.ACTION_INVALID, given=self.action[:40])]


class ImportSavepointIn(BaseModel):
    """The body of import; `job_id` repeats the one in the path."""

    model_config = ConfigDict(frozen=True, title="ImportSavepoint")

    job_id: Integer = 0
    savepoint_path: Text = Field("", description="Folder of a bucket that holds `_metadata`.", examples=["bucket/dir"])

    def faults(self, job_id: JobId) -> list[Fault]:
        if self.job_id not in {0, job_id}:
            return [Fault.at("job_id", FaultCode.JOB_IDS_DIFFER, given=self.job_id, job=job_id)]
        return (
            [] if self.savepoint_path else [Fault.at("savepoint_path", FaultCode.FIELD_MISSING, field="savepoint_path")]
        )
