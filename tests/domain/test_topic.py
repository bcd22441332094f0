"""Topics and subscriptions: names, URNs, endpoints."""

from datetime import timedelta

import pytest

from penstock.domain.caller import Project
from penstock.domain.faults import FaultCode
from penstock.domain.topic import (
    SubscriptionStatus,
    is_subscription_urn,
    is_topic_urn,
    subscription_faults_of,
    topic_faults_of,
    topic_name_in,
    topic_urn_of,
)
from penstock.testing.clock import NOON
from penstock.testing.topic_builders import a_subscription


def codes(faults):
    return [fault.code for fault in faults]


@pytest.mark.parametrize("name", ["t", "0", "topic", "a-b_C9", "x" * 255])
def test_names_that_smn_takes(name):
    assert topic_faults_of(name, "") == []


@pytest.mark.parametrize(
    "name", ["", "-a", "_a", "a b", "a.b", "主题", "a\n", "a/b", "../a", "x" * 256, "a:b", 'a"', "a\0", "🔥"]
)
def test_names_that_smn_refuses(name):
    assert codes(topic_faults_of(name, "")) == [FaultCode.TOPIC_NAME_INVALID]


@pytest.mark.parametrize(
    ("display_name", "is_good"), [("", True), ("告" * 64, True), ("告" * 65, False), ("a\nb", False)]
)
def test_display_names_count_bytes_and_stay_in_their_line(display_name, is_good):
    assert (topic_faults_of("t", display_name) == []) is is_good


def test_a_urn_names_project_and_topic():
    urn = topic_urn_of(Project(id="p1", account_id="a1", name="cn-north-4"), "ops")

    assert urn == "urn:smn:cn-north-4:p1:ops"
    assert topic_name_in(urn, "p1") == "ops"
    assert topic_name_in(urn, "p2") is None


@pytest.mark.parametrize(
    "urn", ["", "ops", "urn:smn:r:p", "urn:smn:r:p:t:s", "urn:sns:r:p:t", "urn:smn:r:p:a b", "urn:smn:::"]
)
def test_what_is_no_urn_of_a_topic(urn):
    assert not is_topic_urn(urn)


def test_the_urn_of_a_subscription_has_32_digits_more():
    assert is_subscription_urn(f"urn:smn:r:p:t:{'0' * 32}")
    assert not is_subscription_urn("urn:smn:r:p:t")
    assert not is_subscription_urn(f"urn:smn:r:p:t:{'0' * 31}")
    assert not is_subscription_urn(f"urn:smn:r:p:t:{'G' * 32}")


@pytest.mark.parametrize(
    ("protocol", "endpoint"),
    [
        ("http", "http://a.example"),
        ("http", "http://a.example:8080/hook?x=1&y=%20"),
        ("http", "http://[2001:db8::1]:8080/"),
        ("https", "https://a.example/" + "x" * 494),
        ("email", "somebody+flink@mail.example.com"),
        ("email", "x@localhost"),
    ],
)
def test_endpoints_that_can_be_told(protocol, endpoint):
    assert subscription_faults_of(protocol, endpoint, "") == []


@pytest.mark.parametrize(
    ("protocol", "endpoint"),
    [
        ("http", ""),
        ("http", "https://a.example"),
        ("https", "http://a.example"),
        ("http", "http://"),
        ("http", "http:///path"),
        ("http", "http://user:secret@a.example"),
        ("http", "http://a.example:99999/"),
        ("http", "http://a.example:0/"),
        ("http", "http://a.example/a b"),
        ("http", "http://a.example/\r\nX-Evil: 1"),
        ("http", "http://a.example\\@b.example/"),
        ("http", "http://ä.example/"),
        ("http", "http://[::1"),
        ("http", "file:///etc/passwd"),
        ("https", "https://a.example/" + "x" * 495),
        ("email", ""),
        ("email", "nobody"),
        ("email", "@b.c"),
        ("email", "a@"),
        ("email", "a@b.c,d@e.f"),
        ("email", "a@b.c\nBcc: d@e.f"),
        ("email", '"a b"@c.d'),
        ("email", "<a@b.c>"),
        ("email", "a b@c.d"),
        ("email", "a..b@c.d"),
        ("email", "ä@b.c"),
    ],
)
def test_endpoints_that_cannot(protocol, endpoint):
    assert codes(subscription_faults_of(protocol, endpoint, "")) == [FaultCode.ENDPOINT_INVALID]


@pytest.mark.parametrize("protocol", ["", "sms", "HTTP", "functionstage", "ftp"])
def test_other_protocols_are_named_wrong(protocol):
    assert codes(subscription_faults_of(protocol, "http://a", "")) == [FaultCode.PROTOCOL_INVALID]


def test_all_faults_of_a_subscription_are_told_at_once():
    faults = subscription_faults_of("sms", "", "x" * 129)

    assert codes(faults) == [FaultCode.PROTOCOL_INVALID, FaultCode.REMARK_INVALID]
    assert subscription_faults_of("http", "http://a", "备" * 42) == []


def test_only_a_confirmed_one_hears():
    assert [status for status in SubscriptionStatus if a_subscription(status=status).hears] == [1, 2]


def test_a_token_confirms_until_its_time_is_over_and_once():
    asked = a_subscription(confirm_hash="c", confirm_until=NOON)

    assert asked.may_confirm(NOON - timedelta(seconds=1))
    assert not asked.may_confirm(NOON)
    assert not a_subscription(confirm_hash="", confirm_until=NOON).may_confirm(NOON - timedelta(seconds=1))
