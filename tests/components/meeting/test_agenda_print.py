"""The printed agenda has no name of a patient, not even in typed texts."""

from dataclasses import asdict
from datetime import datetime

import pytest

from dashboard.calendar import PARIS
from dashboard.components.meeting.agenda_print import sheet_of
from dashboard.locale import speaking
from tests.clinical.meeting.test_agenda import TODAY, agenda, case

MADE_AT = datetime(2026, 11, 24, 9, tzinfo=PARIS)


@pytest.fixture
def sheet():
    asked = case(
        7,
        rules=[("discussion_flag", TODAY)],
        question="Camille LEFEVRE dort mal, mme Lefèvre a arrêté ?",
        tried="Appelé Camille.",
        wants_discussion=True,
    )
    return sheet_of(agenda(asked), TODAY, MADE_AT, "en")


def test_the_patient_is_initials_age_and_case_number(sheet):
    (line,) = sheet.lines
    assert (line.who, line.case) == ("C. L., 43 years", "no. 7")
    assert "Discussion" in line.why


def test_no_name_is_left_anywhere(sheet):
    everything = str(asdict(sheet)).lower()
    for name in ("camille", "lefèvre", "lefevre"):
        assert name not in everything
    assert "moreau" in everything


def test_it_speaks_the_readers_language_whoever_asks(sheet):
    with speaking("en"):
        french = sheet_of(agenda(case(7)), TODAY, MADE_AT, "fr")
    assert (sheet.language, french.language) == ("en", "fr")
    assert "novembre" in french.title
