"""The search for assessments that were sent twice, so that only one of the two rows is kept.

Two rows are the same assessment if they have the same patient, instrument, day and total. Their
items must also be equal, unless one of the rows has no items. If a row has no total, the sum of its
items is used. If an item is missing too, the row has no total, and is compared with other rows
without one. The row with items is kept. If both or none have items, the row with the smaller id is
kept.
"""

from sqlalchemy import Connection

from dashboard.clinical.instruments import INSTRUMENTS
from dashboard.database.loading.staging import StagedFile


def drop_same_assessments(connection: Connection, file: StagedFile) -> int:
    """Mark staged rows that are the same assessment as another row as not to be loaded.

    Return their number. If a staged row is kept instead of a row of the registry, the row of the
    registry is removed. Call this function after ``plan_removals``.
    """
    if not {"patient_id", "instrument", "taken_on"} <= set(file.columns):
        return 0
    given = {name: f"s.{name}" if name in file.columns else f"k.{name}" for name in _VALUES}
    connection.exec_driver_sql(_FIND.format(**given, length=_LENGTH))
    connection.exec_driver_sql(
        "DELETE FROM registry.assessment a USING same_assessment o WHERE a.id = o.id"
    )
    connection.exec_driver_sql(
        "DELETE FROM gone_assessment g USING same_assessment o WHERE g.id = o.id"
    )
    return connection.exec_driver_sql(
        "UPDATE staged_assessment s SET aside = true FROM same_assessment o WHERE s.id = o.id"
    ).rowcount


_VALUES = ("total", "items")

# The number of items of a questionnaire. Unanswered items at the end may be missing in a row.
_LENGTH = "CASE e.instrument {} ELSE 0 END".format(
    " ".join(f"WHEN '{one.code}' THEN {one.items}" for one in INSTRUMENTS.values())
)

# For speed, only rows that share patient, instrument and day with another row are read further:
# others cannot be the same assessment.
_FIND = """
CREATE TEMPORARY TABLE same_assessment ON COMMIT DROP AS
WITH every AS (
    SELECT s.id, s.patient_id, s.instrument, s.taken_on, {total} AS total, {items} AS items
    FROM staged_assessment s LEFT JOIN registry.assessment k ON k.id = s.id
    WHERE NOT (s.deleted OR s.aside)
    UNION ALL
    SELECT a.id, a.patient_id, a.instrument, a.taken_on, a.total, a.items
    FROM registry.assessment a
    WHERE NOT EXISTS (SELECT FROM staged_assessment s WHERE s.id = a.id AND NOT s.aside)
      AND NOT EXISTS (SELECT FROM gone_assessment g WHERE g.id = a.id)
      AND EXISTS (SELECT FROM staged_assessment s WHERE s.patient_id = a.patient_id
                  AND s.instrument = a.instrument AND s.taken_on = a.taken_on)
), crowded AS (
    SELECT patient_id, instrument, taken_on FROM every GROUP BY 1, 2, 3 HAVING count(*) > 1
), valued AS (
    SELECT e.id, e.patient_id, e.instrument, e.taken_on, e.items,
           coalesce(e.total, CASE WHEN array_position(e.items, NULL) IS NULL
                                   AND cardinality(e.items) >= {length}
                             THEN (SELECT sum(item) FROM unnest(e.items) item) END) AS value
    FROM every e JOIN crowded USING (patient_id, instrument, taken_on)
), ranked AS (
    SELECT id, items,
           row_number() OVER (PARTITION BY patient_id, instrument, taken_on, value, items
                              ORDER BY id) AS place,
           count(items) OVER (PARTITION BY patient_id, instrument, taken_on, value) AS with_items
    FROM valued
)
SELECT id FROM ranked WHERE place > 1 OR (items IS NULL AND with_items > 0)
"""
