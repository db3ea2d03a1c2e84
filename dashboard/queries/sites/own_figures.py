"""The cases of the signed-in practitioner on which the indicators of their own work are based."""

from datetime import date

from sqlalchemy import Connection, text

from dashboard.clinical.sites.comparison import Period
from dashboard.clinical.sites.forecast import later
from dashboard.clinical.sites.indicators import INDICATORS
from dashboard.clinical.sites.own_figures import Course, OwnCase
from dashboard.database.audit.access_log import log_access
from dashboard.database.counts.counting import own_cases_query
from dashboard.queries.people import identity_without_numbers


def own_cases(connection: Connection, period: Period, as_of: date) -> list[OwnCase]:
    """Return the cases that an indicator judges in ``period``, up to ``as_of``, sorted by patients'
    names.

    The signed-in practitioner is the nurse or the psychiatrist of these episodes. Patients of
    covered colleagues are not included, nor those seen by emergency access. For an indicator that
    is a snapshot, the cases are those of the last month. The reading is recorded in the access log.
    """
    since, until = period.since, later(period.until, 1)
    asked = {"as_of": as_of, "since": since, "until": until}
    rows = [
        row
        for row in connection.execute(_OWN_CASES, asked)
        if row.due_on < until
        and (row.due_on >= period.until or not INDICATORS[row.indicator].snapshot)
    ]
    log_access(connection, "own_figures_opened", since=since, until=period.until, cases=len(rows))
    return [
        OwnCase(
            row.indicator,
            row.episode_id,
            identity_without_numbers(row),
            row.due_on,
            bool(row.measured),
            row.yes,
            Course(
                row.enrolled_on,
                row.closed_on,
                tuple(zip(row.score_days or (), row.scores or (), strict=True)),
                tuple(sorted(row.contact_days or ())),
                tuple(row.review_days or ()),
            ),
        )
        for row in rows
    ]


_OWN_CASES = text(own_cases_query())
