"""CSV files with the figures of sites, for medical leads.

The files are in UTF-8 with a byte order mark and semicolons. Counts are multiples of a step, which
is in the column ``counted_in``. A hidden count and each rate based on it are empty cells. The
column ``hidden`` names the hidden counts. Rates are shares from 0 to 1.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from dashboard.clinical.sites.comparison import Basis, Figure
from dashboard.clinical.sites.forecast import KINDS, Experiment, Quarter
from dashboard.clinical.sites.funnel import Place
from dashboard.clinical.sites.protection import STEP
from dashboard.clinical.sites.site_view import OneSite
from dashboard.clinical.sites.suppression import COLUMNS, Shown, ShownTally
from dashboard.exports.record_table import SEPARATOR, harmless

Cell = str | int | float | date | None

HEADS = (
    "figure",
    "level",
    "site_id",
    "site",
    "month",
    "eligible",
    "measured",
    "numerator",
    "rate_of_all",
    "rate_of_measured",
    "completeness",
    "limits_of_all",
    "limits_of_measured",
    "too_few",
    "hidden",
    "median_days",
    "p90_days",
    "counted_in",
)

QUARTER_HEADS = (
    "quarter",
    "patients",
    "patients_forecast",
    *(head for kind in KINDS for head in (f"{kind}_sequences", f"{kind}_forecast")),
    "tariff_euros",
    "tariff_forecast_euros",
    "counted_in",
)


def figures_table(figures: Iterable[Figure], sites: Mapping[int, str]) -> bytes:
    """Return the figures as a CSV file, with rows for all sites together, each month and each
    site.
    """
    return _file(HEADS, (row for figure in figures for row in _figure(figure, sites)))


def site_table(site: OneSite, sites: Mapping[int, str], nurses: Mapping[int, str]) -> bytes:
    """Return the figures, waiting times, open work and nurses of one site as a CSV file.

    In the rows of a nurse, the column ``site`` has the name of the nurse.
    """
    return _file(HEADS, _site(site, sites, nurses))


def forecast_table(experiment: Experiment) -> bytes:
    """Return a CSV file with the actual and the forecast numbers of each quarter."""
    return _file(QUARTER_HEADS, map(_quarter, experiment.quarters))


def _figure(figure: Figure, sites: Mapping[int, str]) -> Iterator[list[Cell]]:
    name = figure.indicator
    yield _row(name, "all", None, "", None, figure.whole)
    for month, shown in figure.months:
        yield _row(name, "month", None, "", month, shown)
    for one in figure.sites:
        yield _row(
            name, "site", one.site_id, sites.get(one.site_id, ""), None, one.shown, one.places
        )


def _row(
    figure: str,
    level: str,
    site: int | None,
    name: str,
    month: date | None,
    shown: ShownTally,
    places: Mapping[Basis, Place | None] | None = None,
) -> list[Cell]:
    hidden = [column for column in COLUMNS if getattr(shown, column).is_hidden]
    limits = [place.value if place else None for place in (places or {}).values()] or [None, None]
    return [
        figure,
        level,
        site,
        name,
        month,
        *(getattr(shown, column).value for column in COLUMNS),
        _rounded(shown.failing_rate),
        _rounded(shown.measured_rate),
        _rounded(shown.completeness),
        *limits,
        "yes" if shown.few else None,
        " ".join(hidden),
        None,
        None,
        STEP,
    ]


def _rounded(rate: float | None) -> float | None:
    return None if rate is None else round(rate, 4)


def _site(
    site: OneSite, sites: Mapping[int, str], nurses: Mapping[int, str]
) -> Iterator[list[Cell]]:
    name = sites.get(site.id, "")
    for figure in site.figures.values():
        yield from _figure(figure, sites)
    for wait, (here, every) in site.waits.items():
        for level, one in (("site", here), ("all", every)):
            where: list[Cell] = [site.id, name] if level == "site" else [None, ""]
            yield [
                f"wait_{wait}",
                level,
                *where,
                None,
                *_count(one.cases),
                one.median_days,
                one.p90_days,
                STEP,
            ]
    for work, shown in site.work.open_work.items():
        yield [f"open_{work}", "site", site.id, name, None, *_count(shown), None, None, STEP]
    for tier, shown in site.tiers.items():
        level = f"tier_{tier.name.lower()}"
        yield [level, "site", site.id, name, None, *_count(shown), None, None, STEP]
    for nurse, open_, enrolled in site.nurses:
        who = nurses.get(nurse, "")
        yield ["nurse_open_episodes", "nurse", site.id, who, None, *_count(open_), None, None, STEP]
        yield ["nurse_enrolled", "nurse", site.id, who, None, *_count(enrolled), None, None, STEP]


def _count(shown: Shown) -> list[Cell]:
    """Return the cells from ``eligible`` to ``hidden`` of a row that has a single count.

    The count is in the column ``eligible``. The other cells are empty, except ``hidden`` if the
    count is hidden.
    """
    said = "eligible" if shown.is_hidden else ""
    return [shown.value, None, None, None, None, None, None, None, None, said]


def _quarter(one: Quarter) -> list[Cell]:
    return [
        f"{one.start.year}-Q{(one.start.month + 2) // 3}",
        one.enrolled,
        round(one.forecast_patients, 1),
        *(cell for kind in KINDS for cell in (one.sequences[kind], round(one.forecast[kind], 1))),
        one.tariff,
        round(one.forecast_tariff),
        STEP,
    ]


def _file(heads: Iterable[str], rows: Iterable[Iterable[Cell]]) -> bytes:
    written = io.StringIO(newline="")
    out = csv.writer(written, delimiter=SEPARATOR, lineterminator="\r\n")
    out.writerow(heads)
    for row in rows:
        out.writerow("" if one is None else harmless(str(one)) for one in row)
    return written.getvalue().encode("utf-8-sig", errors="replace")
