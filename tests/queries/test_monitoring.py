"""The figures that monitoring reads: the numbers of the outbox, for the server's own role."""

from datetime import date, timedelta

import pytest
from sqlalchemy.exc import ProgrammingError

from dashboard.database import acting_as, serving
from dashboard.database.schema import review
from dashboard.queries.monitoring import DatabaseFigures, database_figures
from tests.support.factories import Case, Database, at

TODAY = date(2026, 11, 24)


def figures() -> DatabaseFigures:
    with serving() as connection:
        return database_figures(connection, 2)


def letter(database: Database, case: Case, state: str, **values: object) -> None:
    database.add(
        review.delivery,
        patient_id=case.patient,
        case_review_id=database.case_review(case, at(TODAY)),
        recipient_id=case.team.gp,
        channel="mail",
        state=state,
        message_id="<x@example.org>",
        **values,
    )


def test_an_empty_outbox_has_nothing_to_date(database):
    found = figures()
    assert (found.letters_waiting, found.oldest_letter_at, found.letters_failed) == (0, None, 0)


def test_waiting_letters_are_counted_and_the_oldest_is_dated(database):
    case = database.team().case(TODAY - timedelta(days=60))
    for hour in (14, 9, 11):
        letter(database, case, "queued", queued_at=at(TODAY, hour))
    letter(database, case, "sent", queued_at=at(TODAY, 1), sent_at=at(TODAY, 2))
    found = figures()
    assert (found.letters_waiting, found.oldest_letter_at) == (3, at(TODAY, 9))


def test_a_failed_letter_counts_until_somebody_has_told_the_recipient(database):
    team = database.team()
    case = team.case(TODAY - timedelta(days=60))
    letter(database, case, "failed")
    letter(
        database,
        case,
        "failed",
        settled_at=at(TODAY),
        settled_by=team.nurse,
        settled_how="phone",
    )
    assert figures().letters_failed == 1


def test_a_failed_letter_of_an_amended_review_does_not_count(database):
    case = database.team().case(TODAY - timedelta(days=60))
    letter(database, case, "failed")
    with database.owner().connect() as connection:
        (first,) = connection.execute(review.case_review.select()).all()
    database.case_review(case, at(TODAY, 13), supersedes=first.id)
    assert figures().letters_failed == 0


def test_the_role_of_the_pages_may_not_ask(database):
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        acting_as(None) as connection,
    ):
        database_figures(connection, 2)
