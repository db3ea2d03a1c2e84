"""Rate limiting of record openings, against copying records one by one."""

from sqlalchemy import Connection, text

from dashboard.clinical.access.accesses import MOST_A_MINUTE
from dashboard.database.audit.access_log import log_access


def opens_in_haste(connection: Connection, episode_id: int) -> bool:
    """Return whether the acting practitioner must wait before opening another patient's record.

    A refusal is logged in the access log.
    """
    opened = connection.execute(_OPENED, {"episode": episode_id}).scalar_one()
    if opened < MOST_A_MINUTE:
        return False
    log_access(connection, "case_refused", episode_id=episode_id, why="haste")
    return True


# Openings of the episode ``:episode`` itself are not counted. So a redrawn page, or a return to the
# same case in a meeting, does not count.
_OPENED = text("""
    SELECT count(DISTINCT patient_id) FROM review.access_log
    WHERE practitioner_id = review.acting_practitioner() AND at > now() - interval '1 minute'
      AND action = 'case_opened' AND detail->>'episode_id' <> CAST(:episode AS text)
""")
