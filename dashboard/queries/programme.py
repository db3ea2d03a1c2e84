"""How many patients each site follows: counts for a medical lead, never a record."""

from datetime import date

import pandas as pd
from sqlalchemy import Connection, text

COLUMNS = ("site_id", "site", "department", "open_episodes", "in_prevention", "enrolled_lately")


def caseload_by_site(connection: Connection, as_of: date) -> pd.DataFrame:
    """One row per site that the acting lead watches; none for anybody else.

    Columns: ``site_id``, ``site``, ``department``; the number of ``open_episodes``, of those
    ``in_prevention`` of relapse, and of those ``enrolled_lately``, in the last 28 days.
    """
    rows = connection.execute(
        text("SELECT * FROM review.caseload_by_site(:as_of)"), {"as_of": as_of}
    ).all()
    return pd.DataFrame([tuple(row) for row in rows], columns=list(COLUMNS))
