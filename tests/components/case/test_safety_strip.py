"""The safety strip: every fact on the risk has its mark, and unknown answers are visible."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from dashboard.charts.drawing import box_of
from dashboard.charts.vega import SHAPES
from dashboard.clinical.case.case_file import Flag, SafetyPlan
from dashboard.clinical.deidentification import deidentified
from dashboard.clinical.risk import RiskStatement
from dashboard.components.case.safety_strip import safety_in_words, safety_table
from dashboard.components.charts.lanes import lanes_of
from dashboard.components.charts.safety import safety_sheet
from dashboard.components.charts.sheet import sheet, time_axis
from dashboard.locale import speaking
from dashboard.locale.formats import day
from dashboard.vocabulary import RiskLevel
from tests.support.chart_cases import SOMEBODY, TODAY, case, form, review, week, whole

USUAL = ("phq9", "gad7")


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with speaking("en"):
        yield


def flag(raised_on, cleared_on=None, kind="safety"):
    raised, cleared = (
        None if on is None else datetime.combine(on, time(12), tzinfo=UTC)
        for on in (raised_on, cleared_on)
    )
    return Flag(1, kind, SOMEBODY, raised, "Camille dit que…", None, cleared)


def decided(on, level, reassess_on=None, *, superseded=False):
    risk = RiskStatement(RiskLevel(level), reassess_on)
    return replace(review(on, superseded=superseded), risk=risk)


def cssrs(on, *yes):
    items = tuple(int(number in yes) for number in range(1, 7))
    return form("cssrs", on, None, items)


def story():
    return case(
        assessments=[
            whole("phq9", week(0), 12, 0),
            form("phq9", week(3), 15),
            whole("phq9", week(6), 19, 2),
            cssrs(week(6), 1, 2, 4),
            cssrs(week(9), 1),
            form("cssrs", week(10), None, (None,) * 6),
        ],
        flags=[flag(week(6)), flag(week(1), week(2)), flag(week(4), kind="discussion")],
        reviews=[
            decided(week(7), "high", week(8)),
            decided(week(8), "not_assessed"),
            decided(week(9), "moderate", date(2027, 1, 8)),
        ],
    )


def drawn(of):
    axis = time_axis(of, USUAL, lanes_of(of))
    return safety_sheet(of, axis)[0], axis


def marks(of, title):
    """Return the shapes and fills of the marks of a row, from left to right, without the legend."""
    drawing, _axis = drawn(of)
    (y,) = {row["y"] for row in drawing.labels if row["text"] == title}
    found = [row for row in drawing.symbols if row["y"] == y]
    return [(row["shape"], row["fill"]) for row in sorted(found, key=lambda row: row["x"])]


def edge(of, title):
    """Return the text at the right edge of a row, and whether it warns."""
    drawing, _axis = drawn(of)
    (y,) = {row["y"] for row in drawing.labels if row["text"] == title}
    (text,) = [row for row in drawing.labels if row["y"] == y and row["x"] == 1]
    return text["text"], text["tone"] == "alert"


def test_item_9_has_three_states():
    assert marks(story(), "item 9") == [
        ("circle", "page"),
        ("square", "page"),
        ("diamond", "alert"),
    ]
    assert edge(story(), "item 9")[1]


def test_an_item_9_that_was_not_answered_lately_is_unknown_at_the_edge():
    of = case(assessments=[whole("phq9", week(0), 12, 0), form("phq9", week(3), 15)])
    text, _warns = edge(of, "item 9")
    assert text.startswith("unknown")


def test_an_unknown_item_9_does_not_hide_the_answer_of_the_same_day():
    of = case(assessments=[whole("phq9", week(3), 12, 2), form("phq9", week(3), 15)])
    assert marks(of, "item 9") == [("diamond", "alert")]
    assert edge(of, "item 9")[1]


def test_a_negative_answer_is_unknown_and_no_no():
    of = case(assessments=[form("phq9", week(3), None, (1,) * 8 + (-1,))])
    assert marks(of, "item 9") == [("square", "page")]


def test_a_cssrs_names_the_questions_answered_yes():
    assert marks(story(), "C-SSRS") == [
        ("diamond", "alert"),
        ("diamond", "page"),
        ("square", "page"),
    ]
    assert edge(story(), "C-SSRS")[0].startswith("yes to 1 on")
    table = safety_table(story())
    values = list(table[table["What"] == "C-SSRS"]["Value"])
    assert values[0].startswith("unknown")
    assert "4 (suicidal ideation with some intent to act" in values[2]


UNKNOWN, NO = ("square", "page"), ("circle", "page")


@pytest.mark.parametrize(
    ("items", "mark", "status", "words"),
    [
        ((0, None, None, None, None, None), UNKNOWN, "unknown", "not answered: 2, 3, 4, 5, 6"),
        ((0, 0, 0, 0, 0, None), UNKNOWN, "unknown", "not answered: 6"),
        ((0, 0, 0, 0, 0, -1), UNKNOWN, "unknown", "not answered: 6"),
        # The screener leaves out questions 3 to 5 after a no to question 2.
        ((0, 0, None, None, None, 0), NO, "no yes", None),
        ((0, 0, 0, 0, 0, 0), NO, "no yes", None),
    ],
)
def test_a_cssrs_without_a_yes_is_unknown_while_answers_are_missing(items, mark, status, words):
    of = case(assessments=[form("cssrs", week(7), None, items)])
    assert marks(of, "C-SSRS") == [mark]
    assert edge(of, "C-SSRS") == (f"{status} on 6 Oct", False)
    drawing, _axis = drawn(of)
    assert [row["text"] for row in drawing.labels if "not answered" in row["text"]] == (
        [words] if words else []
    )


@pytest.mark.parametrize(
    ("items", "said"),
    [
        (
            (0, None, 0, 0, 0, 0),
            "unknown: risk not ruled out (no question answered yes; not answered: 2)",
        ),
        ((0, 0, None, None, None, 0), "no question answered yes; not answered: 3, 4, 5"),
        ((None,) * 6, "unknown: risk not ruled out"),
    ],
)
def test_the_table_and_the_words_say_what_the_strip_shows_of_a_cssrs_without_a_yes(items, said):
    of = case(assessments=[form("cssrs", week(7), None, items)])
    assert list(safety_table(of)["Value"]) == [said]
    assert safety_in_words(of) == f"C-SSRS on 6 Oct 2026: {said}."


def test_only_safety_flags_are_drawn_full_while_they_stand():
    drawing, _axis = drawn(story())
    assert [row["fill"] for row in drawing.bars if row["tip"]] == ["alert", "page"]


def test_a_decision_has_the_sign_of_its_level_and_its_day_of_reassessment():
    assert marks(story(), "decision") == [
        ("triangle-up", "alert"),
        ("triangle-down", "page"),
        ("cross", "page"),
        ("half", "ink"),
    ]
    assert edge(story(), "decision") == ("reassess by 8 Jan 2027", False)


def test_a_day_of_reassessment_that_has_come_warns_until_there_is_a_new_decision():
    due = case(reviews=[decided(week(7), "high", week(8))])
    assert edge(due, "decision")[1]
    left_open = case(reviews=[decided(week(7), "high", week(8)), decided(week(9), "not_assessed")])
    assert edge(left_open, "decision")[1]


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({"reviews": [decided(week(7), "low")]}, ("low risk on 6 Oct", False)),
        (
            {"reviews": [decided(week(7), "low")], "flags": [flag(week(8))]},
            ("low risk on 6 Oct", True),
        ),
        (
            {"reviews": [decided(week(7), "low")], "flags": [flag(week(6))]},
            ("low risk on 6 Oct", False),
        ),
        (
            {"reviews": [decided(week(7), "low"), decided(week(9), "not_assessed")]},
            ("not assessed on 20 Oct", True),
        ),
    ],
    ids=["alone", "before a flag", "after a flag", "left open since"],
)
def test_a_decision_without_reassessment_has_its_day_and_warns_once_it_is_overtaken(facts, status):
    assert edge(case(**facts), "decision") == status


@pytest.mark.parametrize(("hour", "warns"), [(11, False), (12, False), (13, True)])
def test_a_decision_is_overtaken_by_a_flag_that_was_raised_later_that_day(hour, warns):
    noon = datetime.combine(week(7), time(12), tzinfo=UTC)
    low = replace(decided(week(7), "low"), signed_at=noon)
    raised = replace(flag(week(7)), raised_at=noon.replace(hour=hour))
    of = case(reviews=[low], flags=[raised])
    assert edge(of, "decision") == ("low risk on 6 Oct", warns)


def test_decisions_within_days_do_not_cover_each_other():
    of = case(
        enrolled_on=TODAY - timedelta(weeks=40),
        reviews=[decided(week(7), "moderate"), decided(week(7, 2), "low")],
    )
    drawing, axis = drawn(of)
    first, second = sorted(
        row["x"] * axis.width + row["dx"] for row in drawing.symbols if row["tip"]
    )
    assert second - first >= 11.9


def test_the_decision_of_an_amended_review_is_not_drawn():
    of = case(reviews=[decided(week(7), "high", week(8), superseded=True)])
    assert marks(of, "decision") == []
    assert edge(of, "decision") == ("none", False)


def test_safety_plans_are_drawn_where_the_registry_has_them():
    plans = (SafetyPlan(1, week(2), week(6)),)
    assert marks(case(safety_plans=plans), "safety plan") == [("square", "ink"), ("square", "page")]
    drawing, _axis = drawn(story())
    assert "safety plan" not in [row["text"] for row in drawing.labels]


def test_its_days_are_under_those_of_the_chart():
    of = story()
    assert drawn(of)[1] == sheet(of, USUAL, 430)[1]


def test_it_is_told_and_listed_for_who_cannot_see_it():
    words = safety_in_words(story())
    assert "Item 9 on" in words
    assert "moderate risk of suicide, to be reassessed by 8 Jan 2027" in words
    table = safety_table(story())
    assert list(table.columns) == ["Date", "What", "Value"]
    drawing, _axis = drawn(story())
    on_days = [row for row in drawing.symbols if row["tip"]]
    # Each mark has a row; a flag has one for its beginning and one for its end.
    assert len(table) == len(on_days) + 1 + 3


def test_the_words_name_a_standing_flag_before_a_later_cleared_one():
    of = case(flags=[flag(week(1), week(9)), flag(week(4))])
    assert safety_in_words(of) == f"Safety flag on {day(week(4))}: raised."
    cleared = case(flags=[flag(week(1), week(9)), flag(week(4), week(5))])
    assert safety_in_words(cleared) == f"Safety flag on {day(week(9))}: cleared."


LATER_DECISIONS = [
    # the level and the day of R2; the decision and the day that the words name
    (("high", week(8)), ["R2", week(8)]),
    (("low", None), None),
    (("not_assessed", None), ["R1", week(12)]),
]


@pytest.mark.parametrize(("later", "named"), LATER_DECISIONS)
def test_the_words_name_the_day_of_reassessment_of_the_last_decision(later, named):
    of = case(reviews=[decided(week(6), "moderate", week(12)), decided(week(7), *later)])
    said = [words for words in safety_in_words(of).split(". ") if "Day of reassessment" in words]
    expected = [named] if named else []
    assert [words.rstrip(".") for words in said] == [
        f"Day of reassessment on {day(on)}: decision of {name}" for name, on in expected
    ]


def test_a_case_without_facts_says_that_the_risk_is_unknown():
    assert safety_in_words(case()) == "No safety fact in this episode: the risk is unknown."
    assert edge(case(), "item 9") == ("unknown", False)


def test_a_shared_screen_shows_nothing_that_was_typed():
    shown = deidentified(story(), story().as_of)
    drawing, _axis = drawn(shown)
    texts = [row["text"] for row in drawing.labels] + [row["tip"] for row in drawing.symbols]
    said = " ".join([*texts, safety_in_words(shown), *safety_table(shown)["Value"]])
    assert "Camille" not in said


def test_every_sign_is_one_that_the_chart_knows():
    drawing, _axis = drawn(story())
    assert {row["shape"] for row in drawing.symbols} <= set(SHAPES)
    assert story().as_of == TODAY


def test_the_words_of_todays_decision_stand_left_of_it_and_not_in_the_margin():
    of = case(reviews=[decided(TODAY, "moderate", date(2027, 1, 8))])
    drawing, axis = drawn(of)
    (words,) = [row for row in drawing.labels if row["text"] == "moderate risk"]
    assert box_of(words, axis).right < axis.width


def test_no_sign_of_the_row_of_decisions_stands_on_a_word():
    of = case(
        reviews=[
            decided(week(1), "moderate", week(2)),
            decided(week(9), "low", week(10)),
        ]
    )
    drawing, axis = drawn(of)
    row = next(one["y"] for one in drawing.labels if one["text"] == "decision")
    words = [one for one in drawing.labels if one["y"] == row and "risk" in one["text"]]
    signs = [one["x"] * axis.width for one in drawing.symbols if one["y"] == row]
    assert words
    for word in words:
        box = box_of(word, axis)
        assert [x for x in signs if box.left < x < box.right] == []


def test_a_case_closed_long_ago_has_the_line_of_its_closing_and_none_of_today():
    closed_on = week(8)
    of = case(closed_on=closed_on, status="closed", as_of=date(2027, 11, 24))
    drawing, axis = drawn(of)
    upright = {one["x"] for one in drawing.rules if one["x"] == one["x2"]}
    assert upright == {axis.share(of.enrolled_on), axis.share(closed_on)}
