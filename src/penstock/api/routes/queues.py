"""DLI's queue calls: create, list, show, delete; `is_success` is a boolean here (dli-contract rule 1)."""

from typing import Any

from fastapi import APIRouter, Request

from penstock.api.asking import errand_of
from penstock.api.bodies import body_of, query_of
from penstock.api.office import office_of
from penstock.api.schemas.documents import asks, takes
from penstock.api.schemas.listing import QueuesQuery
from penstock.api.schemas.queues import ListedQueue, QueueIn, detail_of
from penstock.domain.errors import Invalid
from penstock.domain.faults import Fault, FaultCode
from penstock.domain.queue import QueueType
from penstock.usecases import queues

router = APIRouter(prefix="/v1.0/{project_id}/queues", tags=["Queues (DLI)"])

_ALL = "all"
_DONE: dict[str, Any] = {"is_success": True, "message": ""}


@router.post("", summary="Create a queue", openapi_extra=takes(QueueIn))
async def create_queue(request: Request) -> Any:
    errand = await errand_of(request)
    body, faults = await body_of(request, QueueIn)
    bad = {fault.path for fault in faults}
    known = [*faults, *(fault for fault in body.faults() if fault.path not in bad)]
    queue = await queues.create(office_of(request).desk, errand, body.to_spec(), known, engine=body.engine)
    return _DONE | {"queue_name": queue.name}


@router.get("", summary="List queues", openapi_extra=asks(QueuesQuery))
async def list_queues(request: Request) -> Any:
    errand = await errand_of(request)
    wanted = query_of(request, QueuesQuery).queue_type
    if wanted not in {_ALL, *QueueType}:
        raise Invalid([Fault.at("queue_type", FaultCode.QUEUE_TYPE_INVALID, given=wanted)])
    views = await queues.list_queues(office_of(request).desk, errand)
    listed = [ListedQueue.from_view(view) for view in views if wanted in {_ALL, view.queue.spec.queue_type}]
    return _DONE | {"queues": [queue.model_dump() for queue in listed]}


@router.get("/{queue_name}", summary="Show a queue")
async def show_queue(request: Request) -> Any:
    errand = await errand_of(request)
    view = await queues.show(office_of(request).desk, errand, request.path_params["queue_name"])
    return _DONE | detail_of(view)


@router.delete("/{queue_name}", summary="Delete a queue")
async def delete_queue(request: Request) -> Any:
    errand = await errand_of(request)
    await queues.delete(office_of(request).desk, errand, request.path_params["queue_name"])
    return _DONE
