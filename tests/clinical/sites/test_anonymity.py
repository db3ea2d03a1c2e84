"""Coarsened traits: at least five episodes look alike, and no more is coarsened than that needs."""

from collections import Counter
from random import Random

import pytest

from dashboard.clinical.sites.anonymity import (
    ANY,
    Coarse,
    K,
    Traits,
    candidates,
    coarsened,
    group_sizes,
    horizons,
)


def people(*groups):
    """Return episodes by id: ``(number, site, age, sex)`` for each group."""
    traits = [Traits(site, age, sex) for number, site, age, sex in groups for _ in range(number)]
    return dict(enumerate(traits))


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ([(5, "A", 34, "female")], {Coarse(0, "A", "30-39", "female")}),
        ([(3, "A", 24, "female"), (2, "A", 34, "female")], {Coarse(1, "A", "20-39", "female")}),
        ([(3, "A", 24, "female"), (2, "A", 64, "female")], {Coarse(2, "A", ANY, "female")}),
        ([(3, "A", 24, "female"), (2, "A", 64, "male")], {Coarse(3, "A", ANY, ANY)}),
        ([(3, "A", 24, "female"), (2, "B", 64, "male")], {Coarse(4, ANY, ANY, ANY)}),
        ([(1, "A", 24, "female")], {Coarse(4, ANY, ANY, ANY)}),
        (
            [(6, "A", 34, "female"), (9, "A", 44, "male"), (1, "B", 70, "male")],
            {Coarse(0, "A", "40-49", "male"), Coarse(4, ANY, ANY, ANY)},
        ),
        ([], set()),
    ],
)
def test_rare_traits_are_coarsened_step_by_step(groups, expected):
    assert set(coarsened(people(*groups)).values()) == expected


def test_ages_of_one_band_are_one_group():
    assert len(set(coarsened(people((3, "A", 30, "male"), (2, "A", 39, "male"))).values())) == 1


@pytest.mark.parametrize("seed", range(20))
def test_every_group_has_at_least_k_members_and_nobody_is_lost(seed):
    random = Random(seed)  # noqa: S311
    traits = {
        number: Traits(
            random.choice("AAABBCDE"), random.randint(18, 95), random.choice(["female", "male"])
        )
        for number in range(random.randint(K, 300))
    }
    coarse = coarsened(traits)
    assert coarse.keys() == traits.keys()
    assert min(group_sizes(coarse).values()) >= K


@pytest.mark.parametrize("seed", range(20))
def test_observer_finds_the_person_among_at_least_k(seed):
    random = Random(seed)  # noqa: S311
    traits = {
        number: Traits(random.choice("ABC"), random.randint(18, 90), random.choice(["f", "m"]))
        for number in range(120)
    }
    coarse = coarsened(traits)
    for number, known in traits.items():
        groups = candidates(coarse, known)
        assert any(number in group for group in groups)
        assert min(map(len, groups)) >= K


@pytest.mark.parametrize(
    ("elapsed", "expected"),
    [
        ([90] * 9, {}),
        ([91] * 5 + [181] * 5, {91: 10}),
        ([100] * 5 + [200] * 5 + [400] * 5, {91: 5, 182: 5, 365: 5}),
        # Two old episodes would stand alone; they are cut at the horizon before.
        ([100] * 5 + [200] * 5 + [800] * 2, {91: 5, 182: 7}),
        ([4000] * 6, {1825: 6}),
        ([4000] * 2, {91: 2}),
    ],
)
def test_record_is_cut_at_the_last_horizon_that_enough_episodes_have_reached(elapsed, expected):
    assert Counter(horizons(dict(enumerate(elapsed))).values()) == expected


def test_episodes_of_different_horizons_do_not_hide_each_other():
    traits = {
        number: Traits("A", 34, "male", horizon)
        for number, horizon in enumerate([91] * 5 + [365] * 5)
    }
    assert sorted(group_sizes(coarsened(traits)).values()) == [5, 5]
