"""The agenda in words."""

from datetime import date
from types import SimpleNamespace

import pytest

from dashboard.clinical.case.missing import Remark
from dashboard.clinical.meeting.agenda import Agenda, Pace
from dashboard.clinical.people import Person
from dashboard.words.meeting.agenda import (
    agenda_in_words,
    duration_in_words,
    missing_before_in_words,
    pace_in_words,
)

ON, TODAY = date(2026, 11, 18), date(2026, 11, 24)


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "0 min"), (59, "59 min"), (60, "1 h"), (65, "1 h 05 min"), (130, "2 h 10 min")],
)
def test_a_duration_is_in_hours_from_sixty_minutes_on(minutes, said):
    assert duration_in_words(minutes) == said


@pytest.mark.parametrize(
    ("pace", "said"),
    [
        (Pace(270), "4.5 min a case, assumed: no usual pace yet"),
        (Pace(240, 1), "4 min a case, your median over 1 case"),
        (Pace(240, 12), "4 min a case, your median over 12 cases"),
    ],
)
def test_a_pace_says_where_it_is_known_from(pace, said):
    assert pace_in_words(pace) == said


def test_an_agenda_says_how_long_it_takes():
    person = Person(1, "Moreau", "Anne")
    items = (SimpleNamespace(),) * 3
    agenda = Agenda(person, person, (), ON, Pace(250), items=items)
    assert agenda_in_words(agenda) == "3 patients, about 13 min"


@pytest.mark.parametrize(
    ("remark", "said"),
    [
        (Remark("score_overdue", day=ON), "PHQ-9 overdue, last on 18 Nov"),
        (
            Remark("score_overdue", day=date(2025, 11, 18)),
            "PHQ-9 overdue, last on 18 Nov 2025",
        ),
        (Remark("score_overdue"), "No PHQ-9 yet"),
        (Remark("treatment_unconfirmed", day=ON), "Treatment not confirmed since 18 Nov"),
    ],
)
def test_what_the_nurse_can_still_get_is_said_with_its_day(remark, said):
    assert missing_before_in_words(remark, TODAY) == said
