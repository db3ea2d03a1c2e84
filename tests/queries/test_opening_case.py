"""One case as its page opens it."""

from datetime import timedelta

import pytest

from dashboard.calendar import today
from dashboard.database import acting_as
from dashboard.queries.access.haste import MOST_A_MINUTE
from dashboard.queries.opening_case import opened_case
from dashboard.vocabulary import Role

TODAY = today()


@pytest.fixture
def case(database):
    return database.team().case(TODAY - timedelta(weeks=12))


def opened_by(practitioner_id, role, case):
    with acting_as(practitioner_id, about=case.episode) as connection:
        return opened_case(connection, case.episode, practitioner_id, role, TODAY)


@pytest.mark.parametrize(
    ("role", "may_write"), [(Role.PSYCHIATRIST, True), (Role.NURSE, False), (Role.GP, False)]
)
def test_the_psychiatrist_alone_has_a_draft(case, role, may_write):
    in_haste, opened = opened_by(getattr(case.team, role), role, case)
    assert not in_haste
    assert opened.case.episode_id == case.episode
    assert (opened.draft.written is not None) is may_write
    assert (opened.is_outside, opened.emergency) == (False, None)


def test_a_case_of_others_is_not_there(database, case):
    stranger = database.practitioner("psychiatrist")
    assert opened_by(stranger, Role.PSYCHIATRIST, case) == (False, None)


def test_who_opens_records_in_haste_gets_none(case):
    others = [case.team.case(TODAY - timedelta(weeks=12)) for _ in range(MOST_A_MINUTE)]
    for other in others:
        opened_by(case.team.nurse, Role.NURSE, other)
    assert opened_by(case.team.nurse, Role.NURSE, case) == (True, None)
