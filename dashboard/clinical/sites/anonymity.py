"""Coarsening of quasi-identifiers until enough episodes share each combination of them
(k-anonymity).

A quasi-identifier is a trait that an observer may know: the site, the age or the sex. A rare
combination is made coarser, step by step, until at least ``K`` episodes share it (Sweeney 2002,
10.1142/S0218488502001648). All episodes with the same traits are coarsened together. Therefore the
group of a person has everybody whom an observer could confuse with that person.

An observer may also know the month of enrolment, which the length of a record would reveal.
Therefore each record is cut after a number of days (its horizon), and all episodes of a group have
the same horizon.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

K = 5
"""Smallest number of episodes that share the same published traits [proposal]."""

HORIZONS = (91, 182, 365, 730, 1095, 1460, 1825)
"""The horizons: the numbers of days after enrolment at which a record can be cut. An episode is
left out until the first horizon after its enrolment.
"""

ANY = ""
"""The value that takes the place of a trait that coarsening has removed."""


@dataclass(frozen=True)
class Traits:
    """Traits of an episode that an observer may know. The age is in years at enrolment.

    ``horizon`` is the number of days after enrolment at which the record is cut. It is never
    coarsened, because an observer who knows the month of enrolment can derive it.
    """

    site: str
    age: int
    sex: str
    horizon: int = HORIZONS[0]


@dataclass(frozen=True, order=True)
class Coarse:
    """Traits of an episode as they are published. ``level`` is the number of steps of coarsening,
    from 0 to 4.
    """

    level: int
    site: str
    age_band: str
    sex: str
    horizon: int = HORIZONS[0]


def horizons(elapsed: Mapping[int, int], k: int = K) -> dict[int, int]:
    """Return the horizon of each episode: the number of days after enrolment at which its record is
    cut. ``elapsed`` has the days since enrolment, by episode id.

    The horizon is the last of ``HORIZONS`` that the episode has reached. If fewer than ``k``
    episodes have a horizon, they get the one before. Episodes that have not reached the first
    horizon are left out.
    """
    found = {
        number: max(one for one in HORIZONS if one <= days)
        for number, days in elapsed.items()
        if days >= HORIZONS[0]
    }
    for earlier, later in reversed(list(pairwise(HORIZONS))):
        there = [number for number, horizon in found.items() if horizon == later]
        if len(there) < k:
            found |= dict.fromkeys(there, earlier)
    return found


def coarsened(traits: Mapping[int, Traits], k: int = K) -> dict[int, Coarse]:
    """Return the coarse traits of each episode, by episode id.

    At least ``k`` episodes share each combination of site, age band, sex and horizon in the result.
    If fewer than ``k`` episodes have a horizon, only the horizon of these episodes is published.
    """
    level: dict[Traits, int] = dict.fromkeys(map(_of_ten_years, traits.values()), 0)
    size = Counter(map(_of_ten_years, traits.values()))
    while small := _to_coarsen(level, size, k):
        for one in small:
            level[one] += 1
    return {
        number: _at_level(_of_ten_years(one), level[_of_ten_years(one)])
        for number, one in traits.items()
    }


def group_sizes(coarse: Mapping[int, Coarse]) -> Counter[Coarse]:
    """Return the number of episodes with each combination of coarse traits."""
    return Counter(coarse.values())


def candidates(coarse: Mapping[int, Coarse], known: Traits) -> list[list[int]]:
    """Return the groups to which a person with the traits ``known`` can belong, the finest group
    first.

    Each group is a list of episode ids. The episode of the person is in one of the groups.
    """
    by_group: dict[Coarse, list[int]] = defaultdict(list)
    for number, one in coarse.items():
        by_group[one].append(number)
    fitting = (_at_level(_of_ten_years(known), level) for level in range(_LEVELS))
    return [by_group[group] for group in fitting if group in by_group]


_LEVELS = 5


def _to_coarsen(
    level: Mapping[Traits, int], size: Mapping[Traits, int], k: int
) -> list[Traits] | None:
    """Return the combinations of traits to coarsen in the next step; None if no step is left.

    A group of episodes is small if it has fewer than ``k`` episodes. Return all combinations of the
    small groups at the finest level that has any. If only groups at the coarsest level are small,
    return the combinations of the smallest other group with the same horizon, so that it can join
    them.
    """
    groups: dict[Coarse, list[Traits]] = defaultdict(list)
    for one, its_level in level.items():
        groups[_at_level(one, its_level)].append(one)
    sizes = {group: sum(size[one] for one in members) for group, members in groups.items()}
    small = [group for group in groups if sizes[group] < k]
    coarsest = _LEVELS - 1
    if finer := [group for group in small if group.level < coarsest]:
        lowest = min(group.level for group in finer)
        return [one for group in finer if group.level == lowest for one in groups[group]]
    for alone in small:
        others = [
            group for group in groups if group.horizon == alone.horizon and group.level < coarsest
        ]
        if others:
            return groups[min(others, key=lambda group: (sizes[group], group))]
    return None


def _at_level(one: Traits, level: int) -> Coarse:
    """Return the traits at a level of coarsening, from 0 to 4.

    At level 0, the age is in bands of ten years. At level 1, it is in bands of twenty years. Level
    2 removes the age, level 3 also the sex, and level 4 also the site.
    """
    decade = one.age // 10 * 10
    score = one.age // 20 * 20
    return (
        Coarse(0, one.site, f"{decade}-{decade + 9}", one.sex, one.horizon),
        Coarse(1, one.site, f"{score}-{score + 19}", one.sex, one.horizon),
        Coarse(2, one.site, ANY, one.sex, one.horizon),
        Coarse(3, one.site, ANY, ANY, one.horizon),
        Coarse(4, ANY, ANY, ANY, one.horizon),
    )[level]


def _of_ten_years(one: Traits) -> Traits:
    """Return the traits with the age replaced by the first year of its band of ten years."""
    return Traits(one.site, one.age // 10 * 10, one.sex, one.horizon)
