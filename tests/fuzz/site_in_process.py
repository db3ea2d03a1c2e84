"""A registry with one patient, whose pages are opened in this process."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from sqlalchemy import text
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dashboard import calendar
from dashboard.database import administering, connect_to, serving
from dashboard.database.schema import registry as tables
from dashboard.database.schema import review
from dashboard.locale import speaking
from dashboard.web.auth import accounts, passwords, sessions
from dashboard.web.server import error_reporting
from dashboard.web.server.asgi import MAIN_SCRIPT
from tests.support.factories import Case, Database, at

PASSWORD = "correct horse battery"  # noqa: S105
TODAY = calendar.today()
ENROLLED = TODAY - timedelta(weeks=10)


@dataclass
class Clinic:
    """The patient, the people, and the log of the server meanwhile."""

    database: Database
    case: Case
    people: dict[str, int]
    log: list[str] = field(default_factory=list)

    def open(self, username: str, address: str, **query: Any) -> AppTest:
        """Return the page at this address, for this person."""
        tab = AppTest.from_file(str(MAIN_SCRIPT), default_timeout=120)
        tab.session_state["shown_to"] = self.people[username]
        tab.session_state["language"] = "en"
        tab._page_hash = calc_hash(address)
        for name, value in query.items():
            tab.query_params[name] = value
        self.act(username)
        return tab.run()

    def act(self, username: str) -> None:
        """Run pages with this person's cookie from now on."""
        with serving() as connection:
            ticket = sessions.begin(connection, self.people[username], "192.0.2.1")
            token = sessions.redeem(connection, ticket)
        sessions.presented_token = lambda: token

    def run(self, statement: str, **values: Any) -> list:
        with self.database.owner().begin() as connection:
            result = connection.execute(text(statement), values)
            return list(result) if result.returns_rows else []


class _Told(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self.lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def clinic(database: Database) -> Iterator[Clinic]:
    """Open it on an empty registry."""
    connect_to(database.app_url)
    before = (sessions.presented_token, passwords.ROUNDS, logging.getLogRecordFactory())
    passwords.ROUNDS = 4
    logging.setLogRecordFactory(error_reporting.record_without_messages)
    team = database.team()
    people = {
        "moreau": team.psychiatrist,
        "roux": team.nurse,
        "petit": team.gp,
        "lead": database.practitioner("lead"),
    }
    with administering(database.owner_url) as connection:
        for username, number in people.items():
            accounts.add_account(connection, number, username, PASSWORD)
    open_clinic = Clinic(database, _case(database, team), people)
    handler = _Told(open_clinic.log)
    logging.getLogger().addHandler(handler)
    try:
        # AppTest asks for the texts of options in this thread, where no reader is.
        with speaking("en"):
            yield open_clinic
    finally:
        logging.getLogger().removeHandler(handler)
        sessions.presented_token, passwords.ROUNDS = before[0], before[1]
        logging.setLogRecordFactory(before[2])


def _case(database: Database, team: Any) -> Case:
    """Return a patient with something of everything."""
    case = team.case(ENROLLED, family_name="Zwingelstein", consented_on=ENROLLED)
    patient, nurse = case.patient, team.nurse
    database.assessment(patient, "phq9", ENROLLED, 18)
    database.assessment(patient, "phq9", ENROLLED + timedelta(weeks=6), 12)
    database.add(
        tables.medication,
        patient_id=patient,
        atc_code="N06AB06",
        name="sertraline",
        daily_dose_mg=Decimal(50),
        as_needed=False,
        started_on=ENROLLED,
    )
    database.add(
        tables.contact,
        patient_id=patient,
        practitioner_id=nurse,
        happened_at=at(ENROLLED),
        kind="phone",
        attended=True,
    )
    database.add(tables.condition, patient_id=patient, code="E11", label="Diabète")
    signed = database.case_review(case, at(TODAY - timedelta(days=9)))
    for position, owner in enumerate(("gp", "nurse", "psychiatrist"), start=1):
        database.recommendation(case, signed, position=position, owner_role=owner)
    database.add(
        review.preparation,
        patient_id=patient,
        episode_id=case.episode,
        nurse_id=nurse,
        question="Augmenter ?",
        ready_at=at(TODAY - timedelta(days=1)),
        id=uuid4(),
    )
    return case
