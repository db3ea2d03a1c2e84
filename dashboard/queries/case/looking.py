"""Comparison of a case with what it contained in the practitioner's previous look.

A look begins when a practitioner opens the case, and ends an hour after the last opening
(``clinical.case.last_look``). The content of the case is stored for this comparison.
"""

import json
from typing import Any

from sqlalchemy import Connection, Row, text

from dashboard.clinical.advice.drafts import NotYours
from dashboard.clinical.case.case_file import CaseFile
from dashboard.clinical.case.last_look import (
    Looked,
    News,
    from_json,
    news,
    opening,
    snapshot,
    taken_back,
    to_json,
)


def look(connection: Connection, case: CaseFile) -> News:
    """Return what changed in this case since the previous look of the signed-in practitioner.

    The present content is stored for the next comparison. It is not stored if the case is unchanged
    and was stored less than a minute ago. During a first look, and during a look that was taken
    back, it is not stored again. Call this in the transaction of ``open_case``. It makes one query
    and at most one write.
    """
    wanted = {"patient": case.identity.patient_id, "episode": case.episode_id}
    row = connection.execute(_READ, wanted).one()
    opened = opening(_kept(row), snapshot(case, row.now))
    if opened.keep is not None:
        _write(connection, wanted, opened.keep)
    return news(opened, case, row.me)


def take_back(connection: Connection, case: CaseFile) -> None:
    """Undo the last look of the signed-in practitioner at this case.

    The next look then reports the same changes again. Nothing changes after only a first look, or
    if the last look was already taken back. Raise ``NotYours`` if the practitioner has never opened
    it, or no longer sees its patient.
    """
    wanted = {"patient": case.identity.patient_id, "episode": case.episode_id}
    row = connection.execute(_READ, wanted).one()
    kept = _kept(row)
    if kept is None:
        raise NotYours
    _write(connection, wanted, taken_back(kept, row.now))


def _kept(row: Row[Any]) -> Looked | None:
    if row.looked_at is None:
        return None
    before = None if row.seen_before is None else from_json(row.seen_before)
    return Looked(from_json(row.seen), before, row.looked_at)


def _write(connection: Connection, wanted: dict[str, Any], keep: Looked) -> None:
    before = None if keep.before is None else json.dumps(to_json(keep.before))
    connection.execute(
        _WRITE,
        wanted | {"seen": json.dumps(to_json(keep.seen)), "before": before, "at": keep.at},
    )


_READ = text("""
    SELECT now() AS now, review.acting_practitioner() AS me, l.seen, l.seen_before, l.looked_at
    FROM (SELECT) one
    LEFT JOIN review.last_look l ON l.patient_id = :patient AND l.episode_id = :episode
        AND l.practitioner_id = review.acting_practitioner()
""")

_WRITE = text("""
    INSERT INTO review.last_look (patient_id, episode_id, practitioner_id, seen, seen_before,
                                  looked_at)
    VALUES (:patient, :episode, review.acting_practitioner(), CAST(:seen AS jsonb),
            CAST(:before AS jsonb), :at)
    ON CONFLICT (patient_id, episode_id, practitioner_id) DO UPDATE
    SET seen = excluded.seen, seen_before = excluded.seen_before, looked_at = excluded.looked_at
""")
