"""Starting and ending a cover, in which a colleague takes over a practitioner's patients for some
days.
"""

from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import Connection, text

from dashboard.clinical.access.cover import Handover, check_can_hand_over
from dashboard.clinical.advice.drafts import NotYours
from dashboard.database.audit.access_log import log_access
from dashboard.queries.access.cover import colleagues, covers


def hand_over(connection: Connection, handover: Handover, today: date) -> UUID:
    """Let a colleague cover the signed-in practitioner; return the id of the cover.

    If this colleague already covers the same days, the id of the existing cover is returned. The
    cover is recorded in the access log. Raise ``NotPossible`` if the rules of covers do not allow
    the cover.
    """
    mine = [one for one in covers(connection, today) if one.covering.id != _me(connection)]
    for one in mine:
        if handover == Handover(one.covering.id, one.starts_on, one.ends_on):
            return one.id
    check_can_hand_over(handover, mine, colleagues(connection), today)
    return _insert(connection, handover)


def end_cover(connection: Connection, cover_id: UUID) -> None:
    """End a cover of the signed-in practitioner now, so that the colleague no longer sees the
    patients.

    Nothing changes if the cover was already ended in this way. The end is recorded in the access
    log. Raise ``NotYours`` if the signed-in practitioner has no such cover.
    """
    covering_id = connection.execute(_MINE, {"cover": cover_id}).scalar_one_or_none()
    if covering_id is None:
        raise NotYours
    if connection.execute(_WITHDRAW, {"cover": cover_id}).rowcount:
        log_access(connection, "cover_ended", cover_id=cover_id, covering_id=covering_id)


def _me(connection: Connection) -> int:
    me: int = connection.exec_driver_sql("SELECT review.acting_practitioner()").scalar_one()
    return me


def _insert(connection: Connection, handover: Handover) -> UUID:
    values = {
        "covering": handover.colleague_id,
        "starts_on": handover.starts_on,
        "ends_on": handover.ends_on,
    }
    made = connection.execute(_INSERT, values | {"id": uuid4()})
    inserted: UUID | None = made.scalar_one_or_none()
    if inserted is None:
        # A simultaneous copy of this request has already inserted the cover.
        same: UUID = connection.execute(_SAME, values).scalar_one()
        return same
    log_access(
        connection,
        "cover_made",
        cover_id=inserted,
        covering_id=handover.colleague_id,
        starts_on=handover.starts_on,
        ends_on=handover.ends_on,
    )
    return inserted


_INSERT = text("""
    INSERT INTO review.cover (id, covered_id, covering_id, starts_on, ends_on)
    VALUES (:id, review.acting_practitioner(), :covering, :starts_on, :ends_on)
    ON CONFLICT DO NOTHING
    RETURNING id
""")

_SAME = text("""
    SELECT id FROM review.cover
    WHERE covered_id = review.acting_practitioner() AND covering_id = :covering
      AND starts_on = :starts_on AND ends_on = :ends_on AND withdrawn_at IS NULL
""")

_MINE = text("""
    SELECT covering_id FROM review.cover
    WHERE id = :cover AND covered_id = review.acting_practitioner()
""")

_WITHDRAW = text("""
    UPDATE review.cover SET withdrawn_at = now()
    WHERE id = :cover AND covered_id = review.acting_practitioner() AND withdrawn_at IS NULL
""")
