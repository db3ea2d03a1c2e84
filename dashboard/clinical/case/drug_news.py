"""The drugs among the news of a case.

In the registry, a change of dose ends one row and begins another. A marked row alone therefore does
not tell whether the drug was started or stopped: the other rows of the drug decide.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from dashboard.clinical.case.case_file import CaseFile, Treatment
from dashboard.clinical.case.last_look import News
from dashboard.clinical.case.missing import is_current


class DrugNewsKind(StrEnum):
    """The news that the rows of a drug can prove.

    ``CHANGED`` stands for all news that are neither a start, nor a stop, nor a known change of
    dose.
    """

    STARTED = "started"
    STOPPED = "stopped"
    DOSE_CHANGED = "dose_changed"
    CHANGED = "changed"


@dataclass(frozen=True)
class DrugNews:
    """The news about one drug. The daily doses, in mg, are None if they are unknown or do not
    belong to the news.
    """

    kind: DrugNewsKind
    name: str
    before: Decimal | None = None
    after: Decimal | None = None


def drug_news(case: CaseFile, news: News) -> Iterator[DrugNews]:
    """Yield the news about each drug that has a new or changed row in ``news``.

    Drugs are in the order in which they were first given. Rows without ATC code are grouped by
    name.
    """
    drugs: dict[str, list[Treatment]] = {}
    for row in case.treatments:
        drugs.setdefault(row.atc_code or row.name.casefold(), []).append(row)
    for rows in drugs.values():
        marked = [row for row in rows if news.marks("treatments", row.id)]
        if marked:
            current = [row for row in rows if is_current(row, case.as_of)]
            yield _news_of(rows, current, marked, news)


def _news_of(
    rows: list[Treatment], current: list[Treatment], marked: list[Treatment], news: News
) -> DrugNews:
    """Return the news about one drug. ``rows`` are all its rows, ``current`` those taken now, and
    ``marked`` those that are new or changed.
    """
    if not current:
        return DrugNews(DrugNewsKind.STOPPED, marked[-1].name)
    name = current[-1].name
    if not all(news.has_arrived("treatments", row.id) for row in current):
        return DrugNews(DrugNewsKind.CHANGED, name)
    preceding = [row for row in rows if any(_adjoins(row, begun) for begun in current)]
    after = current[0].daily_dose_mg if len(current) == 1 else None
    if not preceding and all(row in current for row in marked):
        return DrugNews(DrugNewsKind.STARTED, name, after=after)
    if len(preceding) == 1 and preceding[0] in marked:
        before = preceding[0].daily_dose_mg
        is_same_use = preceding[0].as_needed == current[0].as_needed
        if is_same_use and before and after and before != after:
            return DrugNews(DrugNewsKind.DOSE_CHANGED, name, before, after)
    return DrugNews(DrugNewsKind.CHANGED, name)


def _adjoins(ended: Treatment, begun: Treatment) -> bool:
    """Return whether ``ended`` was stopped on the day on which ``begun`` started, or on the day
    before.
    """
    return ended.stopped_on is not None and (begun.started_on - ended.stopped_on).days in (0, 1)
