"""No small count can be worked out from all that is shown.

The attacker knows every figure that is shown, the ranges of the hidden ones, every total, and
that no count is greater than the one above it. The linear programme of scipy finds for each
small group the least and the greatest number that all of that leaves possible.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from dashboard.clinical.suppression import (
    COLUMNS,
    LEAST,
    Shown,
    ShownTally,
    Tally,
    counts_within,
    is_small,
    shown_counts,
    shown_parts,
    shown_within,
)


def tally(eligible, measured, numerator):
    return Tally(eligible, measured, numerator)


def values(shown: ShownTally):
    return tuple(getattr(shown, column).value for column in COLUMNS)


@pytest.mark.parametrize(
    ("title", "parts", "shown", "whole"),
    [
        (
            "nothing is hidden where every group has eleven or more",
            [(60, 45, 22), (80, 60, 30)],
            [(60, 45, 22), (80, 60, 30)],
            (140, 105, 52),
        ),
        (
            "a small site is hidden whole, and so is the next smallest",
            [(7, 6, 3), (60, 45, 22), (80, 60, 30)],
            [(None, None, None), (None, None, None), (80, 60, 30)],
            (147, 111, 55),
        ),
        (
            "few in the numerator: the rate goes, and a second one with it",
            [(60, 45, 4), (50, 35, 20), (80, 60, 30)],
            [(60, 45, None), (50, 35, None), (80, 60, 30)],
            (190, 140, 54),
        ),
        (
            "few who are not in the numerator are few too",
            [(60, 45, 40), (50, 35, 20), (80, 60, 30)],
            [(60, 45, None), (50, 35, None), (80, 60, 30)],
            (190, 140, 90),
        ),
        (
            "few who were not measured",
            [(60, 55, 30), (50, 35, 20), (80, 60, 30)],
            [(60, None, 30), (50, None, 20), (80, 60, 30)],
            (190, 150, 80),
        ),
        (
            "a zero is nobody",
            [(60, 45, 0), (80, 60, 30)],
            [(60, 45, 0), (80, 60, 30)],
            (140, 105, 30),
        ),
        (
            "a site without patients hides nobody",
            [(0, 0, 0), (7, 6, 3), (60, 45, 22)],
            [(0, 0, 0), (None, None, None), (None, None, None)],
            (67, 51, 25),
        ),
        ("one small site alone hides the whole", [(7, 6, 3)], [(None,) * 3], (None,) * 3),
    ],
)
def test_what_is_hidden(title, parts, shown, whole):
    found, total = shown_parts([tally(*one) for one in parts])
    assert [values(one) for one in found] == shown, title
    assert values(total) == whole, title


def test_of_a_hidden_rate_it_is_said_that_it_is_low_or_high():
    low, high, _other = shown_parts([tally(60, 60, 4), tally(60, 60, 55), tally(80, 80, 40)])[0]
    assert low.numerator == Shown(1, 10)
    assert high.numerator == Shown(50, 59)


def test_two_hidden_counts_whose_total_gives_them_away_need_a_third():
    """10 and 10 of a total of 20: there is no other way to make it of two from 1 to 10."""
    shown, _whole = shown_parts([tally(60, 60, 10), tally(60, 60, 10), tally(80, 80, 40)])
    assert [one.numerator.is_hidden for one in shown] == [True, True, True]


def test_what_a_filter_leaves_out_is_hidden_too():
    """58 of 60 patients by the filter: the other two are found by subtraction."""
    shown, whole = shown_parts(
        [tally(58, 58, 30), tally(70, 70, 30)], rests=[tally(2, 2, 1), tally(20, 20, 0)]
    )
    assert shown[0].eligible.is_hidden
    assert shown[1].eligible.is_hidden
    assert not whole.eligible.is_hidden


def test_under_thirty_is_marked():
    [one, other], _whole = shown_parts([tally(29, 29, 14), tally(30, 30, 15)])
    assert one.few
    assert not other.few


def test_single_counts():
    shown, whole = shown_counts([3, 40, 60])
    assert [one.value for one in shown] == [None, None, 60]
    assert whole.value == 103


def test_counts_of_a_sum_that_is_shown_elsewhere():
    """10 and 10 of 20: of the hidden ones nothing is said, for the sum cannot be hidden."""
    shown = counts_within([10, 10], Shown(20, 20))
    assert [(one.low, one.value) for one in shown] == [(0, None), (0, None)]
    assert [one.value for one in counts_within([3, 40, 60], Shown(103, 103))] == [None, None, 60]
    assert all(one.is_hidden for one in counts_within([0, 40], Shown(0, 50)))


# The attack.

count = st.one_of(st.integers(0, 14), st.integers(0, 80))


@st.composite
def tallies(draw):
    eligible = draw(count)
    measured = draw(
        st.integers(0, eligible) | st.just(eligible) | st.integers(max(eligible - 12, 0), eligible)
    )
    numerator = draw(st.integers(0, measured) | st.just(0) | st.just(measured))
    return Tally(eligible, measured, numerator)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(tallies(), min_size=1, max_size=7), st.randoms(use_true_random=False))
def test_no_small_group_can_be_recovered(sites, chance):
    months = split(sites, chance)
    shown_sites, whole = shown_parts(sites)
    attack = Attack(whole)
    attack.learn_table(sites, shown_sites)
    attack.learn_table(months, shown_within(months, whole))
    assert attack.recovered() == []


def test_the_attack_finds_what_is_not_hidden():
    """It must be able to fail: a total gives away the one that is missing."""
    sites = [tally(7, 7, 3), tally(60, 60, 30)]
    unprotected = [
        ShownTally(Shown(0, 10**9), Shown(0, 10**9), Shown(0, 10**9)),
        ShownTally(Shown(60, 60), Shown(60, 60), Shown(30, 30)),
    ]
    attack = Attack(ShownTally(Shown(67, 67), Shown(67, 67), Shown(33, 33)))
    attack.learn_table(sites, unprotected)
    assert attack.recovered()


def split(sites, chance):
    """The same patients by month: every group of them falls into five months at random."""
    whole = sum(sites, Tally(0, 0, 0))
    months = [[0, 0, 0] for _month in range(5)]
    for size, steps in (
        (whole.numerator, 3),
        (whole.measured - whole.numerator, 2),
        (whole.eligible - whole.measured, 1),
    ):
        for _patient in range(size):
            month = chance.choice(months)
            for column in range(steps):
                month[column] += 1
    return [Tally(*one) for one in months]


class Attack:
    """What somebody knows who has all that is shown, as a linear programme."""

    def __init__(self, whole):
        self.bounds, self.equal, self.less, self.groups = [], [], [], []
        self.whole = self.triple(whole)

    def variable(self, low, high):
        self.bounds.append((low, high))
        return len(self.bounds) - 1

    def triple(self, shown):
        """Three counts, each at most the one before it."""
        held = [
            self.variable(one.low, min(one.high, 10**6))
            for one in (shown.eligible, shown.measured, shown.numerator)
        ]
        self.less += [({held[1]: 1, held[0]: -1}, 0), ({held[2]: 1, held[1]: -1}, 0)]
        return held

    def learn_table(self, parts, shown):
        held = [self.triple(one) for one in shown]
        for column in range(3):
            self.equal.append(({one[column]: 1 for one in held} | {self.whole[column]: -1}, 0))
        for part, (eligible, measured, numerator) in zip(parts, held, strict=True):
            for size, terms in (
                (part.eligible, {eligible: 1}),
                (part.measured, {measured: 1}),
                (part.numerator, {numerator: 1}),
                (part.eligible - part.measured, {eligible: 1, measured: -1}),
                (part.measured - part.numerator, {measured: 1, numerator: -1}),
                (part.eligible - part.numerator, {eligible: 1, numerator: -1}),
            ):
                if is_small(size):
                    self.groups.append((size, terms))

    def recovered(self):
        """The small groups of which only one size is possible."""
        return [size for size, terms in self.groups if self.most(terms) - self.least(terms) < 1]

    def least(self, terms):
        return round(self.solve(terms, 1), 6)

    def most(self, terms):
        return round(-self.solve(terms, -1), 6)

    def solve(self, terms, sign):
        def row(found):
            line = np.zeros(len(self.bounds))
            for place, factor in found.items():
                line[place] = factor
            return line

        done = linprog(
            sign * row(terms),
            A_ub=[row(one) for one, _ in self.less],
            b_ub=[limit for _, limit in self.less],
            A_eq=[row(one) for one, _ in self.equal],
            b_eq=[limit for _, limit in self.equal],
            bounds=self.bounds,
        )
        assert done.status == 0, done.message
        return done.fun


def test_the_threshold_is_that_of_the_rule():
    assert [is_small(one) for one in (0, 1, LEAST - 1, LEAST)] == [False, True, True, False]
