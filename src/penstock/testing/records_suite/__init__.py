"""What every adapter of `ports.records` promises, as tests; an adapter's tests inherit RecordsSuite.

They need a fixture `records`: empty records, made anew for each test. What the port says is tested here and nowhere
else; what only one adapter has (threads, files, constraints) is tested beside it.
"""

from penstock.testing.records_suite.buckets_and_logs import BucketsSuite, LogCursorsSuite, SubmitLogsSuite
from penstock.testing.records_suite.callers import CallersSuite
from penstock.testing.records_suite.jobs import JobsSuite, RunsSuite
from penstock.testing.records_suite.leases_and_notes import LeasesAndNotesSuite
from penstock.testing.records_suite.listing import ListingSuite
from penstock.testing.records_suite.places_and_run_notes import PlacesSuite, RunNotesSuite
from penstock.testing.records_suite.queues_and_packages import PackagesSuite, QueuesSuite
from penstock.testing.records_suite.savepoints import SavepointCopiesSuite, SavepointsSuite
from penstock.testing.records_suite.sheets_and_history import SheetsAndHistorySuite
from penstock.testing.records_suite.topics_and_outbox import OutboxSuite, SubscriptionsSuite, TopicsSuite
from penstock.testing.records_suite.unit_of_work import UnitOfWorkSuite


class RecordsSuite(
    UnitOfWorkSuite,
    JobsSuite,
    RunsSuite,
    ListingSuite,
    SheetsAndHistorySuite,
    SavepointsSuite,
    SavepointCopiesSuite,
    QueuesSuite,
    PackagesSuite,
    CallersSuite,
    LeasesAndNotesSuite,
    BucketsSuite,
    LogCursorsSuite,
    SubmitLogsSuite,
    TopicsSuite,
    SubscriptionsSuite,
    OutboxSuite,
    PlacesSuite,
    RunNotesSuite,
):
    """All of it."""
