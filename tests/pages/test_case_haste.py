"""The page of a case tells who opens records faster than a person reads to wait."""

from datetime import timedelta

import pytest

from dashboard.clinical.access.accesses import MOST_A_MINUTE
from tests.pages.conftest import TODAY, words

SENTENCE = "You have opened many records within a minute. Wait a moment, then open this one."


@pytest.fixture
def cases(team):
    return [team.case(TODAY - timedelta(weeks=10)) for _each in range(3)]


@pytest.fixture
def opened_before(database, cases):
    """Return a function that logs other patients' records as opened by the psychiatrist."""

    def write(number, ago="1 second"):
        with database.owner().begin() as owner:
            owner.exec_driver_sql(
                "INSERT INTO review.access_log"
                " (id, practitioner_id, action, patient_id, detail, at)"
                " SELECT gen_random_uuid(), %s, 'case_opened', 900000 + one,"
                " jsonb_build_object('episode_id', 900000 + one), now() - CAST(%s AS interval)"
                " FROM generate_series(1, %s) one",
                (cases[0].team.psychiatrist, ago, number),
            )

    return write


def test_who_opens_more_than_a_person_reads_waits(visit, cases, opened_before):
    opened_before(MOST_A_MINUTE)
    assert SENTENCE in words(visit("moreau", "case", episode=cases[0].episode))


def test_the_same_record_again_is_no_haste(visit, cases, database):
    for _each in range(3):
        assert SENTENCE not in words(visit("moreau", "case", episode=cases[0].episode))
