"""Wrong keys and names, told by a server that checks signatures."""

from dataclasses import replace

import pytest

from penstock.domain.errors import StoreUnavailable
from s3_servers import versitygw

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with versitygw(tmp_path_factory.mktemp("versitygw")) as started:
        yield started


async def refusals(store):
    """What every call says; they all have to say the same."""
    calls = (
        lambda: store.put("key", b"x"),
        lambda: store.put("key", b"x" * (9 << 20)),
        lambda: store.head("key"),
        lambda: anext(store.read("key")),
        lambda: store.delete("key"),
        lambda: store.list(),
    )
    said = set()
    for call in calls:
        with pytest.raises(StoreUnavailable) as caught:
            await call()
        said.add(str(caught.value))
    return said


async def test_a_wrong_secret_is_told_in_one_sentence(server):
    store = replace(server, secret_key="not-the-secret").store(server.new_bucket())

    [said] = await refusals(store)

    assert "the secret key is not that of the access key (store.secret_key_file or AWS_SECRET_ACCESS_KEY)" in said
    assert "not-the-secret" not in said


async def test_an_access_key_that_nobody_has_is_told(server):
    store = replace(server, access_key="NOBODY").store(server.new_bucket())

    [said] = await refusals(store)

    assert "does not know the access key" in said


async def test_a_bucket_that_is_not_there_is_no_object_that_is_not_there(server):
    [said] = await refusals(server.store("nobody-has-this-bucket"))

    assert said.endswith("has no bucket nobody-has-this-bucket: make it there, or correct the name.")
