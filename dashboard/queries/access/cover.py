"""The covers of the practitioner who is signed in, and the colleagues who can cover.

In a cover, a colleague takes over a practitioner's patients for some days.
"""

from datetime import date

from sqlalchemy import Connection, text

from dashboard.clinical.access.cover import Colleague, Cover
from dashboard.clinical.people import Person, in_order


def covers(connection: Connection, as_of: date) -> list[Cover]:
    """Return the covers in which the signed-in practitioner covers a colleague or is covered.

    Only covers that last until ``as_of`` or later are returned, sorted by their first day. Covers
    that were ended early are left out.
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
    """Return the covers in which this practitioner takes over a colleague's patients on ``day``.

    The result has one cover for each colleague.
    """
    found = [
        one
        for one in covers(connection, day)
        if one.covering.id == practitioner_id and one.holds_on(day)
    ]
    # If two covers for the same colleague overlap, the one that ends later is returned.
    last = {one.covered.id: one for one in sorted(found, key=lambda one: one.ends_on)}
    return list(last.values())


def colleagues(connection: Connection) -> list[Colleague]:
    """Return the active practitioners with the same role as the signed-in practitioner.

    Practitioners of the same sites come first; each part is sorted by name.
    """
    found = [
        Colleague(Person(row.id, row.family_name, row.given_name), row.has_account, row.same_site)
        for row in connection.execute(_COLLEAGUES)
    ]
    return sorted(found, key=lambda one: (not one.same_site, in_order(one.person)))


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
""")
