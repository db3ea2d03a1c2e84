"""The counts of the indicators, as a medical lead may see them; never a record.

They are read from ``review.site_month`` and ``review.every_month``, which has its sums for leads
who watch all sites. Row security shows the acting lead the sites that they watch, and shows nothing
to other users. ``queries.sites.counting`` fills both tables and records their age.

The counts are in steps (``clinical.sites.protection``). Screens and exports hide the small ones.
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

    Columns: ``indicator`` (an id of ``clinical.sites.indicators``), those of ``by`` (``month`` is
    its first day, a ``date``), ``eligible``, ``measured`` and ``numerator``, whole numbers. Among
    those measured the rate is numerator / measured; with the unmeasured as failures, numerator /
    eligible; completeness is measured / eligible. A count has the same number in all three.

    There is no row where nobody is eligible. Without ``month`` in ``by`` the months of the
    selection are added up. For a snapshot only the last month counts: that of ``until``, or that of
    the latest count. ``indicators`` are those wanted, in the order given; without it, all. Rows are
    in order of indicator, then of ``by``. Raises ``ValueError`` for an unknown name in ``by``.
    """
    asked = [INDICATORS[id_] for id_ in (INDICATORS if indicators is None else indicators)]
    rows: Sequence[Any] = ()
    for table in _tables(by, selection):
        query = _query(asked, by, selection, table)
        # Row security shows the sums only to leads who watch all sites; for others this is empty.
        rows = rows or connection.execute(query, _parameters(selection)).all()
    if not rows:
        return pd.DataFrame(columns=["indicator", *by, *NUMBERS])
    columns = dict(zip(_names(asked, by), zip(*rows, strict=True), strict=True))
    return pd.concat([_rows(one, by, columns) for one in asked], ignore_index=True)


def _rows(indicator: Indicator, by: Sequence[str], columns: dict[str, Any]) -> pd.DataFrame:
    numerator, *others = (np.array(columns[name], dtype=np.int64) for name in indicator.columns)
    eligible = others[0] if others else numerator
    measured = others[1] if indicator.scores else eligible
    # In steps the snapshot of a site can be negative; the row stays, since the sum of sites needs
    # it.
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
    """Return the tables to read, the one with the fewest rows first."""
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
    """Return the condition on months: a snapshot is not added up over several."""
    if not indicator.snapshot or "month" in by:
        return ""
    return " FILTER (WHERE month = (SELECT month FROM last))"


# The table of counting times has few rows; a search in the counts themselves would be slow.
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
