"""Handing one's list to a colleague, and whose list one has."""

from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import Connection, text

from dashboard.clinical.access.cover import Colleague, Cover, Handover, NotPossible, problem_of
from dashboard.clinical.advice.drafts import NotYours
from dashboard.clinical.people import Person
from dashboard.database.audit.access_log import log_access


def covers(connection: Connection, as_of: date) -> list[Cover]:
    """The acting practitioner's covers, given and taken, of this day and of days to come.

    Those that were ended early are not among them. The first to begin comes first.
    """
    rows = connection.execute(_COVERS, {"as_of": as_of})
    return [
        Cover(
            row.id,
            Person(row.covered_id, row.covered_family_name, row.covered_given_name),
            Person(row.covering_id, row.covering_family_name, row.covering_given_name),
            row.starts_on,
            row.ends_on,
        )
        for row in rows
    ]


def covered_on(connection: Connection, practitioner_id: int, day: date) -> list[Cover]:
    """The covers by which this practitioner, who acts, has a colleague's list on this day."""
    found = [
        one
        for one in covers(connection, day)
        if one.covering.id == practitioner_id and one.holds_on(day)
    ]
    # Two covers of one colleague may meet; the longer one counts.
    last = {one.covered.id: one for one in sorted(found, key=lambda one: one.ends_on)}
    return list(last.values())


def colleagues(connection: Connection) -> list[Colleague]:
    """Those of the acting practitioner's role who are active, of the same sites first."""
    return [
        Colleague(Person(row.id, row.family_name, row.given_name), row.has_account, row.same_site)
        for row in connection.execute(_COLLEAGUES)
    ]


def hand_over(connection: Connection, handover: Handover, today: date) -> UUID:
    """Hand the acting practitioner's list to a colleague; the id of the cover.

    Handing it over once more to the same one for the same days gives the cover that is
    there. Raises ``NotPossible``. It is on the access log.
    """
    mine = [one for one in covers(connection, today) if one.covering.id != _me(connection)]
    for one in mine:
        if handover == Handover(one.covering.id, one.starts_on, one.ends_on):
            return one.id
    problem = problem_of(handover, mine, today)
    if problem is None and handover.colleague_id not in _ids(colleagues(connection)):
        problem = "no_colleague"
    if problem is not None:
        raise NotPossible(problem)
    return _insert(connection, handover)


def end_cover(connection: Connection, cover_id: UUID) -> None:
    """End a cover of the acting practitioner's list now: the colleague sees it no more.

    Ending one that has ended changes nothing. Raises ``NotYours`` for that of another's
    list. It is on the access log.
    """
    covering_id = connection.execute(_MINE, {"cover": cover_id}).scalar_one_or_none()
    if covering_id is None:
        raise NotYours
    if connection.execute(_WITHDRAW, {"cover": cover_id}).rowcount:
        log_access(connection, "cover_ended", cover_id=cover_id, covering_id=covering_id)


def _me(connection: Connection) -> int:
    return connection.exec_driver_sql("SELECT review.acting_practitioner()").scalar_one()


def _ids(found: list[Colleague]) -> set[int]:
    return {one.person.id for one in found}


def _insert(connection: Connection, handover: Handover) -> UUID:
    values = {
        "covering": handover.colleague_id,
        "starts_on": handover.starts_on,
        "ends_on": handover.ends_on,
    }
    inserted = connection.execute(_INSERT, values | {"id": uuid4()}).scalar_one_or_none()
    if inserted is None:
        # Another click has made it meanwhile.
        return connection.execute(_SAME, values).scalar_one()
    log_access(
        connection,
        "cover_made",
        cover_id=inserted,
        covering_id=handover.colleague_id,
        starts_on=handover.starts_on,
        ends_on=handover.ends_on,
    )
    return inserted


_COVERS = text("""
    SELECT c.id, c.starts_on, c.ends_on, c.covered_id, c.covering_id,
           covered.family_name AS covered_family_name, covered.given_name AS covered_given_name,
           covering.family_name AS covering_family_name, covering.given_name AS covering_given_name
    FROM review.cover c
    JOIN registry.practitioner covered ON covered.id = c.covered_id
    JOIN registry.practitioner covering ON covering.id = c.covering_id
    WHERE c.withdrawn_at IS NULL AND c.ends_on >= :as_of
    ORDER BY c.starts_on, c.ends_on, c.id
""")

_COLLEAGUES = text("""
    SELECT p.id, p.family_name, p.given_name,
           EXISTS (SELECT FROM review.account a
                   WHERE a.practitioner_id = p.id AND a.locked_at IS NULL) AS has_account,
           EXISTS (SELECT FROM registry.practitioner_site theirs
                   JOIN registry.practitioner_site mine ON mine.site_id = theirs.site_id
                   WHERE theirs.practitioner_id = p.id AND mine.practitioner_id = me.id)
               AS same_site
    FROM registry.practitioner me
    JOIN registry.practitioner p ON p.role = me.role AND p.active AND p.id <> me.id
    WHERE me.id = review.acting_practitioner()
    ORDER BY same_site DESC, p.family_name, p.given_name, p.id
""")

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
