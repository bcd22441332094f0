"""SMN's calls on the same address: topics, subscriptions and publish; every answer carries the request's id."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from penstock.api.asking import errand_of, request_id_of
from penstock.api.bodies import body_of, query_of
from penstock.api.office import office_of
from penstock.api.schemas.documents import asks, takes
from penstock.api.schemas.smn import (
    MessageIn,
    SubscriptionIn,
    SubscriptionsQuery,
    TopicIn,
    TopicNameIn,
    TopicOut,
    TopicsQuery,
    subscriptions_of,
    topics_of,
)
from penstock.ports.topics import SubscriptionPage
from penstock.usecases import publishing, subscriptions, topics

router = APIRouter(prefix="/v2/{project_id}/notifications", tags=["notifications (SMN)"])


@router.post("/topics", summary="Create a topic", status_code=201, openapi_extra=takes(TopicIn))
async def create_topic(request: Request) -> JSONResponse:
    """201; 200 with the topic there is if the name is taken."""
    errand = await errand_of(request)
    body, faults = await body_of(request, TopicIn)
    made = await topics.create(office_of(request).desk, errand, body.to_topic(), faults)
    return _answer(request, 201 if made.is_new else 200, topic_urn=made.topic.urn)


@router.get("/topics", summary="List topics", openapi_extra=asks(TopicsQuery))
async def list_topics(request: Request) -> JSONResponse:
    errand = await errand_of(request)
    wanted = query_of(request, TopicsQuery).to_filter()
    return _answer(request, **topics_of(await topics.list_topics(office_of(request).desk, errand, wanted)))


@router.get("/topics/{topic_urn}", summary="Show a topic")
async def show_topic(request: Request) -> JSONResponse:
    errand = await errand_of(request)
    topic = await topics.show(office_of(request).desk, errand, _topic_urn(request))
    return _answer(request, **TopicOut.from_topic(topic).model_dump())


@router.put("/topics/{topic_urn}", summary="Change a topic's display name", openapi_extra=takes(TopicNameIn))
async def update_topic(request: Request) -> JSONResponse:
    errand = await errand_of(request)
    body, faults = await body_of(request, TopicNameIn)
    await topics.rename(office_of(request).desk, errand, _topic_urn(request), body.display_name, faults)
    return _answer(request)


@router.delete("/topics/{topic_urn}", summary="Delete a topic with its subscriptions")
async def delete_topic(request: Request) -> JSONResponse:
    errand = await errand_of(request)
    await topics.delete(office_of(request).desk, errand, _topic_urn(request))
    return _answer(request)


@router.post(
    "/topics/{topic_urn}/subscriptions", summary="Subscribe", status_code=201, openapi_extra=takes(SubscriptionIn)
)
async def create_subscription(request: Request) -> JSONResponse:
    """201, and a letter to the endpoint that asks for its confirmation; 200 if it hears the topic already."""
    errand = await errand_of(request)
    body, faults = await body_of(request, SubscriptionIn)
    desk, urn = office_of(request).desk, _topic_urn(request)
    made = await subscriptions.subscribe(desk, errand, urn, body.to_subscription(), [*faults, *body.faults()])
    return _answer(request, 200 if made.hears else 201, subscription_urn=made.urn)


@router.get(
    "/topics/{topic_urn}/subscriptions",
    summary="List the subscriptions of a topic",
    openapi_extra=asks(SubscriptionsQuery),
)
async def list_topic_subscriptions(request: Request) -> JSONResponse:
    return await _list_subscriptions(request, _topic_urn(request))


@router.get("/subscriptions", summary="List subscriptions", openapi_extra=asks(SubscriptionsQuery))
async def list_subscriptions(request: Request) -> JSONResponse:
    return await _list_subscriptions(request, "")


@router.delete("/subscriptions/{subscription_urn}", summary="Delete a subscription")
async def delete_subscription(request: Request) -> JSONResponse:
    errand = await errand_of(request)
    urn: str = request.path_params["subscription_urn"]
    await subscriptions.unsubscribe(office_of(request).desk, errand, urn)
    return _answer(request)


@router.post("/topics/{topic_urn}/publish", summary="Publish a message", openapi_extra=takes(MessageIn))
async def publish_message(request: Request) -> JSONResponse:
    """The message is on its way, by everything that the subscriptions name."""
    errand = await errand_of(request)
    body, faults = await body_of(request, MessageIn)
    desk, urn = office_of(request).desk, _topic_urn(request)
    message_id = await publishing.publish(desk, errand, urn, body.to_publication(), [*faults, *body.faults()])
    return _answer(request, message_id=message_id)


async def _list_subscriptions(request: Request, topic_urn: str) -> JSONResponse:
    errand = await errand_of(request)
    wanted = query_of(request, SubscriptionsQuery).to_filter()
    page = SubscriptionPage(total=0, subscriptions=())
    if wanted is not None:
        page = await subscriptions.list_subscriptions(office_of(request).desk, errand, wanted, topic_urn)
    return _answer(request, **subscriptions_of(page))


def _topic_urn(request: Request) -> str:
    urn: str = request.path_params["topic_urn"]
    return urn


def _answer(request: Request, status: int = 200, **fields: Any) -> JSONResponse:
    return JSONResponse({"request_id": request_id_of(request), **fields}, status)
