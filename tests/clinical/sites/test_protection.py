"""Counts in steps: what they keep, and what a linear programme makes of them."""

import random
from collections import defaultdict
from datetime import date

import pytest

from dashboard.clinical.sites.indicators import INDICATORS
from dashboard.clinical.sites.protection import (
    MISSED_BESIDES,
    NEVER_OPEN,
    NOT_MEASURED,
    OUT_OF_CONTACT,
    PARTS,
    POPULATIONS,
    STEP,
    SUMS_OF_OTHERS,
    WITHIN_SITE,
    Cell,
    Population,
    Split,
    _margins,
    count_in_steps,
    indicators_in_steps,
    waits_in_steps,
)
from tests.support.small_counts_attack import (
    LEAST,
    Attack,
    Group,
    columns_of,
    groups_of,
    negative,
    recovered,
    small,
)

SECRET = b"a secret of the tests"
RATE = Population(("cases",), (Split(("measured",)), Split(("yes",), within="measured")))
COUNT = Population(("cases",))
FATES = Population(("cases",), (Split(("followed",)), Split(("declined",), after=("followed",))))


def month(number):
    return date(2024 + number // 12, number % 12 + 1, 1)


def programme(seed, population, sites, months, most):
    """Return a made-up programme: sites, nurses, kinds and severities of different sizes."""
    chance = random.Random(seed)  # noqa: S311
    cells = [
        (Cell(site, nurse, kind, severity), chance.random())
        for site in range(sites)
        for nurse in {site, site // 2}
        for kind in ("leger", "classique")
        for severity in ("mild", "severe")
    ]
    share = {split.columns[0]: chance.choice((0.03, 0.4, 0.95)) for split in population.splits}
    made = {}
    for number in range(months):
        for cell, size in cells:
            if chance.random() < 0.5:
                numbers = cases(chance, population, share, chance.randint(0, round(most * size)))
                made.setdefault(month(number), {})[cell] = numbers
    return made


def cases(chance, population, share, number):
    found = dict.fromkeys(columns_of(population), 0)
    for _case in range(number):
        said = {population.columns[0]}
        for split in population.splits:
            asked = split.within is None or split.within in said
            if asked and not said & set(split.after) and chance.random() < share[split.columns[0]]:
                said.add(split.columns[0])
        for column in said:
            found[column] += 1
    return found


@pytest.mark.thorough
@pytest.mark.long
@pytest.mark.parametrize("population", [COUNT, RATE, FATES], ids=["count", "rate", "fates"])
@pytest.mark.parametrize(("sites", "months", "most"), [(1, 12, 3), (2, 12, 8), (4, 6, 5)])
def test_no_small_count_is_recovered_from_every_view_together(population, sites, months, most):
    attacked = 0
    for seed in range(3):
        exact = programme(seed, population, sites, months, most)
        attack = Attack(population, exact, count_in_steps(exact, SECRET, [population]))
        assert attack.explains(exact)
        wanted = small(groups_of(exact, population), exact)
        for group in random.Random(seed).sample(wanted, min(len(wanted), 12)):  # noqa: S311
            between = attack.range_of(group)
            assert between[0] <= group.size(exact) <= between[1]
            assert not recovered(between), (group, between)
            attacked += 1
    assert attacked


def test_the_attack_recovers_counts_that_are_not_protected():
    """33 in the year, 14 and 11 in its other months: December's 8, where the counts are exact."""
    exact = {
        month(number): {Cell(1, 1): {"cases": cases}} for number, cases in enumerate((14, 11, 8))
    }
    attack = Attack(COUNT, exact, exact)
    december = Group("cases", (month(2),), frozenset({Cell(1, 1)}))
    assert not recovered(attack.range_of(december))
    for first, last in ((0, 2), (0, 0), (1, 1)):
        months = tuple(month(number) for number in range(first, last + 1))
        known = Group("cases", months, december.cells)
        attack.programme.between(attack.row_of(known), known.size(exact), known.size(exact))
    assert attack.range_of(december) == (8, 8)
    assert recovered(attack.range_of(december))


@pytest.mark.parametrize("population", [COUNT, RATE, FATES], ids=["count", "rate", "fates"])
def test_counts_in_steps_are_those_of_some_registry(population):
    exact = programme(7, population, 4, 24, 8)
    for cells in count_in_steps(exact, SECRET, [population]).values():
        for numbers in cells.values():
            total = numbers["cases"]
            assert all(number >= 0 and number % STEP == 0 for number in numbers.values())
            for split in population.splits:
                asked = numbers.get(split.within, 0) if split.within else total
                asked -= sum(numbers.get(one, 0) for one in split.after)
                assert numbers.get(split.columns[0], 0) <= asked


def test_the_area_is_less_than_a_step_away_over_any_months():
    exact = programme(3, RATE, 4, 36, 8)
    shown = count_in_steps(exact, SECRET, [RATE])
    cells = frozenset(cell for of_month in exact.values() for cell in of_month)
    months = sorted(exact)
    for first in range(len(months)):
        for last in range(first, len(months)):
            group = Group("cases", tuple(months[first : last + 1]), cells)
            assert abs(group.size(shown) - group.size(exact)) < STEP


def test_a_site_has_never_a_step_too_many():
    exact = programme(4, RATE, 4, 36, 8)
    shown = count_in_steps(exact, SECRET, [RATE])
    for site in range(4):
        cells = frozenset(
            cell for of_month in exact.values() for cell in of_month if cell.site == site
        )
        for number in range(1, 37):
            for column in columns_of(RATE):
                group = Group(column, tuple(sorted(exact)[:number]), cells)
                assert group.size(shown) - group.size(exact) < STEP


def test_asking_again_says_nothing_new():
    exact = programme(5, RATE, 2, 12, 8)
    assert count_in_steps(exact, SECRET, [RATE]) == count_in_steps(exact, SECRET, [RATE])
    assert count_in_steps(exact, SECRET, [RATE]) != count_in_steps(exact, b"another", [RATE])


def test_every_column_of_the_indicators_is_of_one_population():
    columns = [
        column
        for population in POPULATIONS
        for one in (population, *population.splits)
        for column in one.columns
    ]
    sums = [column for one in SUMS_OF_OTHERS for column in INDICATORS[one].columns]
    assert sorted([*columns, *sums]) == sorted(
        [
            NEVER_OPEN,
            *PARTS,
            *(column for indicator in INDICATORS.values() for column in indicator.columns),
        ]
    )


def test_who_is_open_is_who_was_enrolled_without_who_was_closed():
    """Check it in steps too: else the three together would say more than each.

    Of nine enrolled a month from January four are closed the month after, and one has no day of
    closing.
    """
    exact = {}
    for number in range(12):
        closed, enrolled = (4 if number else 0), 9
        open_ = (number + 1) * (enrolled - 1) - number * 4
        exact[month(number)] = {
            Cell(1, 1): {
                "consent_recorded_eligible": enrolled,
                "closed_as_lost_eligible": closed,
                "active_caseload": open_,
                "measured_eligible": open_,
                "lost_to_follow_up_eligible": open_ + closed,
                "contact_and_score_eligible": open_ + closed,
            }
        }
    shown = indicators_in_steps(exact, SECRET)
    before = 0
    for cells in shown.values():
        of = cells[Cell(1, 1)]
        closed = of.get("closed_as_lost_eligible", 0)
        change = of.get("consent_recorded_eligible", 0) - closed
        assert change - (of["active_caseload"] - before) in {0, STEP}
        assert of["lost_to_follow_up_eligible"] == of["measured_eligible"] + closed
        assert of["contact_and_score_eligible"] == of["lost_to_follow_up_eligible"]
        before = of["active_caseload"]
    assert abs(before - 52) <= 3 * STEP


@pytest.mark.thorough
@pytest.mark.parametrize("sites", [1, 3])
def test_figures_of_patients_who_lack_a_score_or_a_contact_reveal_no_small_count_together(sites):
    """Check the parts of one month, where one group is known to be within two others.

    A patient out of contact has no contact in the month either. So that patient is not measured, or
    has missed contact or score besides.
    """
    september = (month(8),)
    parts = (NOT_MEASURED, MISSED_BESIDES, OUT_OF_CONTACT)
    populations = [Population((part,), snapshot=True) for part in parts]
    attacked = 0
    for seed in range(4):
        chance = random.Random(seed)  # noqa: S311
        exact = {september[0]: {}}
        for cell in programme(seed, COUNT, sites, 2, 3).get(month(0), {}):
            numbers = [chance.randint(0, 4), chance.randint(0, 4)]
            numbers.append(chance.randint(0, sum(numbers)))
            exact[september[0]][cell] = dict(zip(parts, numbers, strict=True))
        shown = {september[0]: {}} | count_in_steps(exact, SECRET, populations)
        attack, *others = (Attack(one, exact, shown) for one in populations)
        for other in others:
            attack.join(other)
        for cell in exact[september[0]]:
            first, besides, out = (
                attack.row_of(Group(part, september, frozenset({cell}))) for part in parts
            )
            attack.programme.at_most(negative(first) | negative(besides) | out, 0)
        for cells in {group.cells for group in groups_of(exact, COUNT, (1,))}:
            groups = [Group(part, september, cells) for part in parts]
            for summed in ([groups[0]], [groups[1]], [groups[2]], groups[:2]):
                size = sum(group.size(exact) for group in summed)
                if not 0 < size < LEAST:
                    continue
                row = {}
                for group in summed:
                    row |= attack.row_of(group)
                between = attack.programme.range_of(row)
                assert between[0] <= size <= between[1]
                assert not recovered(between), (summed, between)
                attacked += 1
    assert attacked


def test_contact_and_score_is_added_up_from_the_figures_that_it_contains():
    """Check 20 active patients, 8 without a recent PHQ-9, and 4 closed; 15 missed one or both."""
    of = {
        "consent_recorded_eligible": 24,
        "closed_as_lost_eligible": 4,
        "active_caseload": 20,
        "measured_eligible": 20,
        "measured": 12,
        "lost_to_follow_up_eligible": 24,
        "contact_and_score_eligible": 24,
        "contact_and_score": 9,
    }
    [cells] = indicators_in_steps({month(0): {Cell(1, 1): of}}, SECRET).values()
    shown = defaultdict(int, cells[Cell(1, 1)])
    closed = shown["closed_as_lost_eligible"]
    assert shown["contact_and_score_eligible"] == shown["measured_eligible"] + closed
    assert shown["contact_and_score"] <= shown["measured"] + closed
    assert abs(shown["contact_and_score"] - 9) < 3 * STEP


def test_a_snapshot_is_counted_anew_each_month():
    """Fifty open episodes a month are fifty each month, and no six hundred at the end."""
    caseload = Population(("cases",), snapshot=True)
    exact = {month(number): {Cell(1, 1): {"cases": 50}} for number in range(12)}
    shown = count_in_steps(exact, SECRET, [caseload])
    found = {numbers["cases"] for cells in shown.values() for numbers in cells.values()}
    assert found <= {48, 54}


def test_of_waits_the_median_stays_and_days_are_of_cases():
    """Check 100 waits of 1 to 100 days: half of them 50 or fewer, nine of ten 90 or fewer."""
    exact = {month(0): {Cell(1, 1): dict.fromkeys(range(1, 101), 1)}}
    [cells] = waits_in_steps(exact, SECRET, "wait").values()
    days = sorted(one for one, cases in cells[Cell(1, 1)].items() for _case in range(cases))
    assert len(days) in {96, 102}
    assert abs(days[len(days) // 2] - 50) <= 6
    assert abs(days[len(days) * 9 // 10] - 90) <= 8


def test_the_margins_that_differ_within_a_site_come_before_those_that_do_not():
    one, other = _margins(Cell(1, 1, "leger", "mild")), _margins(Cell(1, 2, "classique", "severe"))
    assert all(a != b for a, b in zip(one[:WITHIN_SITE], other[:WITHIN_SITE], strict=True))
    assert one[WITHIN_SITE:] == other[WITHIN_SITE:]
