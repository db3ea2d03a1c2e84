"""Whether somebody opens records faster than a person reads: whoever copies them one by one."""

from sqlalchemy import Connection, text

from dashboard.clinical.access.accesses import MOST_A_MINUTE
from dashboard.database.audit.access_log import log_access


def opens_in_haste(connection: Connection, episode_id: int) -> bool:
    """Whether the acting practitioner has to wait before they open another patient's record.

    Being refused is on the access log.
    """
    opened = connection.execute(_OPENED, {"episode": episode_id}).scalar_one()
    if opened < MOST_A_MINUTE:
        return False
    log_access(connection, "case_refused", episode_id=episode_id, why="haste")
    return True


# Other patients' alone: a page that is drawn again, or a meeting that goes to and fro, is no haste.
_OPENED = text("""
    SELECT count(DISTINCT patient_id) FROM review.access_log
    WHERE practitioner_id = review.acting_practitioner() AND at > now() - interval '1 minute'
      AND action = 'case_opened' AND detail->>'episode_id' <> CAST(:episode AS text)
""")
