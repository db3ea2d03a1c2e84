"""The report on who opened a patient's record, when and why, as a CSV file for the patient.

A French spreadsheet opens the file directly. The report names the professionals. It does not name
the patient, because the person who hands it over knows the patient.
"""

import csv
import io
from collections.abc import Iterable

from dashboard.calendar import PARIS
from dashboard.clinical.access.accesses import Access
from dashboard.exports.record_table import SEPARATOR, harmless
from dashboard.locale import _
from dashboard.locale.formats import full_name
from dashboard.words.access.accesses import action_name, why_name
from dashboard.words.roles import role_name


def access_report(accesses: Iterable[Access], *, only_latest: bool = False) -> bytes:
    """Return the accesses as a CSV file in the reader's language, with a header row.

    ``accesses`` are the latest first. If ``only_latest`` is true, the last row says so.
    """
    written = io.StringIO(newline="")
    rows = csv.writer(written, delimiter=SEPARATOR, lineterminator="\r\n")
    rows.writerow([_("When"), _("Professional"), _("Role"), _("What"), _("Why")])
    for one in accesses:
        rows.writerow(
            harmless(cell)
            for cell in (
                one.at.astimezone(PARIS).isoformat(timespec="seconds"),
                full_name(one.family_name, one.given_name).strip() or _("the dashboard itself"),
                role_name(one.role or ""),
                action_name(one.action),
                why_name(one.why),
            )
        )
    if only_latest:
        rows.writerow([_("Only the latest accesses are in this file.")])
    return written.getvalue().encode("utf-8-sig", errors="replace")
