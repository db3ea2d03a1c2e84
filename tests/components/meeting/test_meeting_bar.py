"""The bar of a meeting above a case at which the meeting is no longer."""

from dataclasses import replace
from datetime import UTC, date, datetime
from html import unescape
from uuid import UUID

from streamlit.testing.v1 import AppTest

from dashboard.clinical.meeting.meetings import Meeting, MeetingItem
from dashboard.components.meeting import meeting_bar
from dashboard.components.meeting.meeting_bar import MeetingActions

FIRST, SECOND = (MeetingItem(UUID(int=number), number, number, "pair") for number in (1, 2))
AT_THE_FIRST = Meeting(
    id=UUID(int=9),
    psychiatrist=None,
    nurse=None,
    held_on=date(2026, 11, 24),
    sent_at=None,
    started_at=datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
    ended_at=None,
    current_item_id=FIRST.id,
    seconds_here=60,
    items=(FIRST, SECOND),
)
AT_THE_SECOND = replace(AT_THE_FIRST, current_item_id=SECOND.id)
ENDED = replace(AT_THE_FIRST, ended_at=datetime(2026, 11, 24, 9, 30, tzinfo=UTC))


def page(shown, actions):
    from dashboard.components.meeting.meeting_bar import meeting_bar

    meeting_bar(shown, 1, 120, actions, str)


def finding(now, turns):
    """Return the actions of a page that finds the meeting at ``now``; ``turns`` records turns."""
    return MeetingActions(
        follow=lambda: now,
        turn_to=turns.append,
        no_change=None,
        defer=lambda _item, _reason: None,
        take_up=turns.append,
        end=lambda: None,
        follow_page=lambda: turns.append("turned"),
    )


def breaks(_item):
    raise RuntimeError


def looks(now, turns, times=3, drawn=AT_THE_FIRST):
    """Return the turns of a page drawn for an earlier state, after this number of looks."""
    tab = AppTest.from_function(page, args=(drawn, finding(now, turns)))
    for _look in range(times):
        tab.run()
        assert not tab.exception
    return turns


def test_a_page_waits_until_its_browser_has_kept_what_is_typed_however_often_it_looks():
    assert looks(AT_THE_SECOND, []) == []


def test_a_page_whose_browser_says_nothing_for_long_is_turned(monkeypatch):
    monkeypatch.setattr(meeting_bar, "TURNED_AFTER", 0)
    assert looks(AT_THE_SECOND, [], times=1) == ["turned"]


def test_a_page_where_the_meeting_is_stays(monkeypatch):
    monkeypatch.setattr(meeting_bar, "TURNED_AFTER", 0)
    assert looks(AT_THE_FIRST, []) == []


def test_a_page_drawn_anew_after_the_end_turns_to_what_the_meeting_came_to(monkeypatch):
    monkeypatch.setattr(meeting_bar, "TURNED_AFTER", 0)
    monkeypatch.setattr(meeting_bar, "STAYS_AFTER_THE_END", 0)
    assert looks(ENDED, [], times=1, drawn=ENDED) == ["turned"]


def test_a_page_drawn_anew_after_the_end_stays_until_its_fields_could_send(monkeypatch):
    monkeypatch.setattr(meeting_bar, "TURNED_AFTER", 0)
    assert looks(ENDED, [], times=1, drawn=ENDED) == []


def test_a_page_drawn_anew_after_the_end_waits_until_its_browser_has_kept_what_is_typed(
    monkeypatch,
):
    monkeypatch.setattr(meeting_bar, "STAYS_AFTER_THE_END", 0)
    assert looks(ENDED, [], drawn=ENDED) == []


def test_a_turn_that_fails_is_said_at_the_case_that_stays_on_the_screen():
    actions = replace(finding(AT_THE_FIRST, []), turn_to=breaks)
    tab = AppTest.from_function(page, args=(AT_THE_FIRST, actions)).run()
    tab.button(key=f"meeting/{AT_THE_FIRST.id}/next").click().run()
    assert [unescape(one.value) for one in tab.warning] == [
        "Cela n’a pas été enregistré. Réessayez."
    ]
