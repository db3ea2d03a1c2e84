"""Texts that the commands print about faults in the access log."""

from datetime import UTC
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dashboard.database.audit.verification import Finding


def in_words(finding: "Finding") -> str:
    """Return a line about a fault in the access log: its kind and its chain, and for most kinds its
    rows and a time in UTC.

    If rows are missing, the time is that of the last row before them.
    """
    where = f"chain {finding.chain}"
    if finding.number is not None:
        several = finding.until is not None and finding.until != finding.number
        where += f", rows {finding.number} to {finding.until}" if several else ""
        where += "" if several else f", row {finding.number}"
    # The database gives a time in the time zone of its server.
    day = f"{finding.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if finding.at else "unknown day"
    return {
        "altered": f"ALTERED or moved: {where}, written {day}.",
        "missing": f"MISSING: {where}, after {day}.",
        "shortened": f"CUT OFF at the end: {where}, after {day}.",
        "rebuilt": f"REBUILT: {where}, differs from its anchor.",
        "removed_early": f"REMOVED before its time: {where}.",
        "unchained": f"NOT WRITTEN BY THE DASHBOARD: a row of {where}, {day}.",
    }[finding.kind]
