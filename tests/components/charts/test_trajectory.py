"""The trajectory over the treatment: every fact has its mark, and nothing is invented."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations, pairwise

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.charts.drawing import Drawing, box_of
from dashboard.clinical.advice.prospect import DoseStep, DrugCourse, Prospect
from dashboard.clinical.case.case_file import CaseFile
from dashboard.clinical.instruments import INSTRUMENTS
from dashboard.components.charts.lanes import lanes_of
from dashboard.components.charts.panel import panel_of
from dashboard.components.charts.reviews import STATE_SHAPES
from dashboard.components.charts.sheet import BEFORE_DAYS, sheet
from dashboard.components.charts.trajectory import trajectory_in_words, trajectory_table
from dashboard.locale import speaking
from dashboard.words.case.chart import band_name, oddity_name
from tests.support.chart_cases import (
    CASES,
    DRUGS,
    ENROLLED,
    TODAY,
    care,
    case,
    condition,
    contact,
    drug,
    form,
    improver,
    non_responder,
    odd,
    patient,
    relapse,
    review,
    sequences,
    sertraline,
    single,
    week,
    whole,
)

USUAL = ("phq9", "gad7")


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with speaking("en"):
        yield


def drawn(of: CaseFile, *instruments: str) -> Drawing:
    return sheet(of, instruments or USUAL, 430)[0]


def words(drawing: Drawing) -> list[str]:
    return [row["text"] for row in drawing.labels]


def points(drawing: Drawing) -> list[tuple[str, str]]:
    """Shape and fill of the points of the scores, without the legend's."""
    return [
        (row["shape"], row["fill"])
        for row in drawing.symbols
        if row["shape"] in ("circle", "square", "diamond", "triangle-up") and row["tip"]
    ]


# Scores


SCORE_FORMS = [
    ("all items answered", whole("phq9", ENROLLED, 12), ("circle", "ink")),
    ("a total without items", form("phq9", ENROLLED, 12), ("circle", "page")),
    ("one item missing", form("phq9", ENROLLED, None, (1, 1, 1, 1, 1, 1, 1, None, 0)),
     ("circle", "page")),
    ("a total out of range", form("phq9", ENROLLED, 28), ("square", "page")),
    ("a negative total", form("phq9", ENROLLED, -1), ("square", "page")),
    ("too many items missing", form("phq9", ENROLLED, None, (1, None, None, None, 1, 1, 1, 1, 0)),
     ("triangle-up", "page")),
    ("zero", whole("phq9", ENROLLED, 0), ("circle", "ink")),
]  # fmt: skip


@pytest.mark.parametrize(("stored", "point"), [one[1:] for one in SCORE_FORMS],
                         ids=[one[0] for one in SCORE_FORMS])  # fmt: skip
def test_a_point_is_full_only_for_a_valid_score_with_all_of_its_items(stored, point):
    assert points(drawn(case(assessments=[stored]), "phq9")) == [point]


def test_zero_is_a_point_at_zero_with_its_value():
    drawing = drawn(
        case(assessments=[whole("phq9", ENROLLED, 9), whole("phq9", week(4), 0)]), "phq9"
    )
    zero = max(row["y"] for row in drawing.paths)
    bottom = next(row["y"] for row in drawing.labels if row["text"] == "0" and row["x"] == 0)
    assert zero == bottom
    assert [row["weight"] for row in drawing.labels if row["text"] == "0"].count(600) == 1


def test_a_score_that_is_not_valid_is_shown_as_it_is_and_joined_to_nothing():
    forms = [whole("phq9", week(0), 15), form("phq9", week(2), 99), whole("phq9", week(4), 12)]
    drawing = drawn(case(assessments=forms), "phq9")
    assert "99 ?" in words(drawing)
    assert "? not a valid score" in words(drawing)
    assert {row["x"] for row in drawing.paths} == {
        row["x"] for row in drawing.symbols if row["shape"] == "circle" and row["tip"]
    }


def test_a_form_without_a_score_is_marked_and_explained():
    drawing = drawn(case(assessments=[form("phq9", week(1), None, (1,) * 5 + (None,) * 4)]), "phq9")
    assert "too incomplete to score" in words(drawing)


def test_a_total_that_differs_from_its_items_is_marked():
    drawing = drawn(case(assessments=[form("phq9", week(1), 12, (1,) * 9)]), "phq9")
    assert "12 !" in words(drawing)
    assert "! total differs from the items" in words(drawing)


def test_an_unknown_questionnaire_is_plotted_without_bands_and_targets():
    forms = [form("xyz_scale", week(1), 34), form("xyz_scale", week(7), 0)]
    drawing = drawn(case(assessments=forms), "xyz_scale")
    assert {"xyz_scale", "34 ?", "0 ?", "unknown form,", "as it is stored"} <= set(words(drawing))
    assert drawing.areas == []
    assert not any("response" in text or "remission" in text for text in words(drawing))


def test_a_score_far_out_of_range_stays_on_the_sheet():
    of = case(assessments=[form("phq9", week(1), 10**9), form("phq9", week(2), -(10**9))])
    drawing, _axis, height = sheet(of, ["phq9"], 430)
    assert all(0 <= row["y"] <= height for row in drawing.symbols)
    assert {"1000000000 ?", "-1000000000 ?"} <= set(words(drawing))


@pytest.mark.parametrize("code", INSTRUMENTS)
def test_every_questionnaire_has_its_own_scale_bands_and_targets(code):
    known = INSTRUMENTS[code]
    of = case(assessments=[whole(code, week(0), known.maximum), whole(code, week(4), 1)])
    drawing = drawn(of, code)
    scale = {row["text"] for row in drawing.labels if row["align"] == "right" and row["x"] == 0}
    assert {"0", str(known.maximum)} <= scale
    assert {band_name(band.name) for band in known.bands} <= set(words(drawing))
    assert len([row for row in drawing.areas if row["tone"].startswith("band")]) == len(known.bands)
    assert (f"remission < {known.remission_below}" in words(drawing)) == bool(known.remission_below)
    assert (f"response ≤ {known.maximum // 2}" in words(drawing)) == known.responds


def test_a_point_is_as_high_in_the_gad_7_as_in_the_phq_9():
    of = improver()
    drawing = drawn(of)
    assert len({row["y"] for row in drawing.paths}) > 5
    tops = sorted({row["y"] for row in drawing.areas if row["tone"] == "band4"})
    phq9, gad7 = (
        next(row["y2"] - row["y"] for row in drawing.areas if row["y"] == top and row["x2"] == 1)
        for top in tops
    )
    assert phq9 / (27 - 20) == pytest.approx(gad7 / (21 - 15), rel=0.03)


def test_scores_more_than_eight_weeks_apart_are_joined_by_dots():
    forms = [whole("phq9", week(0), 15), whole("phq9", week(8), 12), whole("phq9", week(16, 1), 9)]
    drawing = drawn(case(ENROLLED - timedelta(weeks=4), assessments=forms), "phq9")
    assert [row["dash"] for row in drawing.paths] == ["solid", "solid", "dotted", "dotted"]


@pytest.mark.parametrize(("answer", "marked"), [(0, False), (1, True), (2, True), (3, True)])
def test_a_positive_answer_on_suicidal_thoughts_is_marked_on_its_point(answer, marked):
    drawing = drawn(case(assessments=[whole("phq9", week(1), 12, answer)]), "phq9")
    assert (("diamond", "page") in points(drawing)) == marked
    assert (f"i9: {answer}" in words(drawing)) == marked


def test_an_unknown_answer_on_suicidal_thoughts_is_not_marked_as_negative():
    drawing = drawn(case(assessments=[form("phq9", week(1), 12)]), "phq9")
    assert points(drawing) == [("circle", "page")]
    assert "prorated or without items" in words(drawing)


@pytest.mark.parametrize("name", CASES)
def test_the_latest_the_first_and_the_extreme_values_are_written(name):
    of = CASES[name]()
    written = set(words(drawn(of)))
    for code in USUAL:
        values = [score.value for one in of.scores_of(code) if (score := one.score)]
        assert {str(value) for value in (values[-1:] + values[:1])} <= written
        assert not values or {str(max(values)), str(min(values))} <= written


def test_a_questionnaire_without_a_form_says_so_and_takes_little_room():
    drawing, _axis, height = sheet(case(assessments=[whole("phq9", week(1), 12)]), USUAL, 430)
    assert "No GAD-7 in this episode" in words(drawing)
    assert height <= 430


# Marks on the time axis


def test_contacts_kept_and_missed_differ_by_shape_and_are_counted():
    of = case(contacts=[contact(week(1)), contact(week(2), False), contact(week(3))])
    drawing = drawn(of)
    shapes = [row["shape"] for row in drawing.symbols if row["tip"]]
    assert shapes == ["tick", "cross", "tick"]
    assert {"contacts", "2 kept, 1 missed"} <= set(words(drawing))


@pytest.mark.parametrize("state", STATE_SHAPES)
def test_what_became_of_a_recommendation_has_a_sign_and_the_sign_has_words(state):
    drawing = drawn(case(reviews=[review(week(3), state)]))
    signs = [row for row in drawing.symbols if row["shape"] == STATE_SHAPES[state]]
    assert len(signs) == 2  # on the review, and in the legend
    assert {"R1", "reviews"} <= set(words(drawing))


def test_every_state_has_a_sign_of_its_own():
    assert len(set(STATE_SHAPES.values())) == len(STATE_SHAPES)


def test_reviews_are_numbered_in_order_and_a_superseded_one_has_no_signs():
    reviews = [
        review(week(2), "done", "done", superseded=True),
        review(week(5), "done"),
        review(week(9), next_on=date(2026, 12, 8)),
    ]
    drawing = drawn(case(reviews=reviews))
    assert {"(R1)", "R2", "R3", "next 8 Dec"} <= set(words(drawing))
    assert [row["shape"] for row in drawing.symbols if row["tip"]] == ["check"]


def test_signs_of_two_reviews_within_days_do_not_cover_each_other():
    reviews = [review(week(3), "done", "done"), review(week(3, 2), "modified", "done")]
    of = case(enrolled_on=TODAY - timedelta(weeks=30), reviews=reviews)
    drawing, axis, _height = sheet(of, USUAL, 430)
    signs = [row for row in drawing.symbols if row["tip"]]
    places = sorted({row["x"] * axis.width + row["dx"] for row in signs})
    assert len(places) == 2
    assert places[1] - places[0] >= 10.9


def test_dates_with_their_year_leave_room_for_each_other():
    of = case(enrolled_on=TODAY - timedelta(weeks=70))
    drawing, axis, _height = sheet(of, USUAL, 430)
    (row,) = {one["y"] for one in drawing.labels if one["text"] == "date"}
    boxes = [box_of(one, axis) for one in drawing.labels if one["y"] == row]
    assert not [one for one, other in combinations(boxes, 2) if one.meets(other)]


def test_more_recommendations_than_fit_under_a_review_are_counted():
    crowd = [review(week(n), *["done"] * 6) for n in (2, 3, 4)]
    drawing = drawn(case(reviews=crowd))
    assert words(drawing).count("+4") == 3
    assert len([row for row in drawing.symbols if row["tip"]]) == 6


def test_sequences_are_named_and_the_end_of_the_current_one_is_written():
    drawing = drawn(case(sequences=sequences(2)))
    assert "classic 1" in words(drawing)
    assert {"2", "until 15 Feb 2027"} <= set(words(drawing))
    assert [row["tone"] for row in drawing.areas] == ["sequence", "sequence_next"]


def upright(drawing: Drawing) -> set[float]:
    return {row["x"] for row in drawing.rules if row["x"] == row["x2"] and row["tone"] == "rule"}


def test_enrolment_and_today_are_lines_with_their_names():
    drawing, axis, _height = sheet(case(), USUAL, 430)
    assert {"enrolled 18 Aug 2026", "today 24 Nov"} <= set(words(drawing))
    assert upright(drawing) == {axis.share(ENROLLED), axis.share(TODAY)}


def test_an_episode_that_closed_of_late_shows_its_closing_and_today():
    closed = case(closed_on=TODAY - timedelta(days=12), status="closed")
    assert {"closed 12 Nov", "today 24 Nov"} <= set(words(drawn(closed)))


def test_an_episode_that_closed_long_ago_ends_two_weeks_after_its_closing():
    of = case(date(2024, 1, 2), closed_on=date(2024, 7, 2), reviews=[
        review(date(2024, 6, 1), next_on=date(2024, 8, 1))
    ])  # fmt: skip
    drawing, axis, _height = sheet(of, USUAL, 430)
    assert date(2024, 7, 16) < axis.end < date(2024, 8, 16)
    assert "closed 2 Jul 2024" in words(drawing)
    assert not any("today" in text or "next" in text for text in words(drawing))


@pytest.mark.parametrize(
    ("first_fact", "start"),
    [
        (None, ENROLLED),
        (ENROLLED - timedelta(days=10), ENROLLED - timedelta(days=10)),
        (ENROLLED - timedelta(days=28), ENROLLED - timedelta(days=28)),
        (ENROLLED - timedelta(days=400), ENROLLED - timedelta(days=28)),
    ],
)
def test_the_axis_goes_from_the_first_fact_but_not_from_long_before_enrolment(first_fact, start):
    treatments = [sertraline(50, first_fact)] if first_fact else []
    _drawing, axis, _height = sheet(case(treatments=treatments), USUAL, 430)
    assert timedelta(0) < start - axis.start <= timedelta(days=7)
    assert timedelta(0) < axis.end - TODAY <= timedelta(days=14)
    assert BEFORE_DAYS == 28


@pytest.mark.parametrize("enrolled_on", [TODAY, TODAY + timedelta(days=3), date(1990, 1, 1)])
def test_any_length_of_episode_has_weeks_and_dates_that_can_be_read(enrolled_on):
    drawing, axis, _height = sheet(case(enrolled_on), USUAL, 430)
    weeks = [row for row in drawing.labels if row["align"] == "center" and row["text"].isdigit()]
    assert weeks[0]["text"] == "0"
    places = [row["x"] * axis.width for row in weeks]
    assert all(after - before >= 40 for before, after in pairwise(places))


def test_a_date_of_another_year_says_so():
    assert "3 Feb 2026" in words(drawn(relapse()))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_dates_are_written_in_the_reader_s_language(language):
    with speaking(language):
        assert {"fr": "18/08", "en": "18 Aug"}[language] in words(drawn(improver()))


# Treatment lanes


def kinds(of: CaseFile) -> list[str]:
    return [step.kind for lane in lanes_of(of) for step in lane.steps]


@pytest.mark.parametrize(
    ("weeks_of_doses", "expected"),
    [
        ([(25, 0, None)], ["below"]),
        ([(50, 0, 3)], ["effective"]),
        ([(50, 0, 4)], ["effective"]),
        ([(50, 0, 5)], ["effective", "trial"]),
        ([(25, 0, 4), (50, 4, 7)], ["below", "effective"]),
        ([(50, 0, 2), (100, 2, 4)], ["effective", "effective"]),
        ([(50, 0, 2), (100, 2, 6)], ["effective", "effective", "trial"]),
        ([(50, 0, 5), (100, 5, 8)], ["effective", "trial", "trial"]),
        ([(50, 0, 3), (50, 4, 8)], ["effective", "effective"]),
        ([(50, 0, 3), (25, 3, 4), (50, 4, 8)], ["effective", "below", "effective"]),
        ([(50, 0, 6), (250, 6, None)], ["effective", "trial", "above"]),
        ([(200, 0, None)], ["effective", "trial"]),
    ],
)
def test_a_trial_is_adequate_after_four_weeks_at_an_effective_dose(weeks_of_doses, expected):
    rows = [sertraline(mg, week(n), end and week(end)) for mg, n, end in weeks_of_doses]
    assert kinds(case(treatments=rows)) == expected


@pytest.mark.parametrize(
    ("days", "expected"), [(27, ["effective"]), (28, ["effective"]), (29, ["effective", "trial"])]
)
def test_the_trial_begins_on_the_day_after_the_28th(days, expected):
    row = sertraline(50, ENROLLED, ENROLLED + timedelta(days=days))
    steps = lanes_of(case(treatments=[row]))[0].steps
    assert [step.kind for step in steps] == expected
    assert steps[0].end == ENROLLED + timedelta(days=min(days, 28))


@pytest.mark.parametrize(("gap", "expected"), [(1, "trial"), (2, "effective")])
def test_a_gap_of_more_than_a_day_begins_the_trial_again(gap, expected):
    rows = [sertraline(50, week(0), week(3)), sertraline(50, week(3, gap), week(6))]
    assert kinds(case(treatments=rows))[-1] == expected


@pytest.mark.parametrize(
    ("adherence", "adequate"),
    [("good", True), ("partial", True), ("unknown", True), (None, True), ("poor", False)],
)
def test_no_trial_is_adequate_with_poor_adherence(adherence, adequate):
    row = sertraline(50, week(0), week(8), adherence=adherence)
    assert ("trial" in kinds(case(treatments=[row]))) == adequate


@pytest.mark.parametrize(
    ("birth_date", "kind"), [(date(1960, 11, 25), "trial"), (date(1960, 11, 24), "above")]
)
def test_the_maximum_is_the_one_of_the_patient_s_age_today(birth_date, kind):
    treatments = [drug("N06AB04", "citalopram", 30, week(0))]
    assert kinds(case(identity=patient(birth_date), treatments=treatments))[-1] == kind


def test_doses_status_and_signs_are_written():
    drawing = drawn(non_responder())
    assert {"escitalopram", "5 mg", "15 mg"} <= set(words(drawing))
    # The unit is left out where the bar is short.
    assert {"10", "10 mg"} & {row["text"] for row in drawing.labels if row["dx"] == 4}
    said = " ".join(words(drawing))
    for text in ("25 mg, as needed since", "8 sessions since", "inefficace"):
        assert text in said
    assert {"stopped 30 Jun", "below min. 15 mg", "ended 25 Aug"} <= set(words(drawing))
    assert "triangle-down" in [row["shape"] for row in drawing.symbols]
    assert {"0.5 mg", "effective dose 12 weeks"} <= set(words(drawn(improver())))
    assert {"above max. 200 mg", "Grossesse", "current"} <= set(words(drawn(relapse())))


def test_a_drug_as_needed_is_dashed_and_what_began_before_has_an_arrow():
    drawing = drawn(non_responder())
    assert "dashed" in [row["dash"] for row in drawing.bars]
    assert "triangle-left" in [row["shape"] for row in drawing.symbols]


@pytest.mark.parametrize("dose", [25, 50, 250])
def test_a_drug_from_before_the_chart_says_the_day_on_which_it_was_started(dose):
    row = sertraline(dose, date(2026, 2, 3))
    assert f"{dose} mg since 3 Feb 2026" in words(drawn(case(treatments=[row])))


@pytest.mark.parametrize(
    ("others", "text"),
    [
        ({"dose": None}, "dose unknown since 18 Aug"),
        ({"dose": None, "as_needed": True}, "as needed"),
        ({"dose": 37.5, "adherence": "poor"}, "37.5 mg, adherence poor since 18 Aug"),
        ({"dose": 50, "adherence": "good"}, "50 mg since 18 Aug"),
    ],
)
def test_a_bar_says_its_dose_or_that_it_is_unknown(others, text):
    row = drug("N06AB06", "sertraline", started_on=week(0), **others)
    assert text in words(drawn(case(treatments=[row])))


def test_a_drug_that_began_today_can_be_seen_and_its_dose_read():
    drawing, axis, _height = sheet(case(treatments=[sertraline(50, TODAY)]), USUAL, 430)
    (shape,) = (row for row in drawing.bars if row["tip"])
    assert (shape["x2"] - shape["x"]) * axis.width == pytest.approx(4)
    assert shape["edge"] != "page"
    assert any(text.startswith("50 mg") for text in words(drawing))


@pytest.mark.parametrize("days", [1, 3, 5, 7])
def test_a_short_course_says_its_dose_and_why_it_ended_behind_its_bar(days):
    since = date(2026, 2, 3)
    row = sertraline(50, since, since + timedelta(days=days), stop_reason="nausées")
    assert "50 mg, nausées" in words(drawn(case(since, treatments=[row])))


def test_a_running_drug_goes_on_to_today_and_no_further():
    drawing, axis, _height = sheet(case(treatments=[sertraline(50, week(2))]), USUAL, 430)
    assert max(row["x2"] for row in drawing.bars) == axis.share(TODAY) < 1


def test_dates_the_wrong_way_round_are_shown_and_said():
    of = case(
        treatments=[sertraline(50, week(6), week(2))],
        psychosocial=[care("psychologist", week(6), week(2))],
        conditions=[condition("Z33", "Grossesse", week(6), week(2))],
    )
    assert kinds(of) == ["reversed"] * 3
    assert words(drawn(of)).count("dates reversed") == 6
    assert all(row["x"] < row["x2"] for row in drawn(of).bars)


def test_doses_of_one_drug_at_the_same_time_do_not_hide_each_other():
    rows = [sertraline(50, week(0)), sertraline(100, week(1))]
    assert [lane.name for lane in lanes_of(case(treatments=rows))] == ["sertraline"] * 2


def test_twelve_drugs_have_twelve_lanes_that_can_be_read():
    of = CASES["crowded"]()
    drawing = drawn(of)
    names = [row for row in drawing.labels if row["text"] in {name for _code, name in DRUGS}]
    assert len(names) == 12
    places = sorted(row["y"] for row in names)
    assert all(after - before >= 16 for before, after in pairwise(places))


def test_antidepressants_come_first():
    names = [lane.name for lane in lanes_of(non_responder())]
    assert names == ["escitalopram", "venlafaxine LP", "mirtazapine", "hydroxyzine", "psychologist"]


def test_without_treatment_a_sentence_says_so():
    assert "No treatment in this episode." in words(drawn(case()))


@pytest.mark.parametrize(
    ("fact", "shown"),
    [
        (condition("Z34.9", "Grossesse", None), True),
        (condition("I45.8", "QT long", date(2019, 1, 1)), True),
        (condition("E03.9", "Hypothyroïdie", date(2019, 1, 1)), False),
        (condition("E03.9", "Hypothyroïdie", None), False),
        (condition("E03.9", "Hypothyroïdie", week(4)), True),
        (condition("E03.9", "Hypothyroïdie", date(2019, 1, 1), week(4)), True),
    ],
)
def test_conditions_that_matter_to_a_rule_or_change_on_the_chart_have_a_lane(fact, shown):
    assert (fact.label in words(drawn(case(conditions=[fact])))) == shown


# The sheet


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", CASES)
def test_everything_lies_on_the_sheet(name, language):
    with speaking(language):
        drawing, _axis, height = sheet(CASES[name](), USUAL, 430)
    for kind in ("areas", "rules", "bars"):
        assert all(
            0 <= row["y"] <= height and 0 <= row["y2"] <= height for row in getattr(drawing, kind)
        )
    for kind in ("symbols", "labels", "paths"):
        assert all(4 <= row["y"] <= height - 4 for row in getattr(drawing, kind))


@pytest.mark.parametrize("name", ["improver", "relapse", "odd", "single", "empty"])
def test_the_usual_case_fits_into_its_height(name):
    assert sheet(CASES[name](), USUAL, 430)[2] <= 430


def test_a_case_without_any_fact_is_drawn():
    drawing, _axis, height = sheet(case(), USUAL, 430)
    assert {"never reviewed", "no contact", "no sequence"} <= set(words(drawing))
    assert drawing.paths == []
    assert height < 300


def test_no_questionnaire_at_all_is_drawn():
    drawing, _axis, height = sheet(improver(), (), 430)
    assert drawing.paths == []
    assert height > 0


def test_the_legend_explains_only_what_is_there():
    assert "item on suicidal thoughts positive" not in words(drawn(case()))
    assert "item on suicidal thoughts positive" in words(drawn(improver()))
    assert "above the maximum" not in words(drawn(improver()))


# In words


def test_the_chart_is_said_in_words():
    assert trajectory_in_words(improver(), USUAL) == (
        "PHQ-9 from 18 on 18 Aug 2026 to 3 on 17 Nov 2026 (−15)."
        " GAD-7 from 14 on 18 Aug 2026 to 0 on 17 Nov 2026 (−14)."
        " Current treatment: sertraline 100 mg. 2 reviews."
    )
    assert trajectory_in_words(single(), USUAL) == (
        "PHQ-9 22 on 3 Nov 2026. Current treatment: sertraline 50 mg. 0 reviews."
    )
    assert trajectory_in_words(case(), USUAL) == (
        "No score in this episode. No current treatment. 0 reviews."
    )


def test_the_table_has_every_fact_of_the_chart_the_latest_first():
    table = trajectory_table(improver())
    assert list(table.columns) == ["Date", "What", "Value"]
    rows = [tuple(row) for row in table.itertuples(index=False)]
    assert ("18 Aug 2026", "Enrolment", "") in rows
    assert ("18 Aug 2026", "PHQ-9", "18, moderately severe, i9: 1") in rows
    assert ("29 Sep 2026", "PHQ-9", "11, moderate, without items") in rows
    assert ("17 Nov 2026", "GAD-7", "0") in rows
    assert ("23 Sep 2026", "Contact", "missed") in rows
    assert ("8 Sep 2026", "alprazolam 0.5 mg", "stopped: fin de sevrage") in rows
    assert ("25 Aug 2026", "behavioural activation", "started") in rows
    assert ("18 Aug 2026", "classic 1", "until 16 Nov 2026") in rows
    assert ("20 Oct 2026", "R2", "signed") in rows
    assert len([row for row in rows if row[1].startswith("R1.")]) == 2
    assert rows[0][0] == "18 Nov 2026"


def test_the_table_has_the_answers_of_a_cssrs_without_its_sum():
    forms = [form("cssrs", week(1), 2, (1, 0, 0, 0, 0, 1)), form("cssrs", week(2), None, (1,))]
    rows = [
        tuple(row)[1:] for row in trajectory_table(case(assessments=forms)).itertuples(index=False)
    ]
    assert ("C-SSRS", "answered yes: 1 (wish to be dead), 6 (suicidal behaviour)") in rows
    partly = "answered yes: 1 (wish to be dead); not answered: 2, 3, 4, 5, 6"
    assert ("C-SSRS", f"{partly}, items that the form does not have") in rows


def test_the_table_tells_zero_missing_and_odd_apart():
    rows = [tuple(row)[1:] for row in trajectory_table(odd()).itertuples(index=False)]
    assert ("PHQ-9", "0, i9: 0") in rows
    assert ("PHQ-9", "no score, i9: 0, incomplete, no score") in rows
    assert ("PHQ-9", "99, total out of range, as stored") in rows
    assert ("PHQ-9", "12, moderate, i9: 1, total differs from its items") in rows
    assert ("xyz_scale", "34, unknown questionnaire, as stored") in rows


def test_every_oddity_has_words():
    for make in CASES.values():
        assert all(oddity_name(one) for row in make().assessments for one in row.oddities)


def test_a_panel_of_an_unknown_questionnaire_is_as_high_as_what_is_stored():
    panel = panel_of(case(assessments=[form("xyz", week(1), 90)]), "xyz", 0, 100)
    assert panel.maximum == 100
    assert (panel.y(0), panel.y(90)) == (100, 10)


def test_it_is_drawn_on_a_page_with_its_words_for_those_who_cannot_see_it():
    def page() -> None:
        from dashboard.components.charts.trajectory import trajectory
        from tests.support.chart_cases import improver

        trajectory(improver(), ["phq9", "gad7"], key="trajectory")

    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception
    chart = app.get("vega_lite_chart")[0].proto
    assert chart.alt.startswith("PHQ-9 ")
    assert json.loads(chart.spec)["height"] == 430


def chart_page() -> None:
    import streamlit as st

    from dashboard.components.charts.trajectory import trajectory
    from dashboard.locale import speaking
    from tests.support.chart_cases import CASES

    with speaking(st.session_state.get("language", "en")):
        trajectory(
            CASES[st.session_state.get("case", "improver")](),
            st.session_state.get("instruments", ["phq9", "gad7"]),
            height=st.session_state.get("height", 430),
            key="trajectory",
        )


def chart_of(app: AppTest) -> tuple[str, str]:
    chart = app.run().get("vega_lite_chart")[0].proto
    return chart.spec, chart.alt


@pytest.mark.parametrize(
    ("what", "other"),
    [("case", "relapse"), ("instruments", ["phq9"]), ("language", "fr"), ("height", 600)],
)
def test_on_the_next_run_the_chart_shows_what_there_is_then(what, other):
    app = AppTest.from_function(chart_page, default_timeout=60)
    before = chart_of(app)
    assert chart_of(app) == before
    app.session_state[what] = other
    changed = chart_of(app)
    afresh = AppTest.from_function(chart_page, default_timeout=60)
    afresh.session_state[what] = other
    assert changed != before
    assert changed == chart_of(afresh)


def test_a_draft_is_drawn_dashed_in_the_lane_of_its_drug_and_in_a_lane_of_its_own():
    of = case(treatments=[sertraline(50, week(0))])
    until = of.as_of + timedelta(days=28)
    courses = (
        DrugCourse("sertraline", "N06AB06", (DoseStep(of.as_of, None),)),
        DrugCourse("venlafaxine LP", "N06AX16", (DoseStep(of.as_of, Decimal(75)),)),
    )
    lanes = lanes_of(of, Prospect(until, courses))
    assert [(lane.name, [step.kind for step in lane.steps]) for lane in lanes] == [
        ("sertraline", ["effective", "trial", "ghost_stop"]),
        ("venlafaxine LP", ["ghost"]),
    ]
    assert lanes[1].steps[0].end == until


def test_the_days_of_a_draft_are_named_and_the_axis_goes_on_to_them():
    of = case(assessments=[whole("phq9", week(8), 15)])
    review = of.as_of + timedelta(days=28)
    drawing, axis, _height = sheet(of, USUAL, 430, Prospect(review, (), of.as_of, review))
    assert axis.end >= review
    assert {"review", "PHQ-9"} <= set(words(drawing))
    assert sheet(of, USUAL, 430)[1].end < review


def test_the_days_of_a_draft_are_named_beside_their_lines_in_the_rows_of_the_weeks():
    of = case(assessments=[whole("phq9", week(8), 15)])
    review = of.as_of + timedelta(days=28)
    drawing, axis, _height = sheet(of, USUAL, 430, Prospect(review, (), of.as_of, review))
    rows = {row["y"] for row in drawing.labels if row["text"] in ("week", "date")}
    named = [row for row in drawing.labels if row["tone"] == "accent" and row["y"] in rows]
    assert [(row["text"], row["x"]) for row in named] == [
        ("review", axis.share(review)),
        ("PHQ-9", axis.share(of.as_of)),
    ]
    boxes = [box_of(row, axis) for row in drawing.labels if row["y"] in rows]
    assert not [one for one, other in combinations(boxes, 2) if one.meets(other)]


def test_the_dose_of_a_draft_without_room_stands_alone_in_the_margin():
    of = case(enrolled_on=TODAY - timedelta(weeks=60))
    courses = (DrugCourse("sertraline", "N06AB06", (DoseStep(of.as_of, Decimal(150)),)),)
    drawing, *_rest = sheet(of, USUAL, 430, Prospect(of.as_of + timedelta(days=7), courses))
    assert "150 mg" in words(drawing)
    assert "150 mg, " not in words(drawing)


def test_care_of_less_than_a_week_is_counted_in_days():
    of = case(psychosocial=[care("psychologist", TODAY - timedelta(days=3))])
    assert "3 days" in words(drawn(of))


def test_a_review_without_room_for_its_name_has_its_number():
    reviews = [review(week(3)), review(week(4)), review(week(5))]
    of = case(enrolled_on=TODAY - timedelta(weeks=25), reviews=reviews)
    assert {"R1", "2", "R3"} <= set(words(drawn(of)))


def test_lines_do_not_run_through_values_and_names():
    of = case(assessments=[whole("phq9", week(2), 12, 1)], reviews=[review(week(2))])
    haloed = {row["text"] for row in drawn(of).labels if row.get("halo")}
    assert {"12", "i9: 1", "R1"} <= haloed


def test_each_phq9_has_its_standard_error_within_the_scale():
    of = case(assessments=[whole("phq9", week(1), 26), whole("gad7", week(1), 10)])
    drawing, axis, _height = sheet(of, USUAL, 430)
    x = axis.share(week(1))
    errors = [row for row in drawing.rules if row["x"] == row["x2"] == x and row["tone"] == "muted"]
    (error,) = errors
    top, bottom = error["y"], error["y2"]
    assert (bottom - top) / panel_height(drawing) == pytest.approx(3.5 / 27, abs=0.01)
    assert "↑ higher is worse" in words(drawing)


def panel_height(drawing):
    """Return the height of the first panel, from the edges that are drawn across."""
    across = [row for row in drawing.rules if (row["x"], row["x2"], row["dx"]) == (0, 1, 0)]
    edges = sorted(row["y"] for row in across if row["tone"] == "grid")
    return edges[1] - edges[0]


@pytest.mark.parametrize("name", CASES)
def test_no_text_is_smaller_than_twelve_pixels(name):
    assert {row["size"] for row in drawn(CASES[name]()).labels} <= {12, 14}
