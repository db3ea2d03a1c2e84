"""The counts of the indicators that a medical lead may see.

They are read from the table ``review.site_month``. Its sums over all sites are in the table
``review.every_month``, for leads who watch all sites. ``queries.sites.counting`` fills both tables.
Row security shows a lead only the sites that the lead watches, and shows other users nothing.

The stored counts are multiples of a step (``clinical.sites.protection``). Small counts are hidden
later, on the page or in the export. No patient's record is read.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, text

from dashboard.clinical.sites.indicators import ALL, INDICATORS, Indicator, Selection

DIMENSIONS = ("site_id", "nurse_id", "month")
NUMBERS = ("eligible", "measured", "numerator")


def counts(
    connection: Connection,
    selection: Selection,
    by: Sequence[str] = DIMENSIONS,
    indicators: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return the counts of indicators as a DataFrame, with one row for each indicator and group.

    ``by`` names the groups: ``site_id``, ``nurse_id`` and ``month`` (the first day of the month).
    The columns are ``indicator`` (its id), those in ``by``, and the whole numbers ``eligible``,
    ``measured`` and ``numerator``.

    The completeness is measured / eligible. The rate is numerator / measured or, if patients who
    were not measured count as failures, numerator / eligible. The three numbers are equal for an
    indicator that only counts.

    If ``by`` lacks ``month``, the months are added up. For a snapshot, only the last month is then
    returned. ``indicators`` selects indicators and their order; by default, all are returned. There
    is no row if nobody is eligible. Raise ``ValueError`` if ``by`` has an unknown name.
    """
    asked = [INDICATORS[id_] for id_ in (INDICATORS if indicators is None else indicators)]
    rows: Sequence[Any] = ()
    for table in _tables(by, selection):
        query = _query(asked, by, selection, table)
        # Row security shows the sums over all sites only to leads who watch all sites. For other
        # leads, the first table has no rows, and the second one is read.
        rows = rows or connection.execute(query, _parameters(selection)).all()
    if not rows:
        return pd.DataFrame(columns=["indicator", *by, *NUMBERS])
    columns = dict(zip(_names(asked, by), zip(*rows, strict=True), strict=True))
    return pd.concat([_rows(one, by, columns) for one in asked], ignore_index=True)


def _rows(indicator: Indicator, by: Sequence[str], columns: dict[str, Any]) -> pd.DataFrame:
    numerator, *others = (np.array(columns[name], dtype=np.int64) for name in indicator.columns)
    eligible = others[0] if others else numerator
    measured = others[1] if indicator.scores else eligible
    # After rounding, a snapshot of a site can be negative. Such a row is kept, so that the sum over
    # the sites is right.
    there = (eligible != 0) | (measured != 0) | (numerator != 0)
    frame = {"indicator": np.full(there.sum(), indicator.id, dtype=object)}
    for name in by:
        kind = object if name == "month" else np.int64
        frame[name] = np.array(columns[name], dtype=kind)[there]
    numbers = zip(NUMBERS, (eligible, measured, numerator), strict=True)
    return pd.DataFrame(frame | {name: values[there] for name, values in numbers})


def _names(asked: Sequence[Indicator], by: Sequence[str]) -> list[str]:
    return [*by, *(column for indicator in asked for column in indicator.columns)]


def _tables(by: Sequence[str], selection: Selection) -> list[str]:
    """Return the names of the tables to try, in order. The first table with rows is used."""
    apart = {"site_id", "nurse_id"} & set(by) or selection.sites is not None or selection.nurse
    return ["site_month"] if apart else ["every_month", "site_month"]


def _query(asked: Sequence[Indicator], by: Sequence[str], selection: Selection, table: str) -> Any:
    unknown = set(by) - set(DIMENSIONS)
    if unknown:
        raise ValueError(f"counts are not kept by {', '.join(sorted(unknown))}")
    sums = [
        f"coalesce(sum({column}){_over(indicator, by)}, 0) AS {column}"
        for indicator in asked
        for column in indicator.columns
    ]
    grouped = f"GROUP BY {', '.join(by)} ORDER BY {', '.join(by)}" if by else "HAVING count(*) > 0"
    return text(f"""
        WITH last AS MATERIALIZED ({_LAST_MONTH})
        SELECT {", ".join([*by, *sums])} FROM review.{table}
        WHERE {where(selection)} {grouped}
    """)


def _over(indicator: Indicator, by: Sequence[str]) -> str:
    """Return the SQL filter that restricts a sum to the last month of the selection.

    It is for snapshots, whose months must not be added up. The filter is empty for other
    indicators, and if the rows are grouped by month.
    """
    if not indicator.snapshot or "month" in by:
        return ""
    return " FILTER (WHERE month = (SELECT month FROM last))"


# The last month is read from the table of the times of counting, because it has only one row per
# site. Searching the counts would be slow.
_LAST_MONTH = """
    SELECT date_trunc('month', least(
        CAST(:until AS date),
        coalesce(max(as_of), max((counted_at AT TIME ZONE 'Europe/Paris')::date))
    ))::date AS month FROM review.site_counted
"""


def where(selection: Selection) -> str:
    """Return the SQL condition that selects the rows of a table of counts for ``selection``."""
    conditions = ["kind = :kind", "severity = :severity", "month BETWEEN :since AND :until"]
    if selection.sites is not None:
        conditions.append("site_id = ANY (CAST(:sites AS bigint[]))")
    if selection.nurse is not None:
        conditions.append("nurse_id = :nurse")
    return " AND ".join(conditions)


def _parameters(selection: Selection) -> dict[str, Any]:
    return {
        "kind": selection.kind or ALL,
        "severity": selection.severity or ALL,
        "since": selection.since or "-infinity",
        "until": selection.until or "infinity",
        "sites": list(selection.sites or ()),
        "nurse": selection.nurse,
    }
