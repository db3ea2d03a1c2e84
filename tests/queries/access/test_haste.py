"""Records are opened one after the other as fast as a person reads, and no faster."""

from datetime import date

import pytest

from dashboard.clinical.access.accesses import MOST_A_MINUTE
from dashboard.database import acting_as
from dashboard.queries.access.haste import opens_in_haste


@pytest.fixture
def case(database):
    return database.team().case(date(2026, 9, 1))


@pytest.fixture
def opened_before(database, case):
    """Return a function that logs other patients' records as opened by the psychiatrist."""

    def write(number, ago="1 second", action="case_opened"):
        with database.owner().begin() as owner:
            owner.exec_driver_sql(
                "INSERT INTO review.access_log"
                " (id, practitioner_id, action, patient_id, detail, at)"
                " SELECT gen_random_uuid(), %s, %s, 900000 + one,"
                " jsonb_build_object('episode_id', 900000 + one), now() - CAST(%s AS interval)"
                " FROM generate_series(1, %s) one",
                (case.team.psychiatrist, action, ago, number),
            )

    return write


def in_haste(case, person="psychiatrist"):
    with acting_as(getattr(case.team, person)) as connection:
        return opens_in_haste(connection, case.episode)


@pytest.mark.parametrize(
    ("number", "before", "waits"),
    [
        (MOST_A_MINUTE - 1, {}, False),
        (MOST_A_MINUTE, {}, True),
        (10 * MOST_A_MINUTE, {"ago": "61 seconds"}, False),
        (MOST_A_MINUTE, {"action": "letter_opened"}, False),
    ],
)
def test_who_opens_more_than_a_person_reads_waits(case, opened_before, number, before, waits):
    opened_before(number, **before)
    assert in_haste(case) is waits


def test_only_the_person_who_opened_them_waits(case, opened_before):
    opened_before(MOST_A_MINUTE)
    assert not in_haste(case, "nurse")


def test_a_refusal_is_on_the_access_log(database, case, opened_before):
    opened_before(MOST_A_MINUTE)
    in_haste(case)
    with database.owner().connect() as owner:
        logged = owner.exec_driver_sql(
            "SELECT detail->>'why' FROM review.access_log WHERE action = 'case_refused'"
        )
        assert logged.scalars().all() == ["haste"]
