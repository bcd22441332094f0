"""Letters in the log, for those who have no mail server yet."""

import pytest
from structlog.testing import capture_logs

from penstock.domain.errors import SetupError
from penstock.domain.topic import Protocol
from penstock.notifiers.log import LogLine, plugin
from penstock.testing.topic_builders import a_letter

pytestmark = pytest.mark.anyio


async def test_a_letter_is_one_line_with_its_link():
    with capture_logs() as lines:
        await LogLine([Protocol.EMAIL]).tell(a_letter(), "http://link")

    [line] = lines
    assert (line["message"], line["link"], line["message_id"]) == ("text", "http://link", a_letter().message_id)


@pytest.mark.parametrize(
    ("given", "protocols"),
    [
        ({}, ["email"]),
        ({"protocols": ["http", "https"]}, ["http", "https"]),
        ({"protocols": "http, email"}, ["http", "email"]),
    ],
)
def test_it_tells_the_protocols_of_its_setting(given, protocols):
    assert list(plugin.settings(given)) == protocols


@pytest.mark.parametrize("given", [{"protocols": ["sms"]}, {"protocols": 1}, {"level": "info"}])
def test_other_settings_are_refused(given):
    with pytest.raises(SetupError):
        plugin.settings(given)
