"""The counts of the indicators that a medical lead may see. No record is read.

The counts are read from ``review.site_month``. Leads who watch all sites read the sums from
``review.every_month``. Row security shows a lead only the sites that this lead watches, and shows
nothing to other users. ``queries.sites.counting`` fills both tables and records their age.

The counts are in steps (``clinical.sites.protection``). Screens and exports hide small counts.
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
    """Return one row per indicator and value of ``by`` (``site_id``, ``nurse_id``, ``month``).

    The column ``indicator`` has an id of ``clinical.sites.indicators``. Each name in ``by`` is a
    column. ``month`` is the first day of the month, as a ``date``. The columns ``eligible``,
    ``measured`` and ``numerator`` are whole numbers. The rate among measured patients is numerator
    / measured. If unmeasured patients count as failures, the rate is numerator / eligible.
    Completeness is measured / eligible. For an indicator that is a count, all three numbers are the
    same.

    There is no row if nobody is eligible. If ``month`` is not in ``by``, the months of the
    selection are added up. For an indicator that is a snapshot, only the last month is read. It is
    the month of ``until``, or the month of the latest count. ``indicators`` selects indicators and
    their order. By default, all indicators are returned. Rows are in order of indicator, then of
    ``by``. Raises ``ValueError`` for an unknown name in ``by``.
    """
    asked = [INDICATORS[id_] for id_ in (INDICATORS if indicators is None else indicators)]
    rows: Sequence[Any] = ()
    for table in _tables(by, selection):
        query = _query(asked, by, selection, table)
        # Row security shows the sums only to leads who watch all sites. For other leads the result
        # is empty.
        rows = rows or connection.execute(query, _parameters(selection)).all()
    if not rows:
        return pd.DataFrame(columns=["indicator", *by, *NUMBERS])
    columns = dict(zip(_names(asked, by), zip(*rows, strict=True), strict=True))
    return pd.concat([_rows(one, by, columns) for one in asked], ignore_index=True)


def _rows(indicator: Indicator, by: Sequence[str], columns: dict[str, Any]) -> pd.DataFrame:
    numerator, *others = (np.array(columns[name], dtype=np.int64) for name in indicator.columns)
    eligible = others[0] if others else numerator
    measured = others[1] if indicator.scores else eligible
    # A count of a site can be negative after rounding to steps, if the indicator is a snapshot. Its
    # row is kept, because the sum of the sites needs it.
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
    """Return the names of the tables to read. The table with the fewest rows comes first."""
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
    """Return the SQL filter of a sum that keeps only the last month of a snapshot.

    The snapshots of several months must not be added up. The filter is empty for other indicators,
    and if the rows are grouped by month.
    """
    if not indicator.snapshot or "month" in by:
        return ""
    return " FILTER (WHERE month = (SELECT month FROM last))"


# The latest month is read from the table of counting times, which has few rows. A search in the
# counts themselves would be slow.
_LAST_MONTH = """
    SELECT date_trunc('month', least(
        CAST(:until AS date),
        coalesce(max(as_of), max((counted_at AT TIME ZONE 'Europe/Paris')::date))
    ))::date AS month FROM review.site_counted
"""


def where(selection: Selection) -> str:
    """Return the SQL condition of a selection on a table of counts."""
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
