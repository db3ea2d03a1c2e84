"""The records of télé-expertise, for whoever is signed in at the moment of the click."""

from collections.abc import Callable
from typing import NoReturn
from uuid import UUID

from sqlalchemy import Connection

from dashboard.clinical.tele_expertise import Record, presented_record
from dashboard.components.record_panel import MakeFile, PeriodFile, RecordActs
from dashboard.database import acting_as
from dashboard.database.access_log import log_access
from dashboard.database.origin import Origin, coming_from, origin
from dashboard.exports.fhir_report import fhir_report
from dashboard.exports.record_table import record_table
from dashboard.locale import language, speaking
from dashboard.queries.tele_expertise import note_incident, record_of, records_between, report_of
from dashboard.web import sessions
from dashboard.web.clock import today
from dashboard.web.guard import signed_in
from dashboard.web.sessions import SignedIn

ROLES = ("psychiatrist", "nurse")
"""Who reads records, adds to them and exports them."""


class NotAllowed(Exception):
    """This download is not, or no longer, for whoever asks for it."""


def record_acts() -> RecordActs:
    """What the panel of a record does; without downloads while the screen is shared."""
    presenting = signed_in(*ROLES).presenting
    return RecordActs(_read, _note, None if presenting else _file_of)


def period_file() -> PeriodFile | None:
    """Makes the table of a period; none while the screen is shared."""
    if signed_in(*ROLES).presenting:
        return None
    return lambda first, last: at_the_click(
        lambda connection: record_table(records_between(connection, first, last))
    )


def at_the_click(make: Callable[[Connection], bytes], roles: tuple[str, ...] = ROLES) -> MakeFile:
    """A file that is made when it is asked for, outside of any run.

    Then nobody has checked the sign-in of this browser yet, nor said which language to
    speak. Raises ``NotAllowed``; the file is then not there.
    """
    token, spoken, whence = sessions.presented_token(), language(), origin()

    def made() -> bytes:
        with acting_as(None) as connection:
            person = None if token is None else sessions.holder(connection, token, seen=True)
        if person is None or person.role not in roles or person.presenting:
            _refuse(person, whence)
        with (
            coming_from(whence),
            acting_as(person.practitioner_id) as connection,
            speaking(spoken),
        ):
            return make(connection)

    return made


def _refuse(person: SignedIn | None, whence: Origin) -> NoReturn:
    with coming_from(whence), acting_as(person.practitioner_id if person else None) as connection:
        log_access(connection, "download_refused")
    raise NotAllowed


def _read(case_review_id: UUID) -> Record | None:
    person = signed_in(*ROLES)
    with acting_as(person.practitioner_id) as connection:
        record = record_of(connection, case_review_id)
    return presented_record(record, today()) if record and person.presenting else record


def _note(case_review_id: UUID, description: str, key: UUID) -> None:
    with acting_as(signed_in(*ROLES).practitioner_id) as connection:
        note_incident(connection, case_review_id, description, key)


def _file_of(case_review_id: UUID, kind: str) -> MakeFile:
    make = {"json": _report, "csv": _table}[kind]
    return at_the_click(lambda connection: make(connection, case_review_id))


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
