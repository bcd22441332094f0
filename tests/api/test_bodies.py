"""What callers send: lenient where DLI's clients differ, one clear fault for everything else, never a 500."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.wire import CREATE, ENGLISH, JOBS, QUEUES, THE_REQUEST, Wire, refusal
from penstock.api.schemas.jobs import JarJobIn
from usecases.house import House

pytestmark = pytest.mark.anyio


@pytest.fixture
async def house(anyio_backend, tmp_path):
    built = House(tmp_path / "cache")
    await built.set_up()
    return built


@pytest.fixture
def wire(house, tmp_path):
    return Wire(house, tmp_path / "uploads")


async def config_of(wire, **changes):
    """What the detail shows of a job that was created with these fields."""
    answer = await wire.create(**changes)
    assert answer.status_code == 200, answer.text
    detail = (await wire.ask("GET", f"{JOBS}/1")).json()["job_detail"]
    return detail | detail["job_config"]


@pytest.mark.parametrize(
    ("field", "sent", "shown"),
    [
        ("dependency_jars", "myGroup/test.jar, myGroup/test1.jar", ["myGroup/test.jar", "myGroup/test1.jar"]),
        ("dependency_jars", None, []),
        ("dependency_files", "", []),
        ("checkpoint_mode", 1, "exactly_once"),
        ("checkpoint_mode", 2, "at_least_once"),
        ("checkpoint_mode", "2", "at_least_once"),
        ("checkpoint_mode", "at_least_once", "at_least_once"),
        ("cu_number", "4", 4),
        ("cu_number", 4.0, 4),
        ("cu_number", None, 2),
        ("restart_when_exception", "true", True),
        ("restart_when_exception", "False", False),
        ("tm_slot_num", 0, 1),
        ("tm_slot_num", "3", 3),
        ("runtime_config", [{"key": "a", "value": "b"}], '[{"key":"a","value":"b"}]'),
        ("runtime_config", "a=b\nc=d", "a=b\nc=d"),
        ("flink_log_config", {"root_logger_level": "INFO"}, '{"root_logger_level":"INFO"}'),
        ("resource_config", {"max_slot": 1}, {"max_slot": 1}),
        ("desc", "描述 😀\n", "描述 😀\n"),
        ("desc", None, ""),
        ("name", "测试_作业-1", "测试_作业-1"),
        ("tags", None, None),
        ("a_field_of_another_year", {"x": 1}, None),
    ],
)
async def test_lenient_forms_are_taken(wire, field, sent, shown):
    found = await config_of(wire, **{field: sent})

    if field in found:
        assert found[field] == shown


@pytest.mark.parametrize(
    ("field", "sent"),
    [
        ("name", 7),
        ("name", ["a"]),
        ("cu_number", True),
        ("cu_number", 2.5),
        ("cu_number", "many"),
        ("cu_number", [2]),
        ("log_enabled", 1),
        ("log_enabled", "yes"),
        ("dependency_jars", {"a": "b"}),
        ("dependency_jars", ["a.jar", 1]),
        ("tags", "k=v"),
        ("tags", [["k", "v"]]),
        ("tags", [{"key": 1}]),
        ("runtime_config", 7),
        ("checkpoint_mode", [1]),
        ("checkpoint_mode", True),
        ("cu_number", 10**20),
    ],
)
async def test_a_wrong_type_is_one_fault_that_names_the_field(wire, field, sent):
    answer = await wire.create(**{field: sent}, headers=ENGLISH)

    assert refusal(answer) == (400, "DLI.0001")
    assert f"The field {field} must be" in answer.json()["error_msg"]


async def test_wrong_types_come_with_all_the_other_faults(wire):
    answer = await wire.create(headers=ENGLISH, name=5, cu_number="x", parallel_number=9999, queue_name="nowhere")

    message = answer.json()["error_msg"]
    for words in ("The field name", "The field cu_number", "parallel_number must be", "no queue named nowhere"):
        assert words in message
    assert "has no name" not in message


async def test_half_a_character_is_a_fault(wire):
    answer = await wire.ask(
        "POST",
        CREATE,
        content=json.dumps(THE_REQUEST | {"desc": "\ud800", "dependency_jars": ["\udfff.jar"]}),
        headers=ENGLISH,
    )

    assert refusal(answer) == (400, "DLI.0001")
    assert answer.json()["error_msg"].count("broken Unicode") == 2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b"7",
        b"null",
        b'{"name": "a"',
        b'{"cu_number": NaN}',
        b'{"cu_number": ' + b"9" * 5000 + b"}",
        b'{"name": "\xff"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"\x00",
    ],
)
async def test_a_body_that_is_no_json_object_is_refused(wire, body):
    answer = await wire.ask("POST", CREATE, content=body, headers={"Content-Type": "application/json"})

    assert refusal(answer) == (400, "DLI.10004")


async def test_json_is_read_whatever_the_content_type_says(wire):
    for name, content_type in (("a", "application/json;charset=utf8"), ("b", "text/plain"), ("c", "")):
        content = json.dumps(THE_REQUEST | {"name": name})
        answer = await wire.ask("POST", CREATE, content=content, headers={"Content-Type": content_type})
        assert answer.status_code == 200


async def test_a_form_is_read_with_the_same_fields(wire):
    fields = {"name": "form", "queue_name": "testQueue", "entrypoint": "javaQueueStream.jar", "cu_number": "2"}
    fields |= {"log_enabled": "false", "dependency_jars": ["myGroup/test.jar", "myGroup/test1.jar"], "desc": ""}

    answer = await wire.ask("POST", CREATE, data=fields)

    assert answer.status_code == 200, answer.text
    detail = (await wire.ask("GET", f"{JOBS}/1")).json()["job_detail"]
    assert detail["job_config"]["dependency_jars"] == fields["dependency_jars"]


async def test_json_that_is_called_a_form_is_read_as_json(wire):
    """As curl sends it, unless told otherwise."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    answer = await wire.ask("POST", CREATE, content=b' {"name": "curled"}', headers=headers)

    assert answer.json()["job"]["status_name"] == "job_init"


async def test_a_multipart_form_is_read_with_the_same_fields(wire):
    fields = {"name": "form", "queue_name": "testQueue", "entrypoint": "javaQueueStream.jar", "desc": "描述"}

    answer = await wire.ask("POST", CREATE, files={name: (None, value) for name, value in fields.items()})

    assert answer.status_code == 200, answer.text
    assert (await wire.ask("GET", f"{JOBS}/1")).json()["job_detail"]["desc"] == "描述"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data; boundary=x", b"--y\r\nbroken"),
        ("multipart/form-data", b""),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n\xff\r\n--x--\r\n',
        ),
        ("application/x-www-form-urlencoded", b"\xff=%ff"),
        ("application/x-www-form-urlencoded", b"&".join([b"a=b"] * 2000)),
    ],
)
async def test_a_broken_form_is_refused(wire, content_type, body):
    answer = await wire.ask("POST", CREATE, content=body, headers={"Content-Type": content_type})

    assert answer.status_code == 400


async def test_a_body_over_the_limit_is_refused(house, tmp_path):
    wire = Wire(house, tmp_path, body_limit=1000)

    assert refusal(await wire.create(desc="x" * 1000)) == (413, "DLI.0009")


NAMES = sorted(JarJobIn.model_fields)
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["a/b.jar", "true", "7"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.just("key"), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6))
async def test_no_create_body_makes_the_service_fail(wire, fields):
    answer = await wire.ask("POST", CREATE, content=json.dumps(THE_REQUEST | fields))

    assert answer.status_code in {200, 400}
    answer.json()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200), kind=st.sampled_from(["json", "x-www-form-urlencoded"]))
async def test_no_bytes_make_the_service_fail(wire, body, kind):
    answer = await wire.ask("POST", CREATE, content=body, headers={"Content-Type": f"application/{kind}"})

    assert answer.status_code in {200, 400}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=st.dictionaries(st.sampled_from(["queue_name", "cu_count", "labels", "resource_mode"]), VALUES))
async def test_no_queue_body_makes_the_service_fail(wire, fields):
    answer = await wire.ask("POST", QUEUES, content=json.dumps({"queue_name": "q", "cu_count": 16} | fields))

    assert answer.status_code in {200, 400}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fields=st.dictionaries(
        st.sampled_from(["action", "savepoint_path", "job_id"]),
        VALUES | st.sampled_from(["TRIGGER", "b/dir", "obs://b/", "b//", "://", "obs://"]),
    ),
    call=st.sampled_from(["savepoint", "import-savepoint"]),
)
async def test_no_savepoint_body_makes_the_service_fail(wire, fields, call):
    await wire.create(queue_name="")

    answer = await wire.ask("POST", f"{JOBS}/1/{call}", content=json.dumps(fields))

    assert refusal(answer)[0] == 400  # whatever it says: the job is a draft, and no bucket may be named


@pytest.mark.parametrize("call", ["savepoint", "import-savepoint"])
@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b"[" * 100_000, b'{"action": NaN}'])
async def test_a_savepoint_body_that_is_no_json_object_is_refused(wire, call, body):
    answer = await wire.ask("POST", f"{JOBS}/1/{call}", content=body, headers={"Content-Type": "application/json"})

    assert refusal(answer) == (400, "DLI.10004")
