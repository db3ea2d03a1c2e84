"""The letters that did not leave, as those who see to them read them."""

from datetime import date, timedelta

import pytest

from dashboard.database import acting_as
from dashboard.queries.advice.delivering import deliver
from dashboard.queries.case.deliveries import failed_deliveries
from tests.support.factories import at

SIGNED = at(date(2026, 11, 2))


@pytest.fixture
def case(database):
    return database.team().case(date(2026, 9, 1))


@pytest.fixture
def failed(database, case):
    """Return a review whose letters to the nurse and the GP have failed."""
    return fail(database, case)


def fail(database, case, **values):
    review = database.case_review(case, **{"signed_at": SIGNED} | values)
    with acting_as(case.team.psychiatrist) as connection:
        deliver(connection, case.patient, review, (case.team.nurse, case.team.gp))
    run(database, "UPDATE review.delivery SET state = 'failed', error = 'refused 550 no' ")
    return review


def run(database, statement):
    with database.owner().begin() as owner:
        owner.exec_driver_sql(statement)


def seen_by(person):
    with acting_as(person) as connection:
        return failed_deliveries(connection)


@pytest.mark.parametrize(
    ("person", "sees"), [("psychiatrist", True), ("nurse", True), ("gp", False)]
)
def test_psychiatrist_and_nurse_see_to_a_letter_that_failed(case, failed, person, sees):
    found = seen_by(getattr(case.team, person))
    assert bool(found) is sees
    assert {one.case_review_id for one in found} == ({failed} if sees else set())


def test_nobody_sees_that_of_another_team(database, failed):
    assert seen_by(database.team().psychiatrist) == []


def test_it_says_why_it_failed_and_that_there_is_no_letter_to_send(case, failed):
    one = seen_by(case.team.nurse)[0]
    assert str(one.delivery.failure) == "refused 550 no"
    assert one.lacks_letter
    assert not one.can_be_sent


def test_what_somebody_has_seen_to_is_gone(database, case, failed):
    run(
        database,
        "UPDATE review.delivery SET settled_at = now(), settled_how = 'phone',"
        f" settled_by = {case.team.nurse}",
    )
    assert seen_by(case.team.nurse) == []


def test_the_letters_of_an_amended_review_are_not_seen_to(database, case, failed):
    later = fail(database, case, signed_at=SIGNED + timedelta(days=1), supersedes=failed)
    assert {one.case_review_id for one in seen_by(case.team.nurse)} == {later}


def test_a_cover_sees_in_whose_name_to_deal_with_a_letter_of_a_case_without_psychiatrist(
    database, case, failed
):
    database.without("psychiatrist", case)
    colleague = database.cover(case.team.nurse, "nurse")
    assert {one.covered.id for one in seen_by(colleague)} == {case.team.nurse}
