"""Access of pages to tele-expertise records. The right to download a record is checked at the
click.
"""

from uuid import UUID

from sqlalchemy import Connection

from dashboard.clinical.advice.tele_expertise import Record
from dashboard.components.advice.record_panel import PeriodFile, RecordActions
from dashboard.components.elements.guarded import DeferredFile
from dashboard.exports.fhir_report import fhir_report
from dashboard.exports.record_table import record_table
from dashboard.queries.advice.noting_incidents import note_incident
from dashboard.queries.advice.tele_expertise import record_of, records_between, report_of
from dashboard.vocabulary import PAIR
from dashboard.web.auth.authorization import signed_in
from dashboard.web.page_support.deferred import NotAllowed, at_the_click
from dashboard.web.page_support.viewer import Viewer

ROLES = PAIR
"""Roles that may read tele-expertise records, add incidents to them, and export them."""


def record_actions() -> RecordActions:
    """Return the functions that the panel of a tele-expertise record calls.

    While the screen is shared, the panel offers no downloads.
    """
    presenting = signed_in(*ROLES).presenting
    return RecordActions(_read, _note, None if presenting else _file_of)


def period_file() -> PeriodFile | None:
    """Return a function that makes a table of the tele-expertise records between two days.

    Return None while the screen is shared.
    """
    if signed_in(*ROLES).presenting:
        return None
    return lambda first, last: at_the_click(
        lambda connection: record_table(records_between(connection, first, last)), ROLES
    )


def _read(case_review_id: UUID) -> Record | None:
    return Viewer(ROLES).read(record_of, case_review_id)


def _note(case_review_id: UUID, description: str, key: UUID) -> None:
    Viewer(ROLES).write(note_incident, case_review_id, description, key)


def _file_of(case_review_id: UUID, kind: str) -> DeferredFile:
    make = {"json": _report, "csv": _table}[kind]
    return at_the_click(lambda connection: make(connection, case_review_id), ROLES)


def _report(connection: Connection, case_review_id: UUID) -> bytes:
    report = report_of(connection, case_review_id)
    if report is None:
        raise NotAllowed
    return fhir_report(report)


def _table(connection: Connection, case_review_id: UUID) -> bytes:
    report = report_of(connection, case_review_id)
    if report is None:
        raise NotAllowed
    return record_table([report.record])
