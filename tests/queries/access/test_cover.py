"""Handing a list to a colleague: who sees it, from when until when, and in whose name they act.

The database decides by its own clock, so the days here are counted from today.
"""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import event

from dashboard.calendar import PARIS
from dashboard.clinical.access.cover import Handover, NotPossible
from dashboard.clinical.advice.drafts import NotYours, Seen
from dashboard.clinical.advice.lines import DraftReview
from dashboard.clinical.caseload.review_list import list_of, urgent
from dashboard.clinical.caseload.rules import Tier
from dashboard.database import acting_as
from dashboard.database.schema import registry, review
from dashboard.queries.access.cover import colleagues, covered_on, covers
from dashboard.queries.access.covering import end_cover, hand_over
from dashboard.queries.advice.answering import answer
from dashboard.queries.advice.drafting import save_draft
from dashboard.queries.advice.drafts import open_draft
from dashboard.queries.advice.inbox import inbox
from dashboard.queries.case.case_file import open_case
from dashboard.queries.caseload.review_list import read_list, review_list
from tests.support.factories import at
from tests.support.signing import sign

TODAY = datetime.now(PARIS).date()
ENROLLED = TODAY - timedelta(weeks=10)
LAST_WEEK = TODAY - timedelta(days=7)


def days(number):
    return TODAY + timedelta(days=number)


@pytest.fixture
def case(database):
    """Return a case of the psychiatrist and the nurse whose lists are handed over."""
    return database.team().case(ENROLLED, "Zwingelstein")


@pytest.fixture
def colleague(database):
    return database.practitioner("psychiatrist", "Adler")


@pytest.fixture
def covered(database, case, colleague):
    """Return a function that hands the list over: ``covered(-1, 1)``, in days from today."""

    def cover(first, last, person=None, covering=None, **values):
        return database.add(
            review.cover,
            covered_id=person or case.team.psychiatrist,
            covering_id=covering or colleague,
            starts_on=days(first),
            ends_on=days(last),
            **values,
        )

    return cover


def seen_by(person, case):
    with acting_as(person) as connection:
        return open_case(connection, case.episode, TODAY)


def log(database):
    with database.owner().connect() as connection:
        return connection.exec_driver_sql(
            "SELECT practitioner_id, action, detail FROM review.access_log ORDER BY at"
        ).all()


AROUND_TODAY = [
    # first day, last day, whether the colleague has the list today
    (-7, -1, False),
    (-7, 0, True),
    (0, 0, True),
    (0, 7, True),
    (1, 7, False),
]


@pytest.mark.parametrize(("first", "last", "has_it"), AROUND_TODAY)
def test_the_colleague_sees_the_list_on_the_days_of_the_cover_and_on_no_other(
    case, colleague, covered, first, last, has_it
):
    covered(first, last)
    assert (seen_by(colleague, case) is not None) is has_it
    with acting_as(colleague) as connection:
        assert len(review_list(connection, TODAY)) == int(has_it)
        assert len(covered_on(connection, colleague, TODAY)) == int(has_it)


def test_a_cover_that_was_ended_gives_nothing_from_that_moment_on(case, colleague, covered):
    cover = covered(-1, 1)
    assert seen_by(colleague, case)
    with acting_as(case.team.psychiatrist) as connection:
        end_cover(connection, cover)
    assert seen_by(colleague, case) is None
    with acting_as(colleague) as connection:
        assert covers(connection, TODAY) == []


def test_cover_does_not_pass_on(database, case, colleague, covered):
    """Check that a person who covers me has my list, and not the list that I cover."""
    covered(-1, 1)
    third = database.practitioner("psychiatrist", "Troisième")
    covered(-1, 1, person=colleague, covering=third)
    assert seen_by(colleague, case)
    assert seen_by(third, case) is None


def test_two_who_cover_each_other_see_both_lists_and_no_more(database, case, colleague, covered):
    theirs = case.team.case(ENROLLED, "Autre", psychiatrist_id=colleague)
    strange = database.team().case(ENROLLED, "Fremd")
    covered(-1, 1)
    covered(-1, 1, person=colleague, covering=case.team.psychiatrist)
    for person in (colleague, case.team.psychiatrist):
        assert seen_by(person, case)
        assert seen_by(person, theirs)
        assert seen_by(person, strange) is None


# The second list


def test_each_list_is_ranked_on_its_own_and_nothing_is_lost(case, colleague, covered):
    covered(0, 0)
    for number in range(3):
        case.team.case(ENROLLED - timedelta(days=number), f"Mien {number}")
        case.team.case(
            ENROLLED - timedelta(days=number), f"Sien {number}", psychiatrist_id=colleague
        )
    with acting_as(colleague) as connection:
        rows = read_list(connection, TODAY).rows
    lists = [list_of(rows, "psychiatrist", one) for one in (colleague, case.team.psychiatrist)]
    assert [[row.rank for row in one] for one in lists] == [[1, 2, 3], [1, 2, 3, 4]]
    for one in lists:
        listed = episodes(one)
        assert [episode for episode in episodes(rows) if episode in listed] == listed
    assert sorted(episodes(rows)) == sorted(id_ for one in lists for id_ in episodes(one))


def episodes(rows):
    return [row.episode_id for row in rows]


def test_the_safety_cases_of_who_is_covered_are_in_ones_own_list_and_marked(
    database, case, colleague, covered
):
    covered(0, 0)
    alert, waiting = case.team.case(ENROLLED, "Alerte"), case.team.case(ENROLLED, "Attente")
    own = case.team.case(ENROLLED, "Propre", psychiatrist_id=colleague)
    safety_flag(database, alert)
    with acting_as(colleague) as connection:
        covers = covered_on(connection, colleague, TODAY)
        rows = read_list(connection, TODAY).rows
    mine = list_of(rows, "psychiatrist", colleague, [one.covered for one in covers])
    assert episodes(mine) == [alert.episode, own.episode]
    assert [row.rank for row in mine] == [1, 2]
    assert [row.covered and row.covered.id for row in mine] == [case.team.psychiatrist, None]
    theirs = list_of(rows, "psychiatrist", case.team.psychiatrist)
    assert {alert.episode, waiting.episode} <= set(episodes(theirs))
    assert not any(row.covered for row in theirs)


def test_what_does_not_wait_is_counted_for_each_list(database, case, colleague, covered):
    covered(0, 0)
    safety_flag(database, case.team.case(ENROLLED, "Alerte"))
    severe = case.team.case(ENROLLED, "Grave")
    database.assessment(severe.patient, "phq9", TODAY, 22)
    with acting_as(colleague) as connection:
        rows = read_list(connection, TODAY).rows
    theirs = list_of(rows, "psychiatrist", case.team.psychiatrist)
    assert urgent(theirs) == {Tier.SAFETY: 1, Tier.OWED: 1}
    assert urgent(list_of(rows, "psychiatrist", colleague)) == {Tier.SAFETY: 0, Tier.OWED: 0}


def safety_flag(database, case):
    database.add(
        registry.flag,
        patient_id=case.patient,
        kind="safety",
        raised_by=case.team.nurse,
        raised_at=at(TODAY, 0),
    )


def test_a_list_nobody_is_on_is_empty(case, colleague):
    with acting_as(case.team.psychiatrist) as connection:
        assert list_of(read_list(connection, TODAY).rows, "psychiatrist", colleague) == []


def test_of_two_covers_of_one_colleague_the_longer_counts(colleague, covered):
    covered(-3, 5)
    covered(-1, 2)
    with acting_as(colleague) as connection:
        [one] = covered_on(connection, colleague, TODAY)
    assert one.ends_on == days(5)


# In their own name


def write_and_sign(person, case, summary):
    content = DraftReview(summary, next_review_on=days(28), outcome="no_change")
    with acting_as(person) as connection:
        draft = save_draft(connection, open_draft(connection, case.episode), content).draft
        return sign(connection, draft, Seen(), TODAY)


def test_each_has_a_draft_of_their_own(case, colleague, covered):
    covered(0, 0)
    for person, text in ((case.team.psychiatrist, "Le mien"), (colleague, "Le sien")):
        with acting_as(person) as connection:
            save_draft(connection, open_draft(connection, case.episode), DraftReview(text))
    for person, text in ((case.team.psychiatrist, "Le mien"), (colleague, "Le sien")):
        with acting_as(person) as connection:
            assert open_draft(connection, case.episode).content.summary == text


def test_a_review_is_signed_in_ones_own_name_and_says_in_whose_place(case, colleague, covered):
    covered(0, 0)
    write_and_sign(colleague, case, "En remplacement")
    [one] = seen_by(case.team.psychiatrist, case).reviews
    assert (one.psychiatrist.id, one.covered.id) == (colleague, case.team.psychiatrist)
    with acting_as(case.team.nurse) as connection:
        [received] = inbox(connection, TODAY, only_open=False)
    [one] = received.reviews
    assert (one.psychiatrist.id, one.covered.id) == (colleague, case.team.psychiatrist)
    assert received.covered is None


def test_ones_own_review_is_in_nobodys_place(case, covered):
    covered(0, 0)
    write_and_sign(case.team.psychiatrist, case, "Moi-même")
    [one] = seen_by(case.team.psychiatrist, case).reviews
    assert one.covered is None


def test_after_the_last_day_what_was_signed_stays_and_the_draft_is_out_of_reach(
    database, case, colleague, covered
):
    cover = covered(-3, 0)
    write_and_sign(colleague, case, "En remplacement")
    with acting_as(colleague) as connection:
        draft = save_draft(connection, open_draft(connection, case.episode), DraftReview("X")).draft
    with database.owner().begin() as connection:
        connection.execute(
            review.cover.update().where(review.cover.c.id == cover).values(ends_on=days(-1))
        )
    for act in (open_draft, lambda c, _: save_draft(c, draft, DraftReview("Y"))):
        with pytest.raises(NotYours), acting_as(colleague) as connection:
            act(connection, case.episode)
    assert [one.summary for one in seen_by(case.team.psychiatrist, case).reviews] == [
        "En remplacement"
    ]


def test_a_nurse_receives_and_answers_in_the_place_of_the_nurse_she_covers(database, case, covered):
    nurse = database.practitioner("nurse", "Adler")
    covered(-1, 1, person=case.team.nurse, covering=nurse)
    line = database.recommendation(case, database.case_review(case, at(LAST_WEEK)))
    with acting_as(nurse) as connection:
        [received] = inbox(connection, TODAY)
        given = answer(connection, line, "done", None, uuid4())
    assert received.covered.id == case.team.nurse
    assert given.practitioner.id == nurse
    with acting_as(nurse) as connection:
        assert list(review_list(connection, TODAY).nurse_id) == [case.team.nurse]


# On the access log


def test_a_covering_access_says_in_whose_place(database, case, colleague, covered):
    covered(0, 0)
    assert seen_by(colleague, case).covered.id == case.team.psychiatrist
    assert seen_by(case.team.psychiatrist, case).covered is None
    write_and_sign(colleague, case, "En remplacement")
    told = [(who, action, detail.get("cover")) for who, action, detail in log(database)]
    assert told == [
        (colleague, "case_opened", case.team.psychiatrist),
        (case.team.psychiatrist, "case_opened", None),
        (colleague, "review_signed", case.team.psychiatrist),
    ]


def test_making_and_ending_a_cover_are_on_it(database, case, colleague):
    me = case.team.psychiatrist
    with acting_as(me) as connection:
        cover = hand_over(connection, Handover(colleague, days(1), days(9)), TODAY)
    with acting_as(me) as connection:
        end_cover(connection, cover)
    with acting_as(me) as connection:
        end_cover(connection, cover)
    both = {"cover_id": str(cover), "covering_id": colleague}
    assert log(database) == [
        (me, "cover_made", both | {"starts_on": str(days(1)), "ends_on": str(days(9))}),
        (me, "cover_ended", both),
    ]


# Making one


def test_it_is_made_once_whatever_is_clicked_and_anew_after_it_was_ended(case, colleague):
    handover, me = Handover(colleague, TODAY, days(9)), case.team.psychiatrist
    made = []
    for _click in range(2):
        with acting_as(me) as connection:
            made.append(hand_over(connection, handover, TODAY))
    assert made[0] == made[1]
    with acting_as(me) as connection:
        end_cover(connection, made[0])
        assert covers(connection, TODAY) == []
        assert hand_over(connection, handover, TODAY) != made[0]
    for person in (me, colleague):
        with acting_as(person) as connection:
            [one] = covers(connection, TODAY)
        assert (one.covered.id, one.covering.id) == (me, colleague)
        assert (one.starts_on, one.ends_on) == (TODAY, days(9))


NOT_A_COLLEAGUE = ["oneself", "the nurse", "a gp", "who has left", "nobody"]


@pytest.mark.parametrize("whom", NOT_A_COLLEAGUE)
def test_it_is_made_to_an_active_colleague_of_the_same_role_alone(database, case, whom):
    chosen = {
        "oneself": case.team.psychiatrist,
        "the nurse": case.team.nurse,
        "a gp": case.team.gp,
        "who has left": database.practitioner("psychiatrist", active=False),
        "nobody": 10**9,
    }[whom]
    with acting_as(case.team.psychiatrist) as connection:
        with pytest.raises(NotPossible, match="no_colleague"):
            hand_over(connection, Handover(chosen, TODAY, days(9)), TODAY)
        assert chosen not in [one.person.id for one in colleagues(connection)]


def test_colleagues_of_the_same_site_come_first_and_an_account_is_told(database, case):
    nurse, site = case.team.nurse, case.team.site
    near, far = (database.practitioner("nurse", name) for name in ("Zimmer", "Adler"))
    for one in (nurse, near):
        database.add(registry.practitioner_site, practitioner_id=one, site_id=site)
    database.add(
        review.account,
        practitioner_id=far,
        username="adler",
        password_hash="x",  # noqa: S106
    )
    with acting_as(nurse) as connection:
        found = colleagues(connection)
    assert [(one.person.id, one.same_site, one.has_account) for one in found] == [
        (near, True, False),
        (far, False, True),
    ]


def test_only_ones_own_is_ended(case, colleague, covered):
    cover = covered(-1, 1)
    for person in (colleague, case.team.nurse):
        with pytest.raises(NotYours), acting_as(person) as connection:
            end_cover(connection, cover)
    with pytest.raises(NotYours), acting_as(case.team.psychiatrist) as connection:
        end_cover(connection, uuid4())
    assert seen_by(colleague, case)


def test_the_second_list_costs_one_query_whatever_is_covered(case, colleague, covered):
    def statements(act):
        seen = []
        with acting_as(colleague) as connection:
            event.listen(connection, "before_cursor_execute", lambda *_: seen.append(1))
            act(connection)
        return len(seen)

    def of_cover(connection):
        covered_on(connection, colleague, TODAY)

    def of_list(connection):
        review_list(connection, TODAY)

    before = statements(of_list)
    covered(0, 0)
    assert statements(of_cover) == 1
    assert statements(of_list) == before
