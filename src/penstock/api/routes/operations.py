"""How the installation is: probes for anybody, metrics and places for operators."""

from fastapi import APIRouter, Request, Response
from prometheus_client.exposition import choose_encoder

from penstock.api.document import PUBLIC, SIGNED
from penstock.api.office import office_of
from penstock.api.schemas.operations import HealthOut, PlacesOut, ReadinessOut
from penstock.usecases.access import demand_operator
from penstock.usecases.health import count_jobs, readiness
from penstock.usecases.places import list_places, release

router = APIRouter(tags=["Operations"])


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz", summary="Say whether the process is alive", openapi_extra=PUBLIC)
async def show_health() -> HealthOut:
    """Public; asks nobody else."""
    return HealthOut()


@router.head("/readyz", include_in_schema=False)
@router.get(
    "/readyz",
    summary="Say whether the service can serve",
    responses={503: {"model": ReadinessOut}},
    openapi_extra=PUBLIC,
)
async def show_readiness(response: Response, request: Request) -> ReadinessOut:
    """Public; 503 unless the records answer and a place is ready."""
    seen = await readiness(office_of(request).desk)
    response.status_code = 200 if seen.is_ready else 503
    return ReadinessOut.from_readiness(seen)


@router.get("/metrics", summary="Metrics for Prometheus", response_class=Response)
async def show_metrics(request: Request) -> Response:
    """For operators."""
    office = office_of(request)
    demand_operator(await office.gate.known(request))
    office.metrics.show_jobs(await count_jobs(office.desk))
    office.metrics.show_places(list_places(office.desk))
    encode, content_type = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(office.metrics.registry), headers={"content-type": content_type})


@router.get("/penstock/v1/places", summary="List places")
async def show_places(request: Request) -> PlacesOut:
    """For operators."""
    office = office_of(request)
    demand_operator(await office.gate.known(request))
    return PlacesOut.from_reports(list_places(office.desk))


@router.post(
    "/penstock/v1/places/{place}/release",
    status_code=204,
    summary="Let another state directory have a place",
    openapi_extra=SIGNED,
)
async def release_place(request: Request) -> Response:
    """When the one that it was bound to is gone for good: the runs there count as lost then. For operators."""
    office = office_of(request)
    await release(office.desk, await office.gate.signer(request), request.path_params["place"])
    return Response(status_code=204)
