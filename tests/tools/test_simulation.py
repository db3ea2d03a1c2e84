"""The simulation compares orders fairly: the same luck, nothing of the future, our own rules."""

import numpy as np
import pytest

from dashboard.clinical.caseload.ranking import ranked
from tools.simulation.policies import POLICIES, Caseload
from tools.simulation.report import summarised
from tools.simulation.world import Assumptions, Patient, day_of
from tools.simulation.year import Tally

WORLD = Assumptions()


def patient(number=1, *, enrolled=0, weeks=12):
    one = Patient(number, enrolled, np.random.default_rng((5, number)), WORLD)
    for week in range(enrolled // 7, enrolled // 7 + weeks):
        one.live(week)
        one.record(week, Tally().wait)
    return one


def test_a_patient_has_the_same_luck_whatever_happens_to_others():
    alone = patient(2)
    patient(1)
    assert patient(2).facts(90) == alone.facts(90)


def test_what_is_on_record_holds_nothing_of_the_future():
    one = patient(weeks=12)
    assert max(score.day for score in one.facts(90).phq9) <= day_of(12 * 7)
    one.review(90)
    one.lines[0:] = []
    assert one.facts(90).last_review.signed_on == day_of(90)


def test_an_answer_that_comes_later_is_not_known_yet():
    one = patient()
    one.review(90)
    for line in one.lines:
        line.answered, line.outcome = 100, "done"
    assert [advice.outcome for advice in one.facts(99).standing_advice] == [None] * len(one.lines)
    assert [advice.outcome for advice in one.facts(100).standing_advice] == ["done"] * len(
        one.lines
    )


@pytest.mark.parametrize("name", POLICIES)
def test_every_order_lists_each_patient_once(name):
    patients = [patient(number, enrolled=7 * (number % 5)) for number in range(1, 20)]
    order = POLICIES[name](Caseload(patients, 120))
    assert sorted(order) == list(range(1, 20))


def test_version_2_is_the_order_of_the_product():
    patients = [patient(number, enrolled=7 * (number % 5)) for number in range(1, 20)]
    listed = ranked([one.facts(120) for one in patients], day_of(120))
    expected = [place.episode.episode_id for place in listed]
    assert POLICIES["version 2"](Caseload(patients, 120)) == expected


def test_alphabetical_goes_on_where_the_last_meeting_stopped():
    patients = [patient(number) for number in range(1, 6)]
    by_name = sorted(patients, key=lambda one: one.name)
    order = POLICIES["alphabetical"](Caseload(patients, 120, last_name=by_name[1].name))
    assert order == [one.number for one in (*by_name[2:], *by_name[:2])]


def test_a_mean_comes_with_half_of_its_95_percent_interval():
    outcomes = {f"base|version 2|12|{seed}": {"x": value} for seed, value in ((1, 1.0), (2, 3.0))}
    ((mean, half),) = [of["x"] for of in summarised(outcomes).values()]
    assert mean == 2
    assert half == pytest.approx(1.96, abs=0.001)
