"""The data set for evaluators: pseudonyms, tables as CSV files, and the disclosure report.

Pseudonyms are keyed digests (HMAC-SHA-256). The key stays at the site, so nobody else can compute
the pseudonym of a patient. With the same key, the next data set has the same pseudonyms. The site
is given as a letter and the age in bands. If too few episodes look alike, the age, the sex and then
the site are left out (``clinical.sites.anonymity``). Rare diagnoses are left out.
"""

import csv
import hmac
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from dashboard.clinical.sites.anonymity import ANY, Coarse, K, Traits, coarsened, group_sizes
from dashboard.clinical.sites.binomial import wilson_interval
from dashboard.clinical.sites.evaluation import Enrolled, Tally
from dashboard.clinical.sites.indicators import INDICATORS
from dashboard.exports.evaluation_tables import Table
from dashboard.locale import speaking
from dashboard.words.sites.indicators import formula

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Pseudonymised:
    """The episodes of a data set in the form that evaluators receive.

    ``episode`` maps the id of each episode to its pseudonym. ``sites`` maps the id of each site to
    the letter that stands for the site, such as A. ``rare_diagnoses`` is the number of episodes
    whose rare diagnosis was left out.
    """

    rows: list[Row]
    episode: Mapping[int, str]
    sites: Mapping[int, str]
    coarse: Mapping[int, Coarse]
    rare_diagnoses: int


def pseudonymised(episodes: Sequence[Enrolled], key: bytes) -> Pseudonymised:
    """Return the episodes with pseudonyms, and with coarse traits (``coarsened``).

    The rows are sorted by pseudonym, so that their order reveals nothing about the ids.
    """
    sites = _letters({one.site_id for one in episodes}, key)
    coarse = coarsened(
        {
            one.episode_id: Traits(sites[one.site_id], one.age, one.sex, one.horizon)
            for one in episodes
        }
    )
    common = Counter(one.facts["diagnosis"] for one in episodes)
    names = {one.episode_id: pseudonym(key, "episode", one.episode_id) for one in episodes}
    rows: list[Row] = []
    rare = 0
    for one in episodes:
        traits, facts = coarse[one.episode_id], dict(one.facts)
        if facts["diagnosis"] is not None and common[facts["diagnosis"]] < K:
            facts["diagnosis"], rare = ANY, rare + 1
        rows.append(
            {
                "episode": names[one.episode_id],
                "person": pseudonym(key, "person", one.patient_id),
                "site": traits.site,
                "age_band": traits.age_band,
                "sex": traits.sex,
                **facts,
            }
        )
    return Pseudonymised(
        sorted(rows, key=lambda row: str(row["episode"])), names, sites, coarse, rare
    )


def pseudonym(key: bytes, kind: str, number: int) -> str:
    """Return the pseudonym of an episode, a person or a site, as 16 hexadecimal digits."""
    return hmac.new(key, f"{kind}/{number}".encode(), sha256).hexdigest()[:16]


def csv_file(table: Table, rows: Iterable[Row]) -> bytes:
    """Return the table as a CSV file in UTF-8, with commas. A missing value is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.heads)
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in table.heads])
    return text.getvalue().encode()


def indicator_rows(tallies: Iterable[Tally], sites: Mapping[int, str]) -> Iterator[Row]:
    """Yield the rows of the indicator table.

    Rates have a 95 % interval (Wilson). For a single site, the figures are empty if they are based
    on fewer than ``K`` cases. A site's rate divides its cases into those in the numerator and the
    others. The figures are empty too if one of these two groups has 1 to ``K`` - 1 cases. If this
    concerns only one site with cases, those of a second site are empty too (``_hidden``). Sites
    without an episode in the data set are left out.
    """
    found = list(tallies)
    hidden = _hidden(found, sites)
    for one in found:
        if one.site_id is not None and one.site_id not in sites:
            continue
        indicator = INDICATORS[one.indicator]
        is_rate = indicator.kind == "rate"
        shown = (one.indicator, one.site_id) not in hidden
        interval = wilson_interval(one.numerator, one.measured) if is_rate and shown else None
        yield {
            "axis": _axis(one),
            "indicator": one.indicator,
            "site": ANY if one.site_id is None else sites[one.site_id],
            "formula_fr": _in("fr", one.indicator),
            "formula_en": _in("en", one.indicator),
            "source": indicator.source,
            "numerator": one.numerator if shown else None,
            "measured": one.measured if shown and is_rate else None,
            "eligible": one.eligible if shown and is_rate else None,
            "rate": round(one.numerator / one.measured, 4) if interval else None,
            "low_95": round(interval[0], 4) if interval else None,
            "high_95": round(interval[1], 4) if interval else None,
        }


def disclosure_report(data: Pseudonymised) -> str:
    """Return the report on what an observer could learn, as Markdown in English.

    Episodes look alike if they have the same site, age band, sex and length of the record. The
    report gives the sizes of the five smallest groups of episodes that look alike. It also gives
    the number of episodes for each level of coarsening.
    """
    sizes = group_sizes(data.coarse)
    levels = Counter(one.level for one in data.coarse.values())
    smallest = min(sizes.values(), default=0)
    lines = [
        "# Disclosure report",
        "",
        f"Episodes: {len(data.coarse)}. Sites: {len(data.sites)}, by letter.",
        f"Quasi-identifiers: site, age band at enrolment, sex, and (by the horizon) the month of"
        f" enrolment. Wanted: k = {K}.",
        f"Reached: k = {smallest} (the smallest number of episodes that look alike).",
        "",
        "| group | episodes | groups |",
        "| --- | --- | --- |",
        *(
            f"| {_LEVEL_NAMES[level]} | {levels[level]} | "
            f"{sum(group.level == level for group in sizes)} |"
            for level in sorted(levels)
        ),
        "",
        f"The five smallest groups: {', '.join(map(str, sorted(sizes.values())[:5])) or 'none'}.",
        f"Rare diagnoses left out (fewer than {K} episodes): {data.rare_diagnoses}.",
        "Each record is cut at a horizon, so that its length does not tell the month of enrolment.",
        "Dates are days since enrolment. No name, text, staff member or calendar date is given.",
        "Courses of scores and contacts are not coarsened: somebody who knows several exact days",
        "and totals of a person may recognise the episode. So the data set is pseudonymous, not",
        "anonymous.",
        "",
    ]
    return "\n".join(lines)


_LEVEL_NAMES = (
    "site, ten years of age, sex",
    "site, twenty years of age, sex",
    "site, sex",
    "site",
    "none of the three",
)


def _letters(sites: Iterable[int], key: bytes) -> dict[int, str]:
    """Return a letter for each site (A, B and so on), by the id of the site.

    The secret ``key`` decides which site gets which letter, so that the letters reveal nothing
    about the ids.
    """
    ordered = sorted(sites, key=lambda site: pseudonym(key, "site", site))
    return {site: _letter(place) for place, site in enumerate(ordered)}


def _letter(place: int) -> str:
    """Return the letter for a position counted from 0: A to Z, then AA, AB and so on."""
    letters = chr(ord("A") + place % 26)
    return letters if place < 26 else _letter(place // 26 - 1) + letters


def _axis(one: Tally) -> str:
    """Return what a figure is about: ``efficacy``, ``feasibility`` or ``reproducibility``.

    The figures of single sites are about ``reproducibility``, because they show how sites differ.
    """
    if one.site_id is not None:
        return "reproducibility"
    return "efficacy" if INDICATORS[one.indicator].group == "outcome" else "feasibility"


def _hidden(tallies: Iterable[Tally], sites: Mapping[int, str]) -> set[tuple[str, int | None]]:
    """Return the indicator and the site of each figure of a single site that is not published.

    If only one site with cases were hidden, its figures would be those of all sites less those of
    the other sites. The smallest figure of another site is then hidden too.
    """
    of_indicator: dict[str, list[Tally]] = defaultdict(list)
    for one in tallies:
        if one.site_id is not None:
            of_indicator[one.indicator].append(one)
    hidden: list[Tally] = []
    for indicator, of_sites in of_indicator.items():
        is_rate = INDICATORS[indicator].kind == "rate"
        large = [one for one in of_sites if one.site_id in sites and _is_large(one, is_rate)]
        others = [one for one in of_sites if one not in large]
        alone = sum(one.eligible > 0 for one in others) == 1
        hidden += others
        if alone and large:
            hidden.append(min(large, key=lambda one: (one.measured, one.site_id)))
    return {(one.indicator, one.site_id) for one in hidden}


def _is_large(one: Tally, is_rate: bool) -> bool:
    if not is_rate:
        return one.numerator >= K
    sides = (one.numerator, one.measured - one.numerator)
    return one.measured >= K and all(side == 0 or side >= K for side in sides)


def _in(language: str, indicator: str) -> str:
    with speaking(language):
        return formula(indicator)


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else value
