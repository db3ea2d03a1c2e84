"""The facts of an episode on a day: the current ones, the first, the last."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from dashboard.clinical.episodes import (
    ConditionFact,
    DatedScore,
    Medication,
    counted_status,
    unbroken_run_start,
)
from tests.support.stories import day, episode_on

OXAZEPAM = Medication(1, "N05BA04", "oxazepam", Decimal(30), False, day(10), day(20))


@pytest.mark.parametrize(
    ("stored", "counted"),
    [
        ("relapse_prevention", "relapse_prevention"),
        ("active", "active"),
        ("closed", "active"),
        ("on hold", "active"),
        (None, "active"),
    ],
)
def test_an_episode_counts_as_active_unless_it_is_in_relapse_prevention(stored, counted):
    assert counted_status(stored) == counted


@pytest.mark.parametrize(
    ("stopped_on", "today", "current"),
    [
        (None, 9, False),
        (None, 10, True),
        (None, 900, True),
        (20, 10, True),
        (20, 19, True),
        (20, 20, False),
        (20, 21, False),
        # Stopped on the day it began, or before: never current.
        (10, 10, False),
        (5, 10, False),
    ],
)
def test_a_drug_is_current_from_its_start_until_the_day_before_it_is_stopped(
    stopped_on, today, current
):
    row = replace(OXAZEPAM, stopped_on=None if stopped_on is None else day(stopped_on))
    assert row.current_on(day(today)) is current


@pytest.mark.parametrize(
    ("code", "pregnancy", "long_qt"),
    [
        ("Z33", True, False),
        ("Z34", True, False),
        ("Z34.9", True, False),
        ("Z35", True, False),
        ("Z32", False, False),
        ("Z36", False, False),
        ("Z3", False, False),
        ("I45.8", False, True),
        ("I45.81", False, True),
        ("I45.9", False, False),
        ("I45", False, False),
    ],
)
def test_pregnancy_and_long_qt_are_known_by_their_codes(code, pregnancy, long_qt):
    condition = ConditionFact(code, "", day(0))
    assert (condition.is_pregnancy, condition.is_long_qt) == (pregnancy, long_qt)


def test_the_baseline_is_the_first_score_and_the_latest_the_last():
    episode = episode_on("0 PHQ-9 12\n10 PHQ-9 0\n20 PHQ-9 7", 30)
    assert episode.baseline == DatedScore(day(0), 12)
    assert episode.latest == DatedScore(day(20), 7)


def test_without_scores_and_reviews_there_is_no_baseline_no_latest_no_last():
    episode = episode_on("", 30)
    assert (episode.baseline, episode.latest, episode.last_review) == (None, None, None)
    assert not episode.reviewed_since(day(0))


def test_reviewed_since_a_day_is_on_that_day_or_later():
    episode = episode_on("10 review\n20 review next 40", 30)
    assert episode.last_review is not None
    assert (episode.last_review.signed_on, episode.last_review.next_review_on) == (day(20), day(40))
    assert [episode.reviewed_since(day(number)) for number in (19, 20, 21)] == [True, True, False]


# Rows of one drug as (start, stop) in order of start; the last is the one that is current.
@pytest.mark.parametrize(
    ("title", "rows", "start"),
    [
        ("one row", [(0, None)], 0),
        ("the next starts on the day the last was stopped", [(0, 20), (20, None)], 0),
        ("the next starts on the day after", [(0, 20), (21, None)], 0),
        ("a day between", [(0, 20), (22, None)], 22),
        ("three in a row", [(0, 20), (20, 40), (41, None)], 0),
        ("a gap, then two in a row", [(0, 20), (30, 40), (41, None)], 30),
        ("two gaps", [(0, 20), (30, 40), (50, None)], 50),
        ("a short row within a long one", [(0, 50), (10, 20), (51, None)], 0),
        ("a row that was never stopped", [(0, None), (10, 20), (90, None)], 0),
        ("a short row, then one never stopped", [(0, 20), (10, None), (90, None)], 0),
        ("two that start on one day", [(0, 20), (0, None)], 0),
        ("stopped before it began", [(10, 5), (10, None)], 10),
    ],
)
def test_an_unbroken_run_starts_where_no_day_was_missed(title, rows, start):
    taken = [
        replace(
            OXAZEPAM,
            id=number,
            started_on=day(first),
            stopped_on=None if last is None else day(last),
        )
        for number, (first, last) in enumerate(rows, 1)
    ]
    assert unbroken_run_start(taken, taken[-1]) == day(start)


def test_a_run_is_of_one_drug_and_ends_with_the_row_in_question():
    others = [
        replace(OXAZEPAM, id=2, atc_code="N05BA12", started_on=day(0), stopped_on=day(30)),
        replace(OXAZEPAM, id=3, started_on=day(19), stopped_on=None),
    ]
    assert unbroken_run_start([others[0], OXAZEPAM, others[1]], OXAZEPAM) == day(10)
    assert unbroken_run_start([others[0], OXAZEPAM, others[1]], others[1]) == day(10)
    assert unbroken_run_start([others[0], OXAZEPAM], others[0]) == day(0)


def test_a_later_row_does_not_reach_back():
    later = replace(OXAZEPAM, id=2, started_on=OXAZEPAM.started_on + timedelta(days=40))
    assert unbroken_run_start([OXAZEPAM, later], later) == later.started_on
    assert unbroken_run_start([OXAZEPAM, later], OXAZEPAM) == OXAZEPAM.started_on
