"""Reviews as they were signed."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from dashboard.database import acting_as
from dashboard.queries.advice.signed_reviews import amended_by, signed_under
from tests.support.factories import at

KEY = uuid4()
SIGNED = at(date(2026, 11, 2))


@pytest.fixture
def case(database):
    return database.team().case(date(2026, 9, 1))


@pytest.fixture
def signed(database, case):
    review = database.case_review(case, SIGNED, idempotency_key=KEY, summary="Vu")
    values = {"kind": "medication", "action": "increase", "drug_name": "sertraline"}
    dose = {"atc_code": "N06AB06", "daily_dose_mg": Decimal("37.500"), "detail": ""}
    database.recommendation(case, review, position=2, owner_role="gp", **values, **dose)
    database.recommendation(case, review, position=1)
    return review


def found(case, key=KEY, person=None):
    with acting_as(person or case.team.psychiatrist) as connection:
        return signed_under(connection, case.episode, key)


def test_a_review_is_found_by_the_key_under_which_it_was_signed(case, signed):
    review = found(case)
    assert (review.id, review.signed_at, review.content.summary) == (signed, SIGNED, "Vu")
    assert found(case, uuid4()) is None


def test_its_lines_read_as_a_draft_would_say_them(case, signed):
    first, second = found(case).content.lines
    assert (first.id, first.detail) == ("1", "Revoir le sommeil")
    assert (second.id, second.drug_name, second.dose) == ("2", "sertraline", "37.5")


def test_a_stranger_finds_nothing(database, case, signed):
    assert found(case, person=database.team().psychiatrist) is None


def test_a_review_that_was_amended_names_the_later_one_and_who_signed_it(database, case, signed):
    later = database.case_review(case, SIGNED + timedelta(days=1), supersedes=signed)
    with acting_as(case.team.nurse) as connection:
        amending = amended_by(connection, case.patient, signed)
        nothing = amended_by(connection, case.patient, later)
    assert (amending.id, amending.psychiatrist.id) == (later, case.team.psychiatrist)
    assert nothing is None
