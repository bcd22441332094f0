"""`penstock topic`: topics and who hears them; jobs name a topic in `--smn-topic`, and it hears when they break."""

from typing import Annotated, Any
from urllib.parse import quote

import typer

from penstock.cli.client import Client
from penstock.cli.examples import examples
from penstock.cli.flags import spread
from penstock.cli.service import Service
from penstock.cli.tables import say, show_json, show_table
from penstock.cli.trouble import Trouble

app = typer.Typer(no_args_is_help=True, help="Topics: who is told when a job breaks.")

_SMN = "/v2/{project}/notifications"
_TOPICS = f"{_SMN}/topics"
_PAGE = 100
_STATUS = {0: "unconfirmed", 1: "confirmed", 2: "confirmed", 3: "left", 4: "deleted"}
_BY_SCHEME = {"http": "http", "https": "https"}

Name = Annotated[str, typer.Argument(metavar="NAME", help="The topic's name.", show_default=False)]


@app.command("create", epilog=examples('penstock topic create orders-alarms --display-name "Orders"'))
@spread
def create(
    name: Name,
    service: Service,
    display_name: Annotated[str, typer.Option(help="The sender's name of its e-mails.")] = "",
) -> None:
    """Create a topic; one that is there already stays as it is."""
    answer = make(service.client(), name, display_name)
    if service.as_json:
        show_json(answer)
    else:
        say(f"Topic {name} is there: {answer['topic_urn']}")


@app.command("list", epilog=examples("penstock topic list", "penstock topic list orders-alarms"))
@spread
def list_topics(
    service: Service,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One topic, with its subscriptions.")] = None,
) -> None:
    """List the topics of the project, or who hears one of them."""
    client = service.client()
    if name is not None:
        _show_subscriptions(subscriptions_of(client, name), service)
        return
    topics = _all(client, _TOPICS, "topics")
    if service.as_json:
        show_json(topics)
        return
    rows = [(topic["name"], topic["display_name"], topic["topic_urn"]) for topic in topics]
    show_table(("TOPIC", "DISPLAY NAME", "URN"), rows)


@app.command(
    "subscribe",
    epilog=examples(
        "penstock topic subscribe orders-alarms ann@example.org",
        "penstock topic subscribe orders-alarms https://example.org/alarms",
    ),
)
@spread
def subscribe(
    name: Name,
    endpoint: Annotated[str, typer.Argument(metavar="ENDPOINT", help="A URL, or a mail address.", show_default=False)],
    service: Service,
    remark: Annotated[str, typer.Option(help="What it is for.")] = "",
) -> None:
    """Ask that a URL or a mail address be told. It is, once it has confirmed by the link that it is sent."""
    client = service.client()
    body = {"protocol": _protocol(endpoint), "endpoint": endpoint, "remark": remark}
    answer = client.call("POST", f"{_topic(client, name)}/subscriptions", body=body)
    if service.as_json:
        show_json(answer)
    else:
        say(f"{endpoint} is asked to confirm: {answer['subscription_urn']}")


@app.command("unsubscribe", epilog=examples('penstock topic unsubscribe "$URN"'))
@spread
def unsubscribe(
    urn: Annotated[str, typer.Argument(metavar="URN", help="The subscription's, from the list.", show_default=False)],
    service: Service,
) -> None:
    """Delete a subscription, with what was not delivered to it yet."""
    answer = service.client().call("DELETE", f"{_SMN}/subscriptions/{quote(urn, safe=':')}")
    if service.as_json:
        show_json(answer)
    else:
        say(f"Subscription {urn} is deleted.")


@app.command("publish", epilog=examples('penstock topic publish orders-alarms "Only a test." --subject "Test"'))
@spread
def publish(
    name: Name,
    message: Annotated[str, typer.Argument(metavar="MESSAGE", help="What to say.", show_default=False)],
    service: Service,
    subject: Annotated[str, typer.Option(help="What it is about.")] = "",
) -> None:
    """Tell everybody who hears the topic."""
    client = service.client()
    answer = client.call("POST", f"{_topic(client, name)}/publish", body={"message": message, "subject": subject})
    if service.as_json:
        show_json(answer)
    else:
        say(f"Message {answer['message_id']} is on its way.")


@app.command("delete", epilog=examples("penstock topic delete orders-alarms"))
@spread
def delete(name: Name, service: Service) -> None:
    """Delete a topic with its subscriptions. Jobs that name it go on, and tell nobody."""
    client = service.client()
    answer = client.call("DELETE", _topic(client, name))
    if service.as_json:
        show_json(answer)
    else:
        say(f"Topic {name} is deleted.")


def make(client: Client, name: str, display_name: str = "") -> dict[str, Any]:
    """The answer to it; a topic that is there already stays as it is."""
    return dict(client.call("POST", _TOPICS, body={"name": name, "display_name": display_name}))


def find(client: Client, name: str) -> dict[str, Any] | None:
    found = client.call("GET", _TOPICS, query={"name": name})["topics"]
    return found[0] if found else None


def subscriptions_of(client: Client, name: str) -> list[dict[str, Any]]:
    return _all(client, f"{_topic(client, name)}/subscriptions", "subscriptions")


def _topic(client: Client, name: str) -> str:
    """The path of the topic of that name."""
    found = find(client, name)
    if found is None:
        raise Trouble(
            f"There is no topic {name}.",
            f"see which there are: penstock topic list; make it: penstock topic create {name}.",
        )
    return f"{_TOPICS}/{quote(found['topic_urn'], safe=':')}"


def _all(client: Client, path: str, kind: str) -> list[dict[str, Any]]:
    """Every page."""
    found: list[dict[str, Any]] = []
    while True:
        page = client.call("GET", path, query={"offset": len(found), "limit": _PAGE})[kind]
        found += page
        if len(page) < _PAGE:
            return found


def _show_subscriptions(found: list[dict[str, Any]], service: Service) -> None:
    if service.as_json:
        show_json(found)
        return
    rows = [
        (
            one["protocol"],
            one["endpoint"],
            _STATUS.get(one["status"], one["status"]),
            one["remark"],
            one["subscription_urn"],
        )
        for one in found
    ]
    show_table(("PROTOCOL", "ENDPOINT", "STATUS", "REMARK", "URN"), rows)


def _protocol(endpoint: str) -> str:
    return _BY_SCHEME.get(endpoint.partition("://")[0].lower(), "email")
