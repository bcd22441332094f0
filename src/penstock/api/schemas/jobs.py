"""Jobs as DLI's calls write them (dli: create and update Flink jar job, list jobs, show job details, run, stop, delete)."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from penstock.api.messages import Language
from penstock.api.oddities import (
    Boolean,
    CheckpointMode,
    Ids,
    Integer,
    JsonText,
    Tags,
    Text,
    Texts,
    milliseconds,
    object_in,
)
from penstock.api.words import description_of, first_words, status_of
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.footprint import footprint_of, slots_of
from penstock.domain.job import Job
from penstock.domain.spec import JobSpec

JAR_JOB = "flink_jar_job"
JOB_TYPES = frozenset({"flink_sql_job", "flink_opensource_sql_job", "flink_sql_edge_job", JAR_JOB})


class _JarJobFields(BaseModel):
    """What create and update take; each field has the meaning that DLI's page gives it."""

    name: Text = Field("", description="Up to 57 characters: Chinese, letters, digits, _ and -.", examples=["test"])
    desc: Text = Field("", description="Up to 2048 characters.")
    queue_name: Text = Field("", description="A dedicated general queue.", examples=["testQueue"])
    cu_number: Integer = Field(2, description="CUs of the job in all, more than manager_cu_number.")
    manager_cu_number: Integer = Field(1, description="CUs of the JobManager; 1.")
    parallel_number: Integer = Field(1, description="1 to 2000, at most 4 × (cu_number − manager_cu_number).")
    tm_cus: Integer = Field(1, description="CUs of each TaskManager.")
    tm_slot_num: Integer = Field(0, description="Slots of each TaskManager; 0: computed.")
    main_class: Text = Field("", description="Default: the one in the jar's manifest.")
    entrypoint: Text = Field("", description="The jar: group/name or name.", examples=["javaQueueStream.jar"])
    entrypoint_args: Text = Field("", description="Split into words as a shell does; no shell runs.")
    dependency_jars: Texts = Field((), description="Jars for the class path.", examples=[["myGroup/test.jar"]])
    dependency_files: Texts = Field((), description="Files, read as userData/<fileName>.")
    log_enabled: Boolean = False
    obs_bucket: Text = Field("", description="Where logs go; needed with log_enabled.")
    smn_topic: Text = ""
    restart_when_exception: Boolean = False
    resume_checkpoint: Boolean = False
    resume_max_num: Integer = Field(-1, description="Restarts an hour; -1: no limit.")
    checkpoint_enabled: Boolean = False
    checkpoint_mode: CheckpointMode = Field("exactly_once", description="1 (exactly_once) or 2 (at_least_once).")
    checkpoint_interval: Integer = Field(10, description="Seconds.")
    checkpoint_path: Text = ""
    feature: Text = "basic"
    flink_version: Text = ""
    image: Text = ""
    runtime_config: JsonText = ""
    flink_log_config: JsonText = ""
    execution_agency_urn: Text = ""
    resource_config_version: Text = "v1"
    resource_config: JsonText = ""


class JarJobIn(_JarJobFields):
    """The body of create."""

    model_config = ConfigDict(frozen=True, title="JarJob")

    tags: Tags = Field((), description='`[{"key": "k", "value": "v"}]`')

    def to_spec(self) -> JobSpec:
        return JobSpec(**self.model_dump())


class JarJobUpdateIn(_JarJobFields):
    """The body of update: fields that are left out stay as they are; tags have calls of their own."""

    model_config = ConfigDict(frozen=True, title="JarJobUpdate")

    job_type: Text = Field(JAR_JOB, description="flink_jar_job; it cannot be changed.")

    def faults(self) -> list[Fault]:
        if self.job_type in {"", JAR_JOB}:
            return []
        return [Fault.at("job_type", FaultCode.UNSUPPORTED, field="job_type", value=self.job_type)]

    def to_changes(self) -> dict[str, Any]:
        """The fields that were sent, and sound."""
        return {name: getattr(self, name) for name in self.model_fields_set - {"job_type"}}


class TagsIn(BaseModel):
    """Tags to give a job, or to take from it."""

    model_config = ConfigDict(frozen=True, title="Tags")

    tags: Tags = Field((), description='`[{"key": "k", "value": "v"}]`')


class RunIn(BaseModel):
    """The body of run."""

    model_config = ConfigDict(frozen=True, title="RunJobs")

    job_ids: Ids = ()
    resume_savepoint: Boolean = Field(False, description="Begin from the job's newest savepoint.")


class StopIn(BaseModel):
    """The body of stop; one page spells the field as `triggerSavePoint`."""

    model_config = ConfigDict(frozen=True, title="StopJobs")

    job_ids: Ids = ()
    trigger_savepoint: Boolean = Field(False, description="Stop with a savepoint; without one the job runs on.")
    triggerSavePoint: Boolean = False

    @property
    def wants_savepoint(self) -> bool:
        return self.trigger_savepoint or self.triggerSavePoint


class DeleteIn(BaseModel):
    """The body of batch delete."""

    model_config = ConfigDict(frozen=True, title="DeleteJobs")

    job_ids: Ids = ()


class CreatedJob(BaseModel):
    """`job` in the answer of create."""

    job_id: int
    status_name: str
    status_desc: str

    @classmethod
    def from_job(cls, job: Job, language: Language) -> "CreatedJob":
        name, description = first_words(job, language)
        return cls(job_id=job.id, status_name=name, status_desc=description)


class JobConfig(BaseModel):
    """`job_config` of the detail: what was asked for, and how much that really is."""

    checkpoint_enabled: bool
    checkpoint_interval: int
    checkpoint_mode: str
    log_enabled: bool
    obs_bucket: str | None
    root_id: int = -1
    edge_group_ids: list[str] | None = None
    graph_editor_enabled: bool = False
    graph_editor_data: str = ""
    manager_cu_number: int
    executor_number: int
    executor_cu_number: int
    cu_number: int
    parallel_number: int
    smn_topic: str | None
    restart_when_exception: bool
    idle_state_retention: int = 3600
    config_url: str | None = None
    udf_jar_url: str | None = None
    dirty_data_strategy: str | None = None
    entrypoint: str
    dependency_jars: list[str]
    dependency_files: list[str]
    execution_agency_urn: str | None
    resume_checkpoint: bool
    resume_max_num: int
    checkpoint_path: str | None
    tm_cus: int
    tm_slot_num: int
    image: str | None
    feature: str
    flink_version: str | None
    operator_config: str | None = None
    static_estimator_config: str | None = None
    runtime_config: str | None
    flink_log_config: str | None
    real_cu_number: int
    resource_config: Any
    resource_config_version: str

    @classmethod
    def from_spec(cls, spec: JobSpec) -> "JobConfig":
        footprint = footprint_of(spec)
        return cls(
            checkpoint_enabled=spec.checkpoint_enabled,
            checkpoint_interval=spec.checkpoint_interval,
            checkpoint_mode=spec.checkpoint_mode,
            log_enabled=spec.log_enabled,
            obs_bucket=spec.obs_bucket or None,
            manager_cu_number=spec.manager_cu_number,
            executor_number=footprint.task_managers,
            executor_cu_number=footprint.tm_cus,
            cu_number=spec.cu_number,
            parallel_number=spec.parallel_number,
            smn_topic=spec.smn_topic or None,
            restart_when_exception=spec.restart_when_exception,
            entrypoint=spec.entrypoint,
            dependency_jars=list(spec.dependency_jars),
            dependency_files=list(spec.dependency_files),
            execution_agency_urn=spec.execution_agency_urn or None,
            resume_checkpoint=spec.resume_checkpoint,
            resume_max_num=spec.resume_max_num,
            checkpoint_path=spec.checkpoint_path or None,
            tm_cus=spec.tm_cus,
            tm_slot_num=slots_of(spec),
            image=spec.image or None,
            feature=spec.feature,
            flink_version=spec.flink_version or None,
            runtime_config=spec.runtime_config or None,
            flink_log_config=spec.flink_log_config or None,
            real_cu_number=footprint.cus,
            resource_config=object_in(spec.resource_config),
            resource_config_version=spec.resource_config_version,
        )


class ListedJob(BaseModel):
    """A job in a list; some clients read `user_name`, others `username`."""

    job_id: int
    name: str
    desc: str
    user_name: str
    username: str
    job_type: str = JAR_JOB
    status: str
    status_desc: str
    create_time: int
    start_time: int
    duration: int
    root_id: int = -1
    graph_editor_enabled: bool = False
    has_savepoint: bool = False
    queue_name: str
    edge_group_ids: list[str] | None = None
    restart_times: int
    savepoint_path: str | None = None

    @classmethod
    def from_job(cls, job: Job, now: datetime, language: Language) -> "ListedJob":
        return cls(
            job_id=job.id,
            name=job.spec.name,
            desc=job.spec.desc,
            user_name=job.user_name,
            username=job.user_name,
            status=status_of(job),
            status_desc=description_of(job, language),
            create_time=milliseconds(job.created_at) or 0,
            start_time=milliseconds(job.started_at) or 0,
            duration=int(job.duration(now).total_seconds() * 1000),
            has_savepoint=job.newest_savepoint is not None,
            queue_name=job.spec.queue_name,
            restart_times=job.restart_times,
            savepoint_path=job.newest_savepoint.shown if job.newest_savepoint else None,
        )


class JobDetail(ListedJob):
    """`job_detail`, and a job of a list with `show_detail`."""

    user_id: str
    project_id: str
    sql_body: str = ""
    run_mode: str = "exclusive_cluster"
    job_config: JobConfig
    main_class: str | None
    entrypoint_args: str | None
    args: str | None
    execution_graph: str | None = None
    update_time: int
    feature: str
    flink_version: str | None
    image: str | None

    @classmethod
    def from_job(cls, job: Job, now: datetime, language: Language) -> "JobDetail":
        listed = ListedJob.from_job(job, now, language)
        spec = job.spec
        return cls(
            **listed.model_dump(),
            user_id=job.user_id,
            project_id=job.project_id,
            job_config=JobConfig.from_spec(spec),
            main_class=spec.main_class or None,
            entrypoint_args=spec.entrypoint_args or None,
            args=spec.entrypoint_args or None,
            update_time=milliseconds(job.updated_at) or 0,
            feature=spec.feature,
            flink_version=spec.flink_version or None,
            image=spec.image or None,
        )
