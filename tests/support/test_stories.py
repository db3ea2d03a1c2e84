"""Stories say what they seem to say: a specification in tables must not be misread."""

from decimal import Decimal

import pytest

from dashboard.clinical.episodes import (
    AdviceFact,
    ConditionFact,
    ContactFact,
    DatedAnswer,
    DatedScore,
    EpisodeFacts,
    FlagFact,
    Medication,
    ReviewFact,
    RiskFact,
    ScreenerFact,
    SequenceFact,
)
from dashboard.clinical.medication import age_on
from dashboard.vocabulary import RiskLevel
from tests.support.stories import BORN_ON, ENROLLED_ON, day, episode_on, instant, lines_of

STORY = """
    day     what        value
    -14     PHQ-9       18, item 9 = 1
    0       PHQ-9       items 1 1 1 1 0 0 0 0 -
    0       GAD-7       8
    1       C-SSRS      items 1 0 - 0 0 0
    2       contact     attended
    3       contact     missed
    0..90   sequence    classique 1
    -60..20 drug        venlafaxine LP (N06AX16) 37.5 mg
    20      drug        hydroxyzine (N05BB01) as needed
    5..40   condition   long QT (I45.8)
    6..41   flag        safety
    7       review      next 28, risk high until 14
    8..42   question
    7       advice      A due 21
    7       advice      B
    9       answer      A acknowledged
    12      answer      A done
    30      status      relapse_prevention
    10      birthday    66
"""

LINES = lines_of(STORY)
FLAGGED_AT, REVIEWED_AT = (
    next(instant(line, LINES) for line in LINES if line.what == what) for what in ("flag", "review")
)

TOLD = EpisodeFacts(
    episode_id=7,
    patient_id=7,
    enrolled_on=ENROLLED_ON,
    status="relapse_prevention",
    birth_date=day(10).replace(year=day(10).year - 66),
    phq9=(DatedScore(day(-14), 18), DatedScore(day(0), 5)),
    gad7=(DatedScore(day(0), 8),),
    item9=(DatedAnswer(day(-14), 1),),
    screeners=(ScreenerFact(day(1), (1, 0, None, 0, 0, 0)),),
    contacts=(ContactFact(day(2), True), ContactFact(day(3), False)),
    sequence=SequenceFact("classique", 1, day(0), day(90)),
    medications=(
        Medication(1, "N06AX16", "venlafaxine LP", Decimal("37.5"), False, day(-60), day(20)),
        Medication(2, "N05BB01", "hydroxyzine", None, True, day(20), None),
    ),
    conditions=(ConditionFact("I45.8", "long QT", day(5)),),
    flags=(FlagFact("safety", day(6), FLAGGED_AT),),
    reviews=(ReviewFact(day(7), REVIEWED_AT, day(28)),),
    risk_decision=RiskFact(RiskLevel.HIGH, day(7), REVIEWED_AT, day(14)),
    open_questions=(day(8),),
    standing_advice=(
        AdviceFact(day(7), day(21), day(12), "done", day(12)),
        AdviceFact(day(7)),
    ),
)


def test_a_story_becomes_the_facts_of_an_episode():
    assert episode_on(STORY, 39, episode_id=7) == TOLD


def test_what_comes_later_has_not_happened_yet():
    assert episode_on(STORY, -15).phq9 == ()
    assert episode_on(STORY, 19).medications[0].stopped_on is None
    assert episode_on(STORY, 11).standing_advice[0].outcome is None
    assert episode_on(STORY, 29).status == "active"


def test_what_is_over_is_over_on_that_day():
    assert episode_on(STORY, 39).conditions != episode_on(STORY, 40).conditions == ()
    assert episode_on(STORY, 40).flags != episode_on(STORY, 41).flags == ()
    assert episode_on(STORY, 41).open_questions != episode_on(STORY, 42).open_questions == ()


def test_a_birthday_is_known_before_it_comes():
    born = episode_on(STORY, 0).birth_date
    assert (age_on(born, day(9)), age_on(born, day(10))) == (65, 66)


def test_a_story_without_lines_is_an_enrolment_and_nothing_else():
    assert episode_on("", 0) == EpisodeFacts(1, 1, ENROLLED_ON, "active", BORN_ON)


def test_lines_are_in_order_of_time_and_of_one_day_as_they_stand():
    story = """
        20  PHQ-9   3
        10  PHQ-9   1
        10  PHQ-9   2
    """
    assert [line.value for line in lines_of(story)] == ["1", "2", "3"]


@pytest.mark.parametrize(
    "line",
    [
        "0 PHQ-8 12",
        "0 PHQ-9 twelve",
        "0 PHQ-9 12 item 9 is 1",
        "0 contact cancelled",
        "0 flag",
        "0 drug sertraline 50 mg",
        "0 drug sertraline (N06AB06) 50 g",
        "0 review soon",
        "0 answer done",
        "soon PHQ-9 12",
        "0.. flag safety",
        "0-10 flag safety",
    ],
)
def test_a_line_that_cannot_be_read_is_an_error_not_a_guess(line: str):
    with pytest.raises(ValueError, match=r"cannot be read|knows no|neither a day"):
        lines_of(line)
