"""Waits, open work and tiers as they are counted, on registries made by hand."""

from datetime import date, timedelta

import pytest

from dashboard.clinical.caseload.rules import Tier
from dashboard.database import acting_as
from dashboard.database.schema import registry, review
from dashboard.queries.advice.follow_up import follow_up
from dashboard.queries.caseload.review_list import review_list
from dashboard.queries.sites.counting import count_all, count_tiers
from tests.oracles.exact_counts import show_exact_counts
from tests.support.factories import at

TODAY = date(2026, 11, 24)


def ago(days):
    return TODAY - timedelta(days=days)


@pytest.fixture
def lead(database):
    return database.practitioner("lead")


def read(database, lead, statement):
    count_all(TODAY)
    show_exact_counts(database, TODAY)
    with acting_as(lead) as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]


def ask(database, case, asked_on, **values):
    database.add(
        review.preparation,
        patient_id=case.patient,
        episode_id=case.episode,
        nurse_id=case.team.nurse,
        question="?",
        asked_at=at(asked_on),
        ready_at=at(asked_on),
        **values,
    )


def answer(database, case, line, day, outcome):
    database.add(
        review.answer,
        patient_id=case.patient,
        recommendation_id=line,
        practitioner_id=case.team.nurse,
        outcome=outcome,
        answered_at=at(day),
    )


def test_how_long_things_took(database, lead):
    """Referred 70 days ago, enrolled 60 days ago: 10 days. Asked 55 days ago, reviewed for the
    first time 50 days ago: 5 days for the answer, 10 since enrolment; once more 20 days ago, which
    answers nothing. Its recommendation was read after 1 day and done after 8. The second patient
    was referred on the day of enrolment and waits for everything else, which is no wait yet."""
    team = database.team()
    case = team.case(ago(60), referred_on=ago(70))
    ask(database, case, ago(55))
    line = database.recommendation(case, database.case_review(case, at(ago(50))))
    answer(database, case, line, ago(49), "acknowledged")
    answer(database, case, line, ago(42), "done")
    database.case_review(case, at(ago(20)))
    waiting = team.case(ago(60), referred_on=ago(60))
    ask(database, waiting, ago(55))
    found = read(
        database, lead, "SELECT wait, month, days, cases FROM review.site_wait ORDER BY 1, 3"
    )
    assert found == [
        ("advice_to_answer", date(2026, 10, 1), 8, 1),
        ("enrolment_to_first_review", date(2026, 10, 1), 10, 1),
        ("question_to_answer", date(2026, 10, 1), 5, 1),
        ("referral_to_enrolment", date(2026, 9, 1), 0, 1),
        ("referral_to_enrolment", date(2026, 9, 1), 10, 1),
    ]


def test_what_is_open(database, lead):
    """Check the open work of three open episodes and a closed one.

    Never reviewed for 28 days: the first; the second was enrolled 27 days ago, the third was
    reviewed. A question of 8 days ago is late, one of 7 days ago not. Of two recommendations of 14
    days ago one has no answer. One letter failed; the closed patient's failed one also needs
    attention. The failed letter of the amended review does not.
    """
    team = database.team()
    first, second, third = team.case(ago(28)), team.case(ago(27)), team.case(ago(90))
    ask(database, first, ago(8))
    ask(database, second, ago(7))
    amended = database.case_review(third, at(ago(15)))
    given = database.case_review(third, at(ago(14)), supersedes=amended)
    database.recommendation(third, given)
    done = database.recommendation(third, given, position=2)
    answer(database, third, done, ago(3), "acknowledged")
    closed = team.case(ago(90), status="closed", closed_on=ago(5))
    reviews = (
        (third, amended),
        (third, given),
        (closed, database.case_review(closed, at(ago(60)))),
    )
    for case, signed in reviews:
        for state in ("failed", "sent"):
            database.add(
                review.delivery,
                patient_id=case.patient,
                case_review_id=signed,
                recipient_id=team.gp if state == "failed" else team.nurse,
                channel="mail",
                state=state,
                message_id="<1@sesame.example>",
            )
    columns = "open_episodes, never_reviewed, questions_late, advice_unanswered, letters_failed"
    assert read(database, lead, f"SELECT {columns} FROM review.site_work") == [(3, 1, 1, 1, 2)]


@pytest.mark.parametrize(
    ("outcome", "answered_ago", "kept_ago", "unanswered"),
    [
        (None, None, 14, 1),
        (None, None, 13, 0),
        ("acknowledged", 15, 14, 1),
        ("acknowledged", 14, 14, 0),
        ("acknowledged", 3, 14, 0),
        ("done", 15, 14, 0),
    ],
)
def test_advice_is_unanswered_until_an_answer_after_it_was_last_sent_or_one_that_settles_it(
    database, lead, outcome, answered_ago, kept_ago, unanswered
):
    """Check a recommendation of 30 days ago that a later review kept, as the Follow-up page does.

    An acknowledgement from before it was kept is no answer to what was sent since.
    """
    case = database.team().case(ago(90))
    line = database.recommendation(case, database.case_review(case, at(ago(30))))
    keeping = database.case_review(case, at(ago(kept_ago)))
    database.add(
        review.settlement,
        patient_id=case.patient,
        case_review_id=keeping,
        settled_by=case.team.psychiatrist,
        settled_at=at(ago(kept_ago)),
        recommendation_id=line,
        kind="kept",
    )
    if outcome:
        answer(database, case, line, ago(answered_ago), outcome)
    found = read(database, lead, "SELECT advice_unanswered FROM review.site_work")
    assert found == [(unanswered,)]
    with acting_as(case.team.psychiatrist) as connection:
        states = {one.line.state for shown in follow_up(connection, TODAY) for one in shown.lines}
    assert ("unanswered" in states and kept_ago >= 14) is bool(unanswered)


def tiers_counted(nurse):
    with acting_as(nurse) as connection:
        return count_tiers(connection, nurse, TODAY)


def test_the_tiers_of_a_nurse_are_those_of_the_review_list(database):
    """Check the tiers by site: a severe score without a review is owed, no review is to review.

    The cases of a colleague whom the nurse covers are the colleague's.
    """
    team, elsewhere = database.team(), database.site("MSP du Bois")
    for site, total in ((team.site, 21), (team.site, 8), (elsewhere, 8)):
        case = team.case(ago(5), site_id=site)
        database.assessment(case.patient, "phq9", ago(5), total)
    team.case(ago(5), status="closed", closed_on=ago(1))
    other = database.practitioner("nurse")
    team.case(ago(5), nurse_id=other)
    database.add(
        review.cover,
        covered_id=other,
        covering_id=team.nurse,
        starts_on=date(2020, 1, 1),
        ends_on=date(2099, 1, 1),
    )
    found = {nurse: tiers_counted(nurse) for nurse in (team.nurse, other)}
    assert found == {
        team.nurse: {
            (team.site, Tier.OWED): 1,
            (team.site, Tier.REVIEW_DUE): 1,
            (elsewhere, Tier.REVIEW_DUE): 1,
        },
        other: {(team.site, Tier.REVIEW_DUE): 1},
    }
    with acting_as(team.psychiatrist) as connection:
        listed = review_list(connection, TODAY)
    assert sorted(listed.tier) == sorted(tier for tiers in found.values() for _site, tier in tiers)


def test_counting_as_a_nurse_writes_nothing_in_the_log(database):
    """Check it because the access log is about people, and no one has looked."""
    database.team().case(ago(5))
    count_all(TODAY)
    with database.owner().connect() as connection:
        logged = connection.exec_driver_sql("SELECT count(*) FROM review.access_log")
        assert logged.scalar_one() == 0


def test_an_episode_that_began_before_anybody_counted_makes_no_thousand_months(database, lead):
    """Check that days before 2000 count as 1 January 2000: 323 month ends until November 2026."""
    database.team().case(date(1900, 5, 1), referred_on=date(1900, 5, 1))
    months = "SELECT min(month), sum(active_caseload) FROM review.site_month WHERE kind = 'all'"
    assert read(database, lead, months + " AND severity = 'all'") == [(date(2000, 1, 1), 323)]


def test_a_sequence_and_a_baseline_say_under_what_an_episode_counts(database, lead):
    """Classic from its first sequence, severe from its baseline, whatever came later."""
    case = database.team().case(ago(100))
    for number, (kind, start) in enumerate((("classique", 100), ("leger", 5)), 1):
        database.add(
            registry.care_sequence,
            episode_id=case.episode,
            kind=kind,
            number=number,
            starts_on=ago(start),
            ends_on=ago(start - 90),
        )
    database.assessment(case.patient, "phq9", ago(100), 22)
    database.assessment(case.patient, "phq9", ago(10), 3)
    found = read(
        database,
        lead,
        "SELECT DISTINCT kind, severity FROM review.site_month WHERE early_contact_eligible > 0",
    )
    assert sorted(found) == [
        ("all", "all"),
        ("all", "severe"),
        ("classique", "all"),
        ("classique", "severe"),
    ]
