"""What we ask of run sheets: they are written once, and never changed or deleted."""

from sqlalchemy import Connection, insert, select

from penstock.database.documents import sheet_from, text_from_sheet
from penstock.database.tables import sheet_blobs, sheets
from penstock.domain.errors import NotFound
from penstock.domain.faults import FaultCode
from penstock.domain.run import JobId
from penstock.domain.run_sheet import RunSheet, SheetId


class DatabaseSheets:
    """`ports.records.Sheets` inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, job_id: JobId, sheet: RunSheet) -> None:
        self._connection.execute(insert(sheets).values(id=sheet.id, job_id=job_id, sheet=text_from_sheet(sheet)))
        blobs = [{"sha256": sha256, "sheet_id": sheet.id} for sha256 in sorted(sheet.blobs())]
        self._connection.execute(insert(sheet_blobs), blobs)

    def load(self, sheet_id: SheetId) -> RunSheet:
        text = self._connection.scalar(select(sheets.c.sheet).where(sheets.c.id == sheet_id))
        if text is None:
            raise NotFound.of(FaultCode.JOB_UNKNOWN, "sheet", job=sheet_id)
        return sheet_from(text)
