"""The records in memory keep what the port promises."""

import pytest

from penstock.testing.records import MemoryRecords
from penstock.testing.records_suite import RecordsSuite

pytestmark = pytest.mark.anyio


class TestMemoryRecords(RecordsSuite):
    @pytest.fixture
    def records(self) -> MemoryRecords:
        return MemoryRecords()
