"""The link by which a GP without an account is shown a review to answer."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from dashboard.calendar import now
from dashboard.clinical.advice.answer_link import LinkClosed
from dashboard.database import acting_as
from dashboard.database.schema import review as tables
from dashboard.queries.advice.answer_links import open_link
from tests.support.factories import at

LINK = UUID(int=77)
SIGNED = at(date(2026, 11, 2))


@pytest.fixture
def case(database):
    return database.team().case(date(2026, 9, 1))


@pytest.fixture
def linked(database, case):
    """Return the review to which the link leads, with a line for the GP and one for the nurse."""
    review = database.case_review(case, SIGNED)
    for position, owner in enumerate(("gp", "nurse"), start=1):
        database.recommendation(case, review, position=position, owner_role=owner)
    database.add(
        tables.answer_link,
        id=LINK,
        patient_id=case.patient,
        case_review_id=review,
        recipient_id=case.team.gp,
        expires_at=now() + timedelta(days=60),
    )
    return review


def opened(person, link=LINK):
    with acting_as(person) as connection:
        return open_link(connection, link)


def closed(person, link=LINK):
    with acting_as(person) as connection:
        with pytest.raises(LinkClosed) as refusal:
            open_link(connection, link)
        return refusal.value.why


def run(database, statement):
    with database.owner().begin() as owner:
        result = owner.exec_driver_sql(statement)
        return result.all() if result.returns_rows else []


def test_the_gp_reads_the_lines_with_nothing_of_the_patient_but_initials_and_age(case, linked):
    asked = opened(case.team.gp)
    assert asked.case_review_id == linked
    assert [line.owner_role for line in asked.lines] == ["gp", "nurse"]
    assert [line.owner_role for line in asked.awaited] == ["gp"]
    assert "Lefèvre" not in asked.patient


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE review.answer_link SET used_at = now()", "used"),
        ("UPDATE review.answer_link SET expires_at = now()", "expired"),
    ],
)
def test_a_link_that_is_used_or_expired_is_closed(database, case, linked, statement, why):
    run(database, statement)
    assert closed(case.team.gp) == why


def test_the_link_of_an_amended_review_is_closed(database, case, linked):
    database.case_review(case, SIGNED + timedelta(days=1), supersedes=linked)
    assert closed(case.team.gp) == "superseded"


def test_a_link_of_which_nothing_is_awaited_any_more_is_closed(database, case, linked):
    run(database, "UPDATE review.answer_link SET expires_at = now() + interval '1 day'")
    with database.owner().begin() as owner:
        owner.exec_driver_sql("SET LOCAL session_replication_role = replica")
        owner.exec_driver_sql("UPDATE review.recommendation SET owner_role = 'nurse'")
    assert closed(case.team.gp) == "not_wanted"


@pytest.mark.parametrize("person", ["nurse", "psychiatrist"])
def test_a_link_is_unknown_to_everybody_else(case, linked, person):
    assert closed(getattr(case.team, person)) == "unknown"


def test_a_number_without_a_link_is_unknown(case, linked):
    assert closed(case.team.gp, uuid4()) == "unknown"


def test_opening_it_is_on_the_access_log(database, case, linked):
    opened(case.team.gp)
    assert run(database, "SELECT action, patient_id FROM review.access_log") == [
        ("answer_link_opened", case.patient)
    ]


def test_finding_it_closed_is_on_the_access_log(database, case, linked):
    run(database, "UPDATE review.answer_link SET used_at = now()")
    closed(case.team.gp)
    assert run(database, "SELECT action, detail->>'why' FROM review.access_log") == [
        ("answer_link_refused", "used")
    ]
