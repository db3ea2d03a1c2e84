"""The exact counts where leads read those in steps, to hold the counting to a few patients."""

from datetime import date

from dashboard.clinical.sites.indicators import INDICATORS
from tests.support.factories import Database

_NUMBERS = [column for indicator in INDICATORS.values() for column in indicator.columns]


def show_exact_counts(database: Database, as_of: date) -> None:
    """Replace the counts of leads, tiers aside, by the exact ones of that day. As the owner."""
    sums = ", ".join(f"sum({name})" for name in _NUMBERS)
    with database.owner().begin() as connection:
        run = connection.exec_driver_sql
        sites = list(run("SELECT id FROM registry.site").scalars())
        for table in ("site_month", "site_wait", "site_waited", "site_work"):
            run(f"DELETE FROM review.{table}")
        for table in ("every_month", "every_wait"):
            run(f"DELETE FROM review.{table}")
        for table, counting in (
            ("site_month", "counts_of_sites"),
            ("site_wait", "waits_of_sites"),
            ("site_work", "work_of_sites"),
        ):
            run(
                f"INSERT INTO review.{table} SELECT * FROM review.{counting}(%s, %s)",
                (sites, as_of),
            )
        run(
            "INSERT INTO review.site_waited (wait, site_id, nurse_id, month, cases) SELECT wait,"
            " site_id, nurse_id, month, sum(cases) FROM review.site_wait GROUP BY 1, 2, 3, 4"
        )
        run(
            f"INSERT INTO review.every_month (kind, severity, month, {', '.join(_NUMBERS)})"
            f" SELECT kind, severity, month, {sums} FROM review.site_month GROUP BY 1, 2, 3"
        )
        run(
            "INSERT INTO review.every_wait (wait, month, days, cases)"
            " SELECT wait, month, days, sum(cases) FROM review.site_wait GROUP BY 1, 2, 3"
        )
