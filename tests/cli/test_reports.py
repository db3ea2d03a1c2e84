"""The lines that the commands print about faults in the access log."""

from datetime import datetime

from dashboard.calendar import PARIS
from dashboard.cli.reports import in_words
from dashboard.database.audit.verification import Finding


def test_the_time_of_a_fault_is_in_utc_where_the_database_is_in_another_time_zone():
    at = datetime(2026, 11, 18, 0, 30, tzinfo=PARIS)
    assert "written 2026-11-17 23:30 UTC" in in_words(Finding("altered", "7/records", 3, at=at))
