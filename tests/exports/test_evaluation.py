"""The data set for evaluators: pseudonyms by key, coarsened traits, no small counts of a site."""

import pytest

from dashboard.clinical.sites.anonymity import K
from dashboard.clinical.sites.evaluation import Enrolled, Tally
from dashboard.exports.evaluation import (
    disclosure_report,
    indicator_rows,
    pseudonym,
    pseudonymised,
)

KEY = b"k" * 32


def enrolled(number, *, site=7, age=34, sex="female", diagnosis="F32", patient=None):
    facts = {"diagnosis": diagnosis, "status": "active"}
    return Enrolled(number, patient or 1000 + number, site, age, sex, 91, facts)


def test_pseudonym_depends_on_the_key_and_is_the_same_next_time():
    first, again = (pseudonymised([enrolled(1)], KEY).episode[1] for _ in range(2))
    assert first == again
    assert first != pseudonymised([enrolled(1)], b"x" * 32).episode[1]


def test_episodes_of_one_person_share_the_pseudonym_of_the_person():
    rows = pseudonymised([enrolled(1, patient=5), enrolled(2, patient=5)], KEY).rows
    assert len({row["person"] for row in rows}) == 1
    assert len({row["episode"] for row in rows}) == 2


def test_rows_are_in_the_order_of_their_pseudonyms_not_of_their_ids():
    rows = pseudonymised([enrolled(number) for number in range(20)], KEY).rows
    names = [row["episode"] for row in rows]
    assert names == sorted(names)
    assert names != [pseudonym(KEY, "episode", number) for number in range(20)]


def test_sites_have_letters_of_one_sign_and_then_of_two():
    sites = pseudonymised([enrolled(number, site=number) for number in range(54)], KEY).sites
    named = sorted(sites.values(), key=lambda letters: (len(letters), letters))
    assert named[24:29] == ["Y", "Z", "AA", "AB", "AC"]
    assert named[50:] == ["AY", "AZ", "BA", "BB"]


def test_diagnosis_of_fewer_than_k_episodes_is_left_out():
    episodes = [enrolled(number) for number in range(K)]
    data = pseudonymised([*episodes, enrolled(90, diagnosis="F60")], KEY)
    assert sorted({row["diagnosis"] for row in data.rows}) == ["", "F32"]
    assert data.rare_diagnoses == 1


@pytest.mark.parametrize(
    ("numerator", "measured", "shown"),
    [(0, 4, False), (4, 20, False), (16, 20, False), (0, 20, True), (5, 10, True), (20, 20, True)],
)
def test_rate_of_a_site_is_shown_only_if_neither_side_is_small(numerator, measured, shown):
    (row,) = indicator_rows([Tally("response", 7, numerator, measured, measured)], {7: "A"})
    assert (row["rate"] is not None) is shown
    assert (row["numerator"] is not None) is shown
    assert row["axis"] == "reproducibility"


@pytest.mark.parametrize(
    ("cases", "shown"),
    [
        # The total less the two large sites would be the small one.
        ({1: (20, 40), 2: (10, 20), 3: (1, 3)}, [1]),
        ({1: (20, 40), 2: (1, 3), 3: (0, 0)}, []),
        # The difference is that of two sites.
        ({1: (20, 40), 2: (2, 4), 3: (1, 3)}, [1]),
        ({1: (20, 40), 2: (10, 20), 3: (0, 0)}, [1, 2]),
    ],
)
def test_small_count_of_a_site_is_not_the_difference_of_others(cases, shown):
    tallies = [Tally("response", site, *two, two[1]) for site, two in cases.items()]
    rows = indicator_rows(tallies, {1: "1", 2: "2", 3: "3"})
    assert [int(row["site"]) for row in rows if row["numerator"] is not None] == shown


def test_rate_of_all_sites_has_its_interval_and_formulas():
    (row,) = indicator_rows([Tally("response", None, 3, 11, 15)], {})
    assert (row["numerator"], row["measured"], row["eligible"]) == (3, 11, 15)
    assert (row["rate"], row["low_95"], row["high_95"]) == (0.2727, 0.0975, 0.5656)
    assert row["axis"] == "efficacy"
    assert row["formula_fr"] != row["formula_en"]


def test_report_says_what_was_reached_and_coarsened():
    data = pseudonymised([enrolled(n) for n in range(6)] + [enrolled(7, age=80, sex="male")], KEY)
    report = disclosure_report(data)
    assert "Reached: k = 7" in report
    assert "| none of the three | 7 | 1 |" in report
