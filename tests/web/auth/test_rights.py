"""The rights under which a page is drawn: whether they still hold."""

from datetime import timedelta

import pytest

from dashboard.calendar import today
from dashboard.database import acting_as, serving
from dashboard.database.schema import review as own_tables
from dashboard.database.security.identity import Proof
from dashboard.queries.access.cover import covers
from dashboard.queries.access.covering import end_cover
from dashboard.web.auth import rights, sessions
from tests.support.statements import statements

TODAY = today()


@pytest.fixture
def case(people):
    return people.team.case(TODAY - timedelta(weeks=10))


@pytest.fixture
def drawn(people, case):
    """Return the psychiatrist's token, and the rights under which a page was drawn for them."""
    token = people.token("moreau")
    known = rights.rights_of(token, seen=True)
    assert known is not None
    return token, known


def test_they_hold_as_long_as_nothing_has_changed(drawn):
    token, known = drawn
    assert rights.still_hold(known, token)
    assert not rights.still_hold(known, None)
    assert not rights.still_hold(known, "another")


ENDINGS = {
    "signed out": "UPDATE review.sign_in SET ended_at = now()",
    "locked": "UPDATE review.account SET locked_at = now()",
    "no longer active": "UPDATE registry.practitioner SET active = false",
    "of another role": "UPDATE registry.practitioner SET role = 'nurse'",
    "idle": "UPDATE review.sign_in SET last_seen_at = now() - interval '16 minutes'",
    "four hours old": "UPDATE review.sign_in SET created_at = now() - interval '241 minutes'",
    "presenting": "UPDATE review.sign_in SET presenting_since = now()",
    "somebody else's patient": "UPDATE registry.episode SET psychiatrist_id = gp_id",
}


@pytest.mark.parametrize("change", ENDINGS.values(), ids=ENDINGS)
def test_they_do_not_hold_after(drawn, run_as_owner, change):
    token, known = drawn
    run_as_owner(change)
    assert not rights.still_hold(known, token)


@pytest.fixture
def colleague(people, database, case):
    """Return the colleague who covers the psychiatrist today, with a token."""
    other = database.practitioner("psychiatrist", "Colleague")
    database.add(own_tables.account, practitioner_id=other, username="other")
    database.add(
        own_tables.cover,
        covered_id=people.team.psychiatrist,
        covering_id=other,
        starts_on=TODAY,
        ends_on=TODAY,
    )
    with serving() as connection:
        return sessions.redeem(connection, sessions.begin(connection, other, "192.0.2.1"))


def test_they_do_not_hold_after_a_cover_has_ended(people, colleague):
    known = rights.rights_of(colleague, seen=True)
    assert rights.still_hold(known, colleague)
    with acting_as(people.team.psychiatrist) as connection:
        [cover] = covers(connection, TODAY)
        end_cover(connection, cover.id)
    assert not rights.still_hold(known, colleague)


def test_they_are_asked_in_one_statement(drawn):
    token, known = drawn
    with acting_as(known.person.practitioner_id, by=Proof(token=token)) as connection:
        asked = statements(connection, sessions.presented_with_sight)
    assert asked == 1
