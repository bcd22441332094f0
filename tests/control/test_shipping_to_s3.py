"""Logs reach a mapped bucket of a real S3-compatible server, where its owners find them with their own tools."""

from dataclasses import replace

import pytest

from control.test_shipping import JM, add_bucket, running
from control.theatre import Theatre
from penstock.domain.location import Location
from penstock.testing.builders import PROJECT
from s3_servers import moto

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def server():
    with moto() as started:
        yield started


@pytest.fixture
def theirs(server):
    return server.new_bucket()


@pytest.fixture
async def stage(server, theirs, anyio_backend):
    built = Theatre()
    built.objects = server.store(server.new_bucket())
    built.raise_curtain()
    await built.set_up()
    await add_bucket(built)
    await built.memory.change(_map, Location(theirs, "flink/logs"))
    return built


def _map(tx, location):
    bucket = tx.buckets.find(PROJECT, "logs")
    tx.buckets.delete(PROJECT, "logs")
    tx.buckets.add(replace(bucket, location=location))


async def test_logs_lie_in_the_bucket_that_the_operator_named(server, theirs, stage):
    job_id, logs = await running(stage)
    run = (await stage.job(job_id)).run.id

    logs.write(JM, b"one\n")
    await stage.ship()
    logs.write(JM, b"two\n")
    await stage.ship()

    key = f"flink/logs/jobs/logs/{job_id}_test/application_{run}/jobmanager.{0:015}.log"
    seen = server.client()
    assert [one["Key"] for one in seen.list_objects_v2(Bucket=theirs)["Contents"]] == [key]
    assert seen.get_object(Bucket=theirs, Key=key)["Body"].read() == b"one\ntwo\n"


async def test_a_bucket_that_is_gone_from_the_store_is_told_in_the_history(server, theirs, stage):
    job_id, logs = await running(stage)
    server.client().delete_bucket(Bucket=theirs)

    logs.write(JM, b"one\n")
    await stage.ship()

    facts = await stage.memory.look(lambda tx: tx.history.of_job(job_id))
    [stuck] = [fact for fact in facts if fact.what == "logs_stuck"]
    assert f"has no bucket {theirs}: make it there" in str(stuck.reason.params["said"])
