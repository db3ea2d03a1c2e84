"""Emergency access: who gets it, for how long, what it opens, and who is told."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, ProgrammingError

from dashboard.calendar import PARIS, today
from dashboard.clinical.access.emergency import (
    OPENED_A_DAY,
    TOLD_FOR,
    WRONG_AN_HOUR,
    Wish,
    is_outside,
)
from dashboard.clinical.advice.lines import DraftReview
from dashboard.database import acting_as
from dashboard.database.schema import registry as tables
from dashboard.database.schema import review
from dashboard.database.security.identity import NotSignedIn
from dashboard.queries.access.emergency import running, told
from dashboard.queries.access.opening_in_emergency import end_emergency, open_in_emergency
from dashboard.queries.advice.answering import answer
from dashboard.queries.advice.drafting import save_draft
from dashboard.queries.advice.drafts import open_draft
from dashboard.queries.advice.follow_up import follow_up
from dashboard.queries.case.case_file import open_case
from dashboard.queries.caseload.review_list import review_list
from tests.support.factories import at
from tests.support.statements import statements

TODAY = today()
ENROLLED = TODAY - timedelta(weeks=12)
BORN = date(1983, 5, 2)


@pytest.fixture
def case(database):
    """Return a case of a team to which none of the people below belongs."""
    return database.team().case(ENROLLED, family_name="Lefèvre-d’Été")


@pytest.fixture
def stranger(database):
    return database.practitioner("psychiatrist", "Roy")


def wish(case, **values):
    asked = {
        "case_number": case.episode,
        "family_name": "Lefèvre-d’Été",
        "birth_date": BORN,
        "reason": "on_call",
        "explanation": "Garde : idées suicidaires",
    }
    return Wish(**asked | values)


def ask(practitioner, asked, key=None):
    with acting_as(practitioner) as connection:
        return open_in_emergency(connection, asked, key or uuid4())


def sees(practitioner, case):
    with acting_as(practitioner) as connection:
        return open_case(connection, case.episode, TODAY) is not None


def logged(database, columns="action, patient_id, why, detail->>'why'"):
    with database.owner().connect() as connection:
        return [
            tuple(row)
            for row in connection.exec_driver_sql(
                f"SELECT {columns} FROM review.access_log l"
                " JOIN review.access_chain c ON c.log_id = l.id ORDER BY at, number"
            )
        ]


@pytest.mark.parametrize("role", ["psychiatrist", "nurse", "gp"])
def test_it_opens_the_record_of_anothers_patient(database, case, role):
    stranger = database.practitioner(role)
    assert not sees(stranger, case)
    assert ask(stranger, wish(case)) == "opened"
    assert sees(stranger, case)
    assert logged(database) == [
        ("case_refused", None, None, None),
        ("emergency_opened", case.patient, "emergency", None),
        ("case_opened", case.patient, "emergency", None),
    ]


@pytest.mark.parametrize("typed", ["LEFEVRE D'ETE", " lefèvre-d’été ", "Lefe\u0300vre d Été"])
def test_a_name_is_typed_exactly_but_for_capitals_accents_and_marks(case, stranger, typed):
    assert ask(stranger, wish(case, family_name=typed)) == "opened"


@pytest.mark.parametrize(
    "wrong",
    [
        {"case_number": 999_999},
        {"family_name": "Lefèvre"},
        {"family_name": "Lefèvre-d’Ét%"},
        {"family_name": "-"},
        {"birth_date": date(1983, 5, 3)},
    ],
)
def test_what_does_not_belong_together_gets_one_answer_and_leaves_a_trace(
    database, case, stranger, wrong
):
    assert ask(stranger, wish(case, **wrong)) == "no_match"
    assert not sees(stranger, case)
    assert logged(database)[0] == ("emergency_refused", None, None, "no_match")


def test_after_some_wrong_attempts_an_hour_goes_by(database, case, stranger, run_as_owner):
    for _ in range(WRONG_AN_HOUR):
        assert ask(stranger, wish(case, case_number=999_999)) == "no_match"
    for _ in range(2):
        assert ask(stranger, wish(case)) == "too_many"
    run_as_owner(
        "SET session_replication_role = replica;"
        " UPDATE review.access_log SET at = at - interval '61 minutes'"
    )
    assert ask(stranger, wish(case)) == "opened"


def test_an_attempt_waits_for_another_of_the_same_person_even_if_it_is_their_first(case, stranger):
    wrong = wish(case, case_number=999_999)
    with acting_as(stranger) as first, acting_as(stranger) as second:
        assert open_in_emergency(first, wrong, uuid4()) == "no_match"
        second.exec_driver_sql("SET LOCAL lock_timeout = '100ms'")
        with pytest.raises(OperationalError, match="lock timeout"):
            open_in_emergency(second, wrong, uuid4())


def test_a_day_has_so_many_emergencies(database, stranger):
    team = database.team()
    cases = [team.case(ENROLLED, "Lefèvre-d’Été") for _ in range(OPENED_A_DAY + 1)]
    outcomes = [ask(stranger, wish(case)) for case in cases]
    assert outcomes == ["opened"] * OPENED_A_DAY + ["too_many"]


def test_ones_own_patient_needs_no_emergency(database, case):
    assert ask(case.team.nurse, wish(case)) == "yours"
    assert logged(database)[0] == ("emergency_refused", case.patient, "care", "yours")


def test_a_lead_gets_none_and_who_has_left_is_nobody(database, case):
    for nobodys in (database.practitioner("lead"), None):
        assert ask(nobodys, wish(case)) == "role"
    with pytest.raises(NotSignedIn):
        ask(database.practitioner("gp", active=False), wish(case))


def test_asking_twice_opens_it_once(database, case, stranger, run_as_owner):
    key = uuid4()
    assert [ask(stranger, wish(case), key) for _ in range(2)] == ["opened", "open_already"]
    assert run_as_owner("SELECT count(*) FROM review.emergency_access") == [(1,)]


@pytest.mark.parametrize(
    ("values", "lacks"),
    [
        ({"case_number": None}, "patient"),
        ({"reason": None}, "reason"),
        ({"explanation": "  urgence   "}, "explanation"),
    ],
)
def test_a_wish_that_lacks_something_is_refused(case, stranger, values, lacks):
    with pytest.raises(ValueError, match=lacks):
        ask(stranger, wish(case, **values))


# The rights it gives


def test_it_ends_after_an_hour_by_itself(case, stranger, run_as_owner):
    ask(stranger, wish(case))
    [(lasts,)] = run_as_owner("SELECT ends_at - begun_at FROM review.emergency_access")
    assert lasts == timedelta(hours=1)
    run_as_owner(
        "UPDATE review.emergency_access SET begun_at = begun_at - interval '61 minutes',"
        " ends_at = ends_at - interval '61 minutes'"
    )
    assert not sees(stranger, case)
    with acting_as(stranger) as connection:
        assert running(connection, case.patient) is None


def test_it_is_ended_by_whoever_opened_it(database, case, stranger):
    ask(stranger, wish(case))
    with acting_as(stranger) as connection:
        emergency = running(connection, case.patient)
    for anyone in (case.team.nurse, stranger):
        assert sees(stranger, case)
        with acting_as(anyone) as connection:
            end_emergency(connection, emergency.id)
    assert not sees(stranger, case)
    assert logged(database)[-2][0] == "emergency_ended"


def test_it_opens_one_record_for_one_person(database, case, stranger):
    other = case.team.case(ENROLLED)
    ask(stranger, wish(case))
    assert not sees(stranger, other)
    assert not sees(database.practitioner("psychiatrist"), case)


def test_the_patient_does_not_come_onto_ones_list(case, stranger):
    ask(stranger, wish(case))
    with acting_as(stranger) as connection:
        assert review_list(connection, TODAY).empty


def test_one_can_answer_and_not_write_a_review(database, case, stranger):
    advice = database.recommendation(
        case, database.case_review(case, at(TODAY - timedelta(weeks=3)))
    )
    ask(stranger, wish(case))
    with acting_as(stranger) as connection:
        assert answer(connection, advice, "done", None, uuid4()).outcome == "done"
        assert is_outside(open_case(connection, case.episode, TODAY), stranger)
        draft = open_draft(connection, case.episode)
        with pytest.raises(ProgrammingError, match=r"case_review_adds. for table .draft"):
            save_draft(connection, draft, DraftReview(summary="Avis"))


def lists_and_writes(practitioner, case):
    """Return whether the practitioner has the case on the list and the follow-up, and writes."""
    with acting_as(practitioner) as connection:
        listed = list(review_list(connection, TODAY)["episode_id"])
        followed = {one.episode_id for one in follow_up(connection, TODAY)}
        draft = open_draft(connection, case.episode)
        save_draft(connection, draft, DraftReview(summary="Avis"))
    return (listed, followed) == ([case.episode], {case.episode})


def given_advice(database, case):
    """Return ``case`` with one line of advice that is overdue."""
    review = database.case_review(case, at(TODAY - timedelta(weeks=3)))
    database.recommendation(case, review, due_on=TODAY - timedelta(weeks=2))
    return case


def test_an_emergency_in_an_earlier_episode_hides_nothing_of_ones_own(database, case):
    mine = database.team()
    own = replace(mine.case(ENROLLED, patient_id=case.patient), patient=case.patient)
    given_advice(database, own)
    assert ask(mine.psychiatrist, wish(case)) == "opened"
    assert lists_and_writes(mine.psychiatrist, own)


def test_an_emergency_hides_nothing_from_the_colleague_who_covers_later(database, case, stranger):
    given_advice(database, case)
    ask(stranger, wish(case))
    database.add(
        review.cover,
        covered_id=case.team.psychiatrist,
        covering_id=stranger,
        starts_on=TODAY,
        ends_on=TODAY,
    )
    assert lists_and_writes(stranger, case)


# The people who are told


def test_the_whole_team_is_told_and_nobody_else(database, case, stranger):
    ask(stranger, wish(case))
    for member in (case.team.psychiatrist, case.team.nurse, case.team.gp):
        [one] = news_of(member)
        assert (one.practitioner.family_name, one.role, one.reason) == (
            "Roy",
            "psychiatrist",
            "on_call",
        )
        assert one.explanation == "Garde : idées suicidaires"
        assert one.patient.family_name == "Lefèvre-d’Été"
    assert news_of(stranger) == news_of(database.practitioner("nurse")) == []


def test_ones_own_emergency_hides_no_other_about_ones_own_patient(database, case, stranger):
    mine = database.team()
    mine.case(ENROLLED, patient_id=case.patient)
    assert ask(stranger, wish(case)) == "opened"
    assert ask(mine.psychiatrist, wish(case)) == "opened"
    assert [one.practitioner.family_name for one in news_of(mine.psychiatrist)] == ["Roy"]


def test_an_emergency_tells_nobody_of_an_earlier_one_of_somebody_else(database, case, stranger):
    ask(stranger, wish(case))
    other = database.practitioner("nurse")
    ask(other, wish(case))
    assert news_of(other) == []


def test_the_team_is_told_for_a_fortnight(case, stranger, run_as_owner):
    ask(stranger, wish(case))
    run_as_owner(
        "UPDATE review.emergency_access SET begun_at = begun_at - interval '15 days',"
        " ends_at = ends_at - interval '15 days'"
    )
    assert news_of(case.team.nurse) == []


def news_of(practitioner):
    with acting_as(practitioner) as connection:
        return told(connection, datetime.now(PARIS) - TOLD_FOR)


def test_being_told_takes_one_statement_however_much_there_is(database, case, stranger):
    ask(stranger, wish(case))
    with acting_as(case.team.nurse) as connection:
        since = datetime.now(PARIS) - TOLD_FOR
        assert statements(connection, lambda asking: told(asking, since)) == 1


def test_who_was_of_the_team_earlier_may_open_a_later_episode(database, case):
    """Check that the record that they may read ends with their own episode."""
    earlier = database.practitioner("psychiatrist")
    database.add(
        tables.episode,
        patient_id=case.patient,
        site_id=case.team.site,
        psychiatrist_id=earlier,
        nurse_id=case.team.nurse,
        gp_id=case.team.gp,
        referred_on=date(2025, 1, 1),
        enrolled_on=date(2025, 1, 1),
        closed_on=date(2025, 6, 1),
        status="closed",
        problem="",
    )
    assert not sees(earlier, case)
    assert ask(earlier, wish(case)) == "opened"
    assert sees(earlier, case)


@pytest.fixture
def run_as_owner(database):
    def run(statement):
        with database.owner().begin() as connection:
            result = connection.execute(text(statement))
            return [tuple(row) for row in result] if result.returns_rows else []

    return run
