"""The service's own log: one event a line, nothing secret in it."""

import json
import logging

import pytest
import structlog

from penstock import logs


@pytest.fixture(autouse=True)
def configuration_of_others():
    root = logging.getLogger()
    before = structlog.get_config(), root.handlers[:], root.level
    yield
    structlog.configure(**before[0])
    root.handlers[:], root.level = before[1], before[2]


def last_line(capsys):
    return json.loads(capsys.readouterr().err.strip().splitlines()[-1])


def test_an_event_is_a_json_object_with_its_fields(capsys):
    logs.set_up("info", "json")

    structlog.get_logger().info("job moved", job=138, state="running")

    line = last_line(capsys)
    assert {key: line[key] for key in ("event", "level", "job", "state")} == {
        "event": "job moved",
        "level": "info",
        "job": 138,
        "state": "running",
    }


def test_what_is_below_the_level_is_not_written(capsys):
    logs.set_up("warning", "json")

    structlog.get_logger().info("job moved")

    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("field", ["secret_key", "token", "Authorization", "keystore_password"])
def test_secrets_are_masked(capsys, field):
    logs.set_up("info", "json")

    structlog.get_logger().info("asked", **{field: "do not show"})

    assert last_line(capsys)[field] == "***"


def test_what_libraries_say_comes_out_in_the_same_form(capsys):
    logs.set_up("info", "json")

    logging.getLogger("some.library").error("something broke")

    line = last_line(capsys)
    assert (line["event"], line["level"]) == ("something broke", "error")


def test_control_characters_cannot_forge_a_line(capsys):
    logs.set_up("info", "json")

    structlog.get_logger().info("asked", name='x\n{"event": "forged"}')

    assert len(capsys.readouterr().err.strip().splitlines()) == 1
