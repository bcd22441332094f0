"""Queues as DLI's calls write them (dli: create queue, list queues, show queue)."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from penstock.api.oddities import Integer, Text, Texts, milliseconds
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.queue import QueueSpec, QueueType
from penstock.usecases.queues import QueueView

_RESOURCE_MODES = (0, 1)
_CHARGING_MODES = (1, 2)
_TEXT_LIMIT = 128


class QueueIn(BaseModel):
    """The body of create; `engine` and `place` are ours."""

    model_config = ConfigDict(frozen=True, title="Queue")

    queue_name: Text = Field("", description="Letters, digits and _; kept in lower case.", examples=["testQueue"])
    cu_count: Integer = Field(0, description="CUs in all.", examples=[16])
    queue_type: Text = Field(QueueType.SQL.value, description="general for jar jobs.")
    description: Text = ""
    charging_mode: Integer = 1
    enterprise_project_id: Text = "0"
    platform: Text = "x86_64"
    resource_mode: Integer = Field(0, description="1: dedicated, which jar jobs want.")
    labels: Texts = ()
    feature: Text = "basic"
    engine: Text = Field(
        "", description="The engine of the place: names the only place that has it. DLI's words do not count."
    )
    place: Text = Field("", description="A place in the settings of this service; default: its first.")

    def to_spec(self) -> QueueSpec:
        return QueueSpec(
            name=self.queue_name,
            cu_count=self.cu_count,
            queue_type=self.queue_type,
            description=self.description,
            resource_mode=self.resource_mode,
            place=self.place,
            charging_mode=self.charging_mode,
            enterprise_project_id=self.enterprise_project_id,
            platform=self.platform,
            feature=self.feature,
            labels=self.labels,
        )

    def faults(self) -> list[Fault]:
        """What is missing, and what is wrong with the fields that change nothing here but are kept and shown."""
        missing = [name for name in ("queue_name", "cu_count") if name not in self.model_fields_set]
        faults = [Fault.at(name, FaultCode.FIELD_MISSING, field=name) for name in missing]
        for field, given, (low, high) in (
            ("resource_mode", self.resource_mode, _RESOURCE_MODES),
            ("charging_mode", self.charging_mode, _CHARGING_MODES),
        ):
            if not low <= given <= high:
                faults.append(Fault.at(field, FaultCode.OUT_OF_RANGE, field=field, low=low, high=high, given=given))
        for field in ("enterprise_project_id", "platform", "feature"):
            length = len(getattr(self, field))
            if length > _TEXT_LIMIT:
                code = FaultCode.TEXT_TOO_LONG
                faults.append(Fault.at(field, code, field=field, limit=_TEXT_LIMIT, given=length))
        return faults


class ListedQueue(BaseModel):
    """A queue in a list."""

    queue_id: int
    queue_name: str
    description: str
    owner: str
    create_time: int
    queue_type: str
    engine: str = "flink"
    used_cu: int
    cu_count: int
    charging_mode: int
    resource_id: str
    enterprise_project_id: str
    cidr_in_vpc: str = ""
    cidr_in_mgntsubnet: str = ""
    cidr_in_subnet: str = ""
    resource_mode: int
    resource_type: str = "vm"
    queue_resource_type: str = "vm"
    platform: str
    is_restarting: bool = False
    labels: list[str]
    feature: str
    cu_spec: int
    cu_scale_out_limit: int
    cu_scale_in_limit: int
    elastic_resource_pool_name: str = ""
    place: str
    place_engine: str
    support_spark_versions: list[str] = []
    default_spark_version: str = ""
    support_flink_sql_versions: list[str] = []
    default_flink_sql_version: str = ""
    support_flink_jar_versions: list[str]
    default_flink_jar_version: str
    support_hetu_engine_versions: list[str] = []
    support_opensource_flink_versions: list[str] = []

    @classmethod
    def from_view(cls, view: QueueView) -> "ListedQueue":
        queue, spec = view.queue, view.queue.spec
        return cls(
            queue_id=queue.id,
            queue_name=queue.name,
            description=spec.description,
            owner=queue.owner,
            create_time=milliseconds(queue.created_at) or 0,
            queue_type=spec.queue_type,
            used_cu=view.used_cus,
            cu_count=spec.cu_count,
            charging_mode=spec.charging_mode,
            resource_id=str(queue.id),
            enterprise_project_id=spec.enterprise_project_id,
            resource_mode=spec.resource_mode,
            platform=spec.platform,
            labels=list(spec.labels),
            feature=spec.feature,
            cu_spec=spec.cu_count,
            cu_scale_out_limit=spec.cu_count,
            cu_scale_in_limit=spec.cu_count,
            place=view.place,
            place_engine=view.engine,
            support_flink_jar_versions=list(view.flink_versions),
            default_flink_jar_version=next(iter(view.flink_versions), ""),
        )


def detail_of(view: QueueView) -> dict[str, Any]:
    """DLI spells four keys of the detail in camel case (dli: show queue, the sample); readers of either find theirs."""
    listed = ListedQueue.from_view(view).model_dump()
    camel = {
        "queueName": "queue_name",
        "queueType": "queue_type",
        "cuCount": "cu_count",
        "chargingMode": "charging_mode",
    }
    return listed | {odd: listed[plain] for odd, plain in camel.items()}
