"""The questionnaires: their thresholds, what a valid score is, what an improvement."""

import pytest

from dashboard.clinical.instruments import (
    IMPROVED_BELOW,
    IN_DENOMINATOR_FROM,
    INSTRUMENTS,
    Instrument,
    Score,
    has_answer,
    improved,
    item_answer,
    total_disagrees,
    valid_score,
)

# docs/domain.md, section 3. Items as number × highest answer; remission as the highest score that
# is one; "risk" is the number of the item on suicide. The items of the C-SSRS are questions of
# its own, which the rule on it reads.
TABLE = """
code   range items bands                                           responds remission change risk
phq9   0–27  9×3   5 mild,10 moderate,15 moderately_severe,20 severe  yes  4   5   9
gad7   0–21  7×3   5 mild,10 moderate,15 severe                       yes  4   4   –
had_a  0–21  7×3   8 doubtful,11 definite                             yes  7   –   –
had_d  0–21  7×3   8 doubtful,11 definite                             yes  7   –   –
madrs  0–60  10×6  7 mild,20 moderate,35 severe                       yes  10  –   10
isi    0–28  7×4   8 subthreshold,15 moderate,22 severe               –    7   6   –
pcl5   0–80  20×4  31 probable_ptsd                                   –    –   10  –
audit  0–40  10×4  8 hazardous,16 harmful,20 probable_dependence      –    –   –   –
bdi2   0–63  21×3  14 mild,20 moderate,29 severe                      yes  9   –   9
cssrs  0–6   6×1   –                                                  –    –   –   –
"""

PHQ9 = [2, 2, 2, 1, 1, 1, 0, 0, 1]


def test_every_questionnaire_is_as_the_table_says():
    assert [as_row(one) for one in INSTRUMENTS.values()] == rows_of(TABLE)


def test_every_questionnaire_has_a_code_a_label_and_a_source():
    assert all(code == one.code and one.label for code, one in INSTRUMENTS.items())
    assert [code for code, one in INSTRUMENTS.items() if not one.source] == []


def test_the_highest_answers_make_the_highest_total():
    assert [
        one.code for one in INSTRUMENTS.values() if one.items * one.item_maximum != one.maximum
    ] == []


@pytest.mark.parametrize("instrument", INSTRUMENTS.values(), ids=lambda one: one.code)
def test_a_band_begins_at_its_score_and_not_one_below(instrument: Instrument):
    below = None
    for band in instrument.bands:
        assert instrument.band(band.starts_at - 1) == below
        assert instrument.band(band.starts_at) == band.name
        below = band.name
    assert instrument.band(instrument.maximum) == below
    assert instrument.band(0) is None


def test_the_bands_of_the_phq9_score_by_score():
    names = {None: "0-4", "mild": "5-9", "moderate": "10-14"}
    names |= {"moderately_severe": "15-19", "severe": "20-27"}
    expected = {
        score: name
        for name, span in names.items()
        for score in range(int(span.split("-")[0]), int(span.split("-")[1]) + 1)
    }
    assert {score: INSTRUMENTS["phq9"].band(score) for score in range(28)} == expected


@pytest.mark.parametrize("instrument", INSTRUMENTS.values(), ids=lambda one: one.code)
def test_a_total_is_in_range_from_zero_to_the_maximum(instrument: Instrument):
    totals = (-1, 0, instrument.maximum, instrument.maximum + 1)
    assert [instrument.in_range(total) for total in totals] == [False, True, True, False]


@pytest.mark.parametrize(
    ("instrument", "total", "items", "score"),
    [
        # A total in range is the score, whatever the items.
        ("phq9", 0, None, Score(0, "total")),
        ("phq9", 27, None, Score(27, "total")),
        ("phq9", 12, PHQ9, Score(12, "total")),
        ("phq9", 12, [None] * 9, Score(12, "total")),
        ("phq9", 12, [3] * 9, Score(12, "total")),
        # One that is not in range is none, whatever the items.
        ("phq9", 28, None, None),
        ("phq9", -1, None, None),
        ("phq9", 28, PHQ9, None),
        ("phq9", -1, [0] * 9, None),
        ("gad7", 22, None, None),
        # Without a total, the sum of all the items.
        ("phq9", None, PHQ9, Score(10, "summed")),
        ("phq9", None, [0] * 9, Score(0, "summed")),
        ("phq9", None, [3] * 9, Score(27, "summed")),
        ("gad7", None, [1] * 7, Score(7, "summed")),
        ("madrs", None, [6] * 10, Score(60, "summed")),
        ("cssrs", None, [0, 0, 0, 1, 0, 0], Score(1, "summed")),
        # PHQ-9: one or two missing are prorated, half up; three are not.
        ("phq9", None, [1, 1, 1, 0, 0, 0, 0, 0, None], Score(3, "prorated")),
        ("phq9", None, [1, 1, 1, 1, 0, 0, 0, 0, None], Score(5, "prorated")),
        ("phq9", None, [None, 3, 3, 3, 3, 0, 0, 0, 0], Score(14, "prorated")),
        ("phq9", None, [3, 3, 3, 3, 3, 0, 0, None, None], Score(19, "prorated")),
        ("phq9", None, [3] * 7 + [None, None], Score(27, "prorated")),
        ("phq9", None, [0] * 7 + [None, None], Score(0, "prorated")),
        ("phq9", None, [3] * 6 + [None] * 3, None),
        ("phq9", None, [None] * 9, None),
        # GAD-7: one missing is prorated, two are not.
        ("gad7", None, [1, 1, 0, 0, 0, 0, None], Score(2, "prorated")),
        ("gad7", None, [1, 1, 1, 0, 0, 0, None], Score(4, "prorated")),
        ("gad7", None, [3] * 6 + [None], Score(21, "prorated")),
        ("gad7", None, [3] * 5 + [None] * 2, None),
        # No other is prorated.
        ("had_a", None, [1] * 6 + [None], None),
        ("madrs", None, [1] * 9 + [None], None),
        ("bdi2", None, [1] * 20 + [None], None),
        # Items that the form has not got: too few are missing ones, too many are no form.
        ("phq9", None, [1] * 8, Score(9, "prorated")),
        ("phq9", None, [1] * 6, None),
        ("phq9", None, [1] * 10, None),
        ("phq9", None, [], None),
        # An answer that the form does not offer is not an answer.
        ("phq9", None, [1] * 8 + [4], Score(9, "prorated")),
        ("phq9", None, [1] * 8 + [-1], Score(9, "prorated")),
        ("phq9", None, [1] * 6 + [4, 4, 4], None),
        # Nothing, and an unknown questionnaire.
        ("phq9", None, None, None),
        ("whoqol", 12, [1, 2, 3], None),
    ],
)
def test_the_valid_score_of_a_form(instrument, total, items, score):
    assert valid_score(instrument, total, items) == score


@pytest.mark.parametrize(
    ("items", "number", "answer"),
    [
        (PHQ9, 9, 1),
        (PHQ9, 1, 2),
        ([1] * 8 + [0], 9, 0),
        ([1] * 8 + [None], 9, None),
        ([1] * 8 + [-1], 9, None),
        ([1] * 8, 9, None),
        ([], 1, None),
        (None, 9, None),
    ],
)
def test_the_answer_to_an_item_counts_from_one_and_zero_is_an_answer(items, number, answer):
    assert item_answer(items, number) == answer


@pytest.mark.parametrize(
    ("instrument", "items", "answered"),
    [
        ("cssrs", [0] * 6, True),
        ("cssrs", [None] * 5 + [1], True),
        ("cssrs", [None] * 6, False),
        ("cssrs", [-1] * 6, False),
        ("cssrs", [None] * 6 + [1], False),
        ("cssrs", [], False),
        ("cssrs", None, False),
        ("whoqol", [3], True),
        ("whoqol", [-1], False),
    ],
)
def test_a_form_has_an_answer_if_one_of_its_own_questions_has_one_of_0_or_more(
    instrument, items, answered
):
    assert has_answer(instrument, items) is answered


@pytest.mark.parametrize(
    ("score", "baseline", "is_improved"),
    [
        (9, 10, True),
        (10, 10, False),
        (9, 16, True),
        (8, 16, True),
        (10, 20, True),
        (10, 19, False),
        (12, 24, True),
        (13, 24, False),
        (12, 25, True),
        (13, 25, False),
        (13, 26, True),
        (0, 10, True),
        (27, 27, False),
    ],
)
def test_improved_is_below_ten_or_at_most_half(score, baseline, is_improved):
    assert improved(score, baseline) is is_improved


def test_ten_is_where_improvement_ends_and_where_the_denominator_begins():
    assert (IMPROVED_BELOW, IN_DENOMINATOR_FROM) == (10, 10)


@pytest.mark.parametrize(
    ("instrument", "total", "items", "disagrees"),
    [
        ("phq9", 10, PHQ9, False),
        ("phq9", 11, PHQ9, True),
        ("phq9", 9, PHQ9, True),
        ("phq9", 0, [0] * 9, False),
        ("phq9", 28, PHQ9, True),
        ("phq9", None, PHQ9, False),
        ("phq9", 11, None, False),
        # Items that are not all answered have no sum to disagree with.
        ("phq9", 11, [1] * 8 + [None], False),
        ("phq9", 11, [1] * 10, False),
        ("whoqol", 11, [1, 2, 3], False),
    ],
)
def test_a_total_disagrees_with_the_sum_of_complete_items_alone(
    instrument, total, items, disagrees
):
    assert total_disagrees(instrument, total, items) is disagrees


def as_row(instrument: Instrument) -> list[str]:
    bands = ",".join(f"{band.starts_at} {band.name}" for band in instrument.bands)
    below = instrument.remission_below
    return [
        instrument.code,
        f"0–{instrument.maximum}",
        f"{instrument.items}×{instrument.item_maximum}",
        bands or "–",
        "yes" if instrument.responds else "–",
        "–" if below is None else str(below - 1),
        str(instrument.meaningful_change or "–"),
        str(instrument.risk_item or "–"),
    ]


def rows_of(table: str) -> list[list[str]]:
    rows = []
    for line in table.strip().splitlines()[1:]:
        code, span, items, rest = line.split(None, 3)
        bands, *others = rest.rsplit(None, 4)
        rows.append([code, span, items, bands, *others])
    return rows
