"""What became of the content of packages, one by one and in groups."""

import pytest

from penstock.domain.faults import FaultCode
from penstock.domain.package import PACKAGE_LACKS, Content, PackageStatus
from penstock.testing.builders import a_package

UPLOADING, READY, FAILED = PackageStatus.UPLOADING, PackageStatus.READY, PackageStatus.FAILED
ANNOUNCED = a_package("g/a.jar", status=UPLOADING, source="obs://b/a.jar", sha256="", size=0)


@pytest.mark.parametrize(
    ("members", "group"),
    [
        ([READY, READY], READY),
        ([READY, UPLOADING, FAILED], UPLOADING),
        ([READY, FAILED], FAILED),
        ([], READY),
    ],
)
def test_a_group_is_what_its_least_ready_member_is(members, group):
    assert PackageStatus.of_group(a_package(status=status) for status in members) is group


def test_a_package_that_was_filled_holds_the_copy():
    filled = ANNOUNCED.filled(Content("c" * 64, 3))

    assert (filled.status, filled.has_content, filled.size, filled.trouble) == (READY, True, 3, None)


def test_a_package_that_failed_holds_what_it_held_before():
    failed = a_package(status=UPLOADING, sha256="d" * 64).failed(FaultCode.PACKAGE_SOURCE_GONE)

    assert (failed.status, failed.sha256) == (FAILED, "d" * 64)


@pytest.mark.parametrize(
    ("package", "code"),
    [
        (ANNOUNCED, FaultCode.PACKAGE_UPLOADING),
        (ANNOUNCED.failed(FaultCode.PACKAGE_SOURCE_SILENT), FaultCode.PACKAGE_SOURCE_SILENT),
    ],
)
def test_what_is_lacking_is_said_with_the_name_and_the_object(package, code):
    fault = package.lack("entrypoint")

    assert (fault.code, fault.path) == (code, "entrypoint")
    assert fault.params == {"package": "g/a.jar", "source": "obs://b/a.jar"}
    assert fault.code in PACKAGE_LACKS
