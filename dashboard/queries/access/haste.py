"""Rate limiting for opening patients' records, so that nobody can copy many of them quickly."""

from sqlalchemy import Connection, text

from dashboard.clinical.access.accesses import MOST_A_MINUTE
from dashboard.database.audit.access_log import log_access


def opens_in_haste(connection: Connection, episode_id: int) -> bool:
    """Return whether the signed-in practitioner must wait before opening this episode.

    The result is true if the practitioner has opened the records of too many other patients within
    a minute. In this case, the refusal is recorded in the access log.
    """
    opened = connection.execute(_OPENED, {"episode": episode_id}).scalar_one()
    if opened < MOST_A_MINUTE:
        return False
    log_access(connection, "case_refused", episode_id=episode_id, why="haste")
    return True


# Earlier openings of the same episode are not counted. A practitioner can therefore reload a page,
# or return to a case in a meeting, without being refused.
_OPENED = text("""
    SELECT count(DISTINCT patient_id) FROM review.access_log
    WHERE practitioner_id = review.acting_practitioner() AND at > now() - interval '1 minute'
      AND action = 'case_opened' AND detail->>'episode_id' <> CAST(:episode AS text)
""")
