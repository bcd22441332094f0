"""What was read of jars is remembered, and Flink's own class path counts where it is known."""

import pytest

from jars.class_writer import a_class
from jars.kinds import BAD, GOOD, PLAIN, job
from penstock.domain.faults import FaultCode
from penstock.domain.run_sheet import Part
from penstock.usecases.jar_lore import JarLore, Question

pytestmark = pytest.mark.anyio


async def asked(house, content, main_class="a.Main", class_path=()):
    part = Part("job.jar", await house.add_package("job.jar", content))
    return Question(entrypoint=part, jars=(), main_class=main_class, java=21, class_path=class_path)


@pytest.fixture
def flink(tmp_path):
    path = tmp_path / "flink.jar"
    path.write_bytes(job(a_class("org.apache.flink.Own")))
    return (path,)


async def test_a_class_of_flinks_class_path_is_not_the_users(house, flink):
    question = await asked(house, PLAIN, "org.apache.flink.Own", flink)

    found = await JarLore().examine(house.blobs, question)

    assert [fault.code for fault in found.refusals] == [FaultCode.MAIN_CLASS_NOT_YOURS]


@pytest.mark.parametrize(("is_known", "codes"), [(True, [FaultCode.CLASS_MISSING]), (False, [])])
async def test_what_is_nowhere_is_missed_only_where_flinks_class_path_is_known(house, flink, is_known, codes):
    question = await asked(house, BAD["class above that is nowhere"].entrypoint, class_path=flink if is_known else ())

    found = await JarLore().examine(house.blobs, question)

    assert [fault.code for fault in found.refusals] == codes


async def test_an_answer_is_remembered(house, tmp_path):
    lore = JarLore()
    question = await asked(house, GOOD["Flink bundled"].entrypoint)
    first = await lore.examine(house.blobs, question)
    sha256 = question.entrypoint.sha256
    await house.store.delete(f"packages/{sha256[:2]}/{sha256}")
    (tmp_path / "cache" / sha256).unlink()

    assert await lore.examine(house.blobs, question) is first


async def test_the_manifest_of_a_file_that_is_no_jar_names_no_class(house):
    assert await JarLore().main_class(house.blobs, await house.add_package("job.jar", b"text")) == ""
