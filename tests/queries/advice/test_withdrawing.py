"""A line is withdrawn between reviews once, by its psychiatrist, and those who had it are told."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import ProgrammingError

from dashboard.calendar import today
from dashboard.clinical.advice.drafts import NotYours
from dashboard.clinical.advice.inbox import NotWanted, ReasonNeeded
from dashboard.clinical.advice.standing_advice import NotOpen, standing_advice
from dashboard.database import acting_as
from dashboard.database.schema import review as tables
from dashboard.delivery import outbox
from dashboard.delivery.message import From, letter_mail
from dashboard.queries.advice.answering import answer
from dashboard.queries.advice.delivering import deliver
from dashboard.queries.advice.inbox import inbox
from dashboard.queries.advice.withdrawing import withdraw
from dashboard.queries.case.case_file import read_case
from tests.support.factories import at

TODAY = today()
SIGNED = TODAY - timedelta(days=20)
REASON = "Effet indésirable signalé par la patiente"


@pytest.fixture
def case(database):
    return database.team().case(TODAY - timedelta(weeks=12))


@pytest.fixture
def team(case, database):
    for person in (case.team.nurse, case.team.gp):
        with database.owner().begin() as connection:
            connection.exec_driver_sql(
                "UPDATE registry.practitioner SET secure_email = 'x@mssante.example'"
                f" WHERE id = {person}"
            )
    return case.team


@pytest.fixture
def line(database, case, team):
    """Return a line of a review that was sent to the nurse and the GP."""
    signed = database.case_review(case, at(SIGNED))
    line = database.recommendation(case, signed, detail="Hydroxyzine le soir", owner_role="gp")
    with acting_as(team.psychiatrist) as connection:
        deliver(connection, case.patient, signed, (team.nurse, team.gp))
    with database.owner().begin() as connection:
        connection.exec_driver_sql("UPDATE review.delivery SET state = 'sent', sent_at = now()")
    return line


def withdrawn(person, line, reason=REASON):
    with acting_as(person) as connection:
        withdraw(connection, line, reason, TODAY)


def asked(database, query):
    with database.owner().connect() as connection:
        return connection.exec_driver_sql(query).all()


def notices(database):
    return asked(
        database,
        "SELECT recipient_id, state, error, notice FROM review.delivery WHERE reminder < 0"
        " ORDER BY recipient_id",
    )


def standing(case):
    with acting_as(case.team.psychiatrist) as connection:
        return standing_advice(read_case(connection, case.episode, TODAY))


def test_a_line_that_is_withdrawn_stands_no_more_and_cannot_be_answered(case, team, line):
    withdrawn(team.psychiatrist, line)
    assert standing(case) == ()
    with acting_as(team.gp) as connection:
        assert inbox(connection, TODAY) == []
        with pytest.raises(NotWanted):
            answer(connection, line, "done", None, line)


def test_those_who_had_it_are_told_what_by_whom_and_why(database, team, line):
    withdrawn(team.psychiatrist, line)
    told = notices(database)
    assert [(one.recipient_id, one.state) for one in told] == [
        (team.nurse, "queued"),
        (team.gp, "queued"),
    ]
    for one in told:
        for said in ("Lefèvre", "Psychiatrist", "Hydroxyzine le soir", REASON):
            assert said in one.notice


def test_the_notice_leaves_through_the_outbox_as_a_mail_of_its_own(team, line):
    withdrawn(team.psychiatrist, line)
    mails = []
    while (claim := outbox.claim(timedelta(minutes=1))) is not None:
        letter = outbox.read(claim)
        mails.append((letter.reminder, letter_mail(letter, From("avis@mssante.example")).content))
        outbox.mark_sent(claim, "mssante")
    assert [reminder for reminder, _mail in mails] == [-1, -1]
    assert all(b"Hydroxyzine" in mail for _reminder, mail in mails)


def test_a_server_of_the_version_before_claims_no_notice(database, team, line):
    withdrawn(team.psychiatrist, line)
    with pytest.raises(ProgrammingError, match="does not exist"), acting_as(None) as connection:
        connection.exec_driver_sql("SELECT * FROM review.claim_delivery('1 minute')")


def test_whoever_has_no_address_is_work_for_a_person(database, case):
    line = database.recommendation(case, database.case_review(case, at(SIGNED)))
    withdrawn(case.team.psychiatrist, line)
    assert {(one.state, one.error) for one in notices(database)} == {("failed", "no_address")}


@pytest.mark.parametrize(
    ("leaves", "told"),
    [
        ("registry.episode SET gp_id = nurse_id", "queued"),
        (
            "registry.episode SET gp_id = nurse_id; UPDATE registry.practitioner"
            " SET active = role <> 'gp'",
            None,
        ),
        ("registry.practitioner SET active = role <> 'gp'", "failed"),
    ],
    ids=["lost the case: is told", "lost it and left: is not", "left: somebody must see to it"],
)
def test_a_recipient_who(database, case, team, leaves, told):
    review = database.case_review(case, at(SIGNED))
    line = database.recommendation(case, review)
    with acting_as(team.psychiatrist) as connection:
        deliver(connection, case.patient, review, (team.gp,))
    with database.owner().begin() as connection:
        connection.exec_driver_sql("UPDATE registry.practitioner SET secure_email = 'a@x.fr'")
        connection.exec_driver_sql(f"UPDATE {leaves}")
    withdrawn(team.psychiatrist, line)
    assert {one.recipient_id: one.state for one in notices(database)}.get(team.gp) == told


def test_a_second_click_withdraws_nothing_more(database, team, line):
    withdrawn(team.psychiatrist, line)
    withdrawn(team.psychiatrist, line, "autre motif")
    assert len(notices(database)) == 2
    assert asked(database, "SELECT reason FROM review.settlement") == [(REASON,)]


def test_two_lines_of_one_review_are_withdrawn_one_after_the_other(database, case, team, line):
    (review,) = asked(database, "SELECT id FROM review.case_review")
    other = database.recommendation(case, review.id, position=2)
    withdrawn(team.psychiatrist, line)
    withdrawn(team.psychiatrist, other)
    assert len(notices(database)) == 4


@pytest.mark.parametrize("outcome", ["done", "declined"])
def test_a_line_that_was_answered_meanwhile_is_not_withdrawn(database, case, team, line, outcome):
    database.add(
        tables.answer,
        patient_id=case.patient,
        recommendation_id=line,
        practitioner_id=team.gp,
        outcome=outcome,
        reason="fait",
    )
    with pytest.raises(NotOpen):
        withdrawn(team.psychiatrist, line)
    assert notices(database) == []


def test_a_line_that_a_later_review_has_replaced_is_not_withdrawn(database, case, team, line):
    database.case_review(case, at(TODAY - timedelta(days=2)))
    with pytest.raises(NotOpen):
        withdrawn(team.psychiatrist, line)


def test_it_is_not_withdrawn_without_a_reason(database, team, line):
    with pytest.raises(ReasonNeeded):
        withdrawn(team.psychiatrist, line, " \n")
    assert asked(database, "SELECT FROM review.settlement") == []


@pytest.mark.parametrize("who", ["nurse", "gp", "another psychiatrist"])
def test_nobody_but_its_psychiatrist_withdraws_it(database, team, line, who):
    others = {"nurse": team.nurse, "gp": team.gp}
    person = others.get(who) or database.practitioner("psychiatrist", "Autre")
    with pytest.raises(NotYours):
        withdrawn(person, line)


def test_whoever_covers_the_psychiatrist_can_withdraw_it(database, case, team, line):
    colleague = database.practitioner("psychiatrist", "Remplaçante")
    database.add(
        tables.cover,
        covered_id=team.psychiatrist,
        covering_id=colleague,
        starts_on=TODAY,
        ends_on=TODAY,
    )
    withdrawn(colleague, line)
    assert standing(case) == ()
    assert len(notices(database)) == 2
