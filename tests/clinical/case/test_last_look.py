"""News since a reader last looked: when a look ends, and which rows it marks."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.clinical.case.case_file import (
    Answer,
    CaseReview,
    Condition,
    Flag,
    PsychosocialCare,
    Question,
    Recommendation,
)
from dashboard.clinical.case.last_look import (
    LOOK_LASTS,
    NOTED_EVERY,
    Looked,
    Opening,
    Snapshot,
    from_json,
    news,
    opening,
    snapshot,
    taken_back,
    to_json,
)
from dashboard.clinical.people import Person
from tests.support.case_files import COMPLETE, SERTRALINE, case, contact, form

READER, OTHER = Person(3, "Moreau", "Claude"), Person(9, "Adler", "Ida")
BEGAN = datetime(2026, 11, 24, 9, tzinfo=UTC)
SHORTLY, LATER = timedelta(minutes=5), LOOK_LASTS


def at(minutes, *rows):
    """Return a snapshot this many minutes after the beginning, of forms with these ids."""
    return Snapshot(
        BEGAN + timedelta(minutes=minutes), {"assessments": {str(row): "" for row in rows}}
    )


def looked(seen, before=None, opened=None):
    return Looked(seen, before, opened or seen.at)


# When a look begins, goes on and ends


def test_a_first_look_compares_with_nothing_and_notes_what_was_there():
    assert opening(None, at(0, 1)) == Opening(None, looked(at(0, 1)))


def test_while_it_goes_on_a_look_keeps_its_marks():
    kept = looked(at(100, 1, 2), before=at(0, 1))
    for minutes in (100, 101, 159):
        again = opening(kept, at(minutes, 1, 2))
        assert again.since == at(0, 1)
        assert again.can_take_back


def test_opened_again_and_again_a_look_goes_on_beyond_the_hour():
    kept = looked(at(0, 1, 2), before=at(-10_000, 1))
    for minutes in range(30, 600, 30):
        again = opening(kept, at(minutes, 1, 2))
        assert again.since == at(-10_000, 1)
        kept = again.keep
        assert kept is not None


def test_after_the_hour_the_next_opening_compares_with_what_was_seen_then():
    kept = looked(at(0, 1, 2), before=at(-10_000, 1))
    again = opening(kept, at(60, 1, 2, 3))
    assert again == Opening(
        at(0, 1, 2), looked(at(60, 1, 2, 3), before=at(0, 1, 2)), can_take_back=True
    )


def test_what_comes_in_while_a_look_goes_on_is_marked_in_it_and_not_in_the_next():
    kept = looked(at(0, 1), before=at(-10_000))
    during = opening(kept, at(10, 1, 2))
    assert during.since == at(-10_000)
    assert opening(during.keep, at(100, 1, 2)).since == at(10, 1, 2)


@pytest.mark.parametrize(("seconds", "writes"), [(1, False), (59, False), (60, True)])
def test_opening_it_at_once_again_writes_nothing(seconds, writes):
    kept = looked(at(0, 1), before=at(-10_000))
    again = opening(kept, replace(at(0, 1), at=BEGAN + timedelta(seconds=seconds)))
    assert (again.keep is not None) is writes
    assert timedelta(minutes=1) == NOTED_EVERY


def test_a_look_that_is_taken_back_shows_the_same_marks_now_and_the_next_time():
    kept = opening(looked(at(-10_000, 1)), at(0, 1, 2)).keep
    back = taken_back(kept, BEGAN + SHORTLY)
    assert back.is_taken_back
    for minutes in (6, 30, 64):
        again = opening(back, at(minutes, 1, 2))
        assert again == Opening(at(-10_000, 1), None, taken_back=True)
    later = opening(back, at(65, 1, 2))
    assert later.since == at(-10_000, 1)
    assert later.can_take_back
    assert not later.taken_back
    assert opening(later.keep, at(200, 1, 2)).since == at(65, 1, 2)


def test_a_first_look_is_not_taken_back():
    first = opening(None, at(0, 1)).keep
    assert taken_back(first, BEGAN + SHORTLY) == first
    assert not opening(first, at(5, 1)).can_take_back
    assert not opening(first, at(5, 1)).taken_back


def test_taking_back_twice_is_taking_back_once():
    once = taken_back(looked(at(0, 1), before=at(-10_000)), BEGAN + SHORTLY)
    assert taken_back(once, BEGAN + 2 * SHORTLY) == once


events = st.lists(
    st.tuples(
        st.sampled_from(["a row comes in", "opened", "opened", "taken back"]),
        st.sampled_from([0, 1, 20, 59, 61, 5_000]),
    ),
    max_size=30,
)


@given(events)
def test_whatever_the_order_a_row_is_marked_at_the_first_opening_after_it_came(events):
    """And goes on being marked until a look that showed it has ended and was not taken back."""
    kept, minutes, there, shown = None, 0, [0], set()
    for what, pause in events:
        minutes += pause
        if what == "a row comes in":
            there.append(len(there))
            continue
        if what == "taken back":
            kept = kept and taken_back(kept, at(minutes).at)
            continue
        first, opened = kept is None, opening(kept, at(minutes, *there))
        kept = opened.keep or kept
        if first:
            shown = set(there)
            continue
        marked = set(there) - {int(row) for row in opened.since.rows["assessments"]}
        assert set(there) - shown <= marked
        shown |= set(there)


# The marks of a look


def review(number, by=OTHER, *lines):
    signed = datetime(2026, 11, 20, 10, tzinfo=UTC)
    return CaseReview(
        UUID(int=number),
        by,
        "reviewed",
        "",
        None,
        signed,
        date(2026, 11, 20),
        None,
        None,
        lines,
        {},
    )


def line(*answers):
    return Recommendation(
        UUID(int=50),
        1,
        "other",
        None,
        None,
        None,
        None,
        None,
        "Sommeil",
        None,
        "nurse",
        None,
        answers,
    )


def answer(number, by=OTHER):
    return Answer(UUID(int=number), by, "done", None, BEGAN)


FORM = form("phq9", date(2026, 11, 18), 9, number=11)
CONTACT = contact(date(2026, 11, 18))
RAISED = Flag(1, "safety", OTHER, BEGAN, None, None, None)
MINE = replace(RAISED, raised_by=READER)
CARE = COMPLETE.psychosocial[0]
STOPPED = replace(SERTRALINE, stopped_on=date(2026, 11, 20), stop_reason="inefficace")
HIGHER = replace(SERTRALINE, id=2, daily_dose_mg=Decimal(100), started_on=date(2026, 11, 20))
PREGNANCY = Condition(2, "Z33", "Grossesse", None, None)
QUESTION = Question(UUID(int=8), OTHER, "?", BEGAN, BEGAN, UUID(int=9))


def cleared(flag):
    return replace(flag, cleared_by=OTHER, cleared_at=BEGAN)


def new_form(on):
    return form("phq9", on, 17, number=12)


def new_contact(by=None):
    return replace(contact(date(2026, 9, 3)), id=4, practitioner=by)


CASES = [
    # a list of the case: before, after, the ids that have arrived, and that have changed
    ("assessments", [FORM], [FORM], [], []),
    ("assessments", [FORM], [FORM, new_form(date(2026, 11, 24))], [12], []),
    # Entered late: an earlier day does not matter.
    ("assessments", [FORM], [new_form(date(2026, 9, 2)), FORM], [12], []),
    ("assessments", [FORM], [replace(FORM, total=19)], [], [11]),
    ("contacts", [CONTACT], [new_contact(), CONTACT], [4], []),
    ("contacts", [CONTACT], [replace(CONTACT, attended=False)], [], [1]),
    ("treatments", [SERTRALINE], [STOPPED], [], [1]),
    ("treatments", [SERTRALINE], [STOPPED, HIGHER], [2], [1]),
    ("treatments", [SERTRALINE], [replace(SERTRALINE, adherence="poor")], [], [1]),
    ("treatments", [SERTRALINE], [replace(SERTRALINE, side_effects="nausées")], [], [1]),
    # The same dose, written otherwise.
    ("treatments", [SERTRALINE], [replace(SERTRALINE, daily_dose_mg=Decimal("50.00"))], [], []),
    ("flags", [], [RAISED], [1], []),
    ("flags", [RAISED], [cleared(RAISED)], [], [1]),
    ("conditions", [], [PREGNANCY], [2], []),
    ("psychosocial", [CARE], [replace(CARE, ended_on=date(2026, 11, 20))], [], [1]),
    ("questions", [], [QUESTION], [UUID(int=8)], []),
    ("reviews", [], [review(1)], [UUID(int=1)], []),
    # A row that has gone is not news.
    ("flags", [RAISED], [], [], []),
    # The reader's own entries are not news; a colleague's change of them is.
    ("reviews", [], [review(1, READER)], [], []),
    ("contacts", [CONTACT], [new_contact(READER), CONTACT], [], []),
    ("flags", [], [MINE], [], []),
    ("flags", [MINE], [cleared(MINE)], [], [1]),
]


@pytest.mark.parametrize(("kind", "before", "after", "arrived", "changed"), CASES)
def test_what_was_not_there_or_says_something_else_is_new(kind, before, after, arrived, changed):
    there = case(**{"assessments": (), kind: tuple(before)})
    found = news_in(there, replace(there, **{kind: tuple(after)}))
    assert found.arrived == ({kind: set(map(str, arrived))} if arrived else {})
    assert found.changed == ({kind: set(map(str, changed))} if changed else {})
    assert bool(found) is bool(arrived or changed)
    assert all(found.has_arrived(kind, id_) and found.marks(kind, id_) for id_ in arrived)
    assert all(found.has_changed(kind, id_) and found.marks(kind, id_) for id_ in changed)


@pytest.mark.parametrize(("by", "arrived"), [(OTHER, {str(UUID(int=60))}), (READER, None)])
def test_an_answer_is_new_unless_it_is_ones_own(by, arrived):
    before, after = (
        case(reviews=(review(1, OTHER, one),)) for one in (line(), line(answer(60, by)))
    )
    assert news_in(before, after).arrived.get("answers") == arrived


def news_in(before, after):
    return news(Opening(snapshot(before, BEGAN), None), after, READER.id)


def test_at_a_first_look_nothing_is_new_and_nothing_is_said():
    found = news(Opening(None, None), case(reviews=(review(1),)), READER.id)
    assert not found
    assert found.since is None


def test_the_same_instant_in_another_time_zone_is_the_same():
    one = COMPLETE.contacts[0]
    moved = replace(one, happened_at=one.happened_at.astimezone(UTC))
    assert snapshot(case(contacts=(moved,)), BEGAN) == snapshot(COMPLETE, BEGAN)


def test_what_was_seen_survives_its_way_through_json():
    care = PsychosocialCare(1, "other", date(2026, 9, 1), None, None, "note")
    seen = snapshot(case(psychosocial=(care,), flags=(RAISED,), reviews=(review(1),)), BEGAN)
    assert from_json(json.loads(json.dumps(to_json(seen)))) == seen


def test_nothing_of_what_is_kept_says_anything_about_the_patient():
    kept = json.dumps(to_json(snapshot(case(treatments=(STOPPED,), flags=(RAISED,)), BEGAN)))
    for said in ("sertraline", "N06AB06", "inefficace", "Lefèvre", "Hypertension", "I10"):
        assert said not in kept
