"""The cases that a nurse prepares for a meeting, and the nurse's preparation of each case."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection, Row, text

from dashboard.clinical.advice.drafts import NotYours
from dashboard.clinical.caseload.ranking import Ranked, ranked
from dashboard.clinical.meeting.agenda import CaseToPrepare, Preparation, missing_before
from dashboard.clinical.people import Person
from dashboard.database.audit.access_log import log_access
from dashboard.queries.caseload.episode_facts import facts_of
from dashboard.queries.people import identity_of

_KEYS = UUID("c5a3b1d2-5f64-4a53-9a53-6a8b0a0f7f21")


def caseload_to_prepare(connection: Connection, as_of: date) -> list[CaseToPrepare]:
    """Return the open episodes of the signed-in nurse, and of the nurses whom they cover.

    They are in the order of the review list. The reading is recorded in the access log.
    """
    cases = _cases(connection, _MINE, {}, as_of)
    log_access(connection, "preparing_opened", as_of=as_of.isoformat(), episodes=len(cases))
    return cases


def cases_of_pair(
    connection: Connection, psychiatrist_id: int, nurse_id: int, as_of: date
) -> list[CaseToPrepare]:
    """Return the open episodes that a psychiatrist and a nurse share, in the order of the review
    list.

    The caller must record the reading in the access log.
    """
    pair = {"psychiatrist": psychiatrist_id, "nurse": nurse_id}
    return _cases(connection, _OF_PAIR, pair, as_of)


def log_case(connection: Connection, case: CaseToPrepare) -> None:
    """Record in the access log that the nurse's preparation of this case is shown."""
    log_access(
        connection,
        "preparation_opened",
        case.identity.patient_id,
        episode_id=case.episode_id,
    )


def _cases(
    connection: Connection, whose: str, wanted: dict[str, Any], as_of: date
) -> list[CaseToPrepare]:
    episodes = connection.execute(
        text(_OPEN_EPISODES.format(whose=whose)), wanted | {"as_of": as_of}
    ).all()
    known = {row.episode_id: row for row in episodes}
    prepared = _preparations(connection, episodes)
    order = ranked(facts_of(connection, episodes, as_of), as_of)
    return [
        _case(place, known[place.episode.episode_id], prepared[place.episode.episode_id], as_of)
        for place in order
    ]


def _case(place: Ranked, known: Row[Any], preparation: Preparation, as_of: date) -> CaseToPrepare:
    return CaseToPrepare(
        rank=place.rank,
        tier=place.tier,
        reasons=place.reasons,
        facts=place.episode,
        identity=identity_of(known),
        psychiatrist=_person(known.psychiatrist_id, known.by_family_name, known.by_given_name),
        nurse=_person(known.nurse_id, known.nurse_family_name, known.nurse_given_name),
        missing=missing_before(place.episode, place.reasons, as_of),
        preparation=preparation,
    )


def _person(number: int, family_name: str | None, given_name: str | None) -> Person:
    return Person(number, family_name or "?", given_name or "")


def _preparations(connection: Connection, episodes: Iterable[Row[Any]]) -> dict[int, Preparation]:
    numbers = [row.episode_id for row in episodes]
    rows = connection.execute(
        text(f"{_LATEST} WHERE e.id = ANY (:episodes) {_ORDER}"), {"episodes": numbers}
    )
    return {row.episode_id: current_preparation(row) for row in rows}


def find_preparation(connection: Connection, episode_id: int) -> Row[Any]:
    """Return a row with an episode, and its latest open preparation, also of an earlier nurse.

    Without an open preparation, the row has the latest one, or nulls if there is none. Raise
    ``NotYours`` if the signed-in practitioner is not the nurse of the episode, and does not cover
    the nurse.
    """
    row = connection.execute(
        text(f"{_LATEST} WHERE e.id = :episode AND {_MINE} {_ORDER}"), {"episode": episode_id}
    ).one_or_none()
    if row is None:
        raise NotYours
    return row


def own_preparation(connection: Connection, episode_id: int) -> Preparation:
    """Return the open preparation of this episode; an empty one if none is open.

    Raise ``NotYours`` if the signed-in practitioner is not the nurse of the episode, and does not
    cover the nurse.
    """
    return current_preparation(find_preparation(connection, episode_id))


def current_preparation(row: Row[Any]) -> Preparation:
    """Return the preparation in ``row``; an empty one if it was withdrawn, or answered by a
    review.

    The notes of an earlier nurse of the episode are those with which the present nurse begins.
    """
    return (
        replace(preparation_of(row), id=next_id(row)) if row.is_open else Preparation(next_id(row))
    )


def is_taken_over(row: Row[Any]) -> bool:
    """Return whether the preparation in ``row`` was begun by an earlier nurse of the episode, who
    did not make it ready.
    """
    return bool(row.is_open) and row.ready_at is None and row.begun_by != row.nurse_id


def next_id(row: Row[Any]) -> UUID:
    """Return the id under which the present nurse of the episode saves the preparation."""
    return row.id if row.is_open and not is_taken_over(row) else id_after(row)


def id_after(row: Row[Any]) -> UUID:
    """Return the id of the preparation that follows the one in ``row``.

    The id is derived from the previous id. Two windows therefore compute the same id, and write to
    the same row of the database.
    """
    return uuid5(_KEYS, f"{row.nurse_id} prepares {row.episode_id} after {row.id}")


def preparation_of(row: Row[Any]) -> Preparation:
    return Preparation(
        row.id, row.question, row.tried, row.wants_discussion, row.asked_at, row.ready_at
    )


_MINE = "e.nurse_id = ANY ((SELECT review.acting_for())::bigint[])"
_OF_PAIR = "e.psychiatrist_id = :psychiatrist AND e.nurse_id = :nurse"

_OPEN_EPISODES = """
    SELECT e.id AS episode_id, e.patient_id, e.enrolled_on, e.closed_on, e.status,
           e.psychiatrist_id, e.nurse_id, p.family_name, p.given_name, p.birth_date, p.sex,
           p.ins, p.phone,
           by.family_name AS by_family_name, by.given_name AS by_given_name,
           n.family_name AS nurse_family_name, n.given_name AS nurse_given_name
    FROM registry.episode e
    JOIN registry.patient p ON p.id = e.patient_id
    LEFT JOIN registry.practitioner by ON by.id = e.psychiatrist_id
    LEFT JOIN registry.practitioner n ON n.id = e.nurse_id
    WHERE e.enrolled_on <= :as_of AND (e.status IS DISTINCT FROM 'closed' OR e.closed_on > :as_of)
      AND {whose}
"""

# For each episode, the query returns the latest preparation that is open or, if none is open, the
# latest one. A preparation is open until it is withdrawn. One that was made ready also ends when a
# review is signed after it.
_LATEST = """
    SELECT DISTINCT ON (e.id) e.id AS episode_id, e.patient_id, e.nurse_id, q.id, q.question,
           q.tried, q.wants_discussion, q.asked_at, q.ready_at, q.nurse_id AS begun_by,
           q.id IS NOT NULL AND q.withdrawn_at IS NULL
           AND (q.ready_at IS NULL OR last.signed_at IS NULL OR last.signed_at <= q.ready_at)
               AS is_open
    FROM registry.episode e
    LEFT JOIN review.preparation q ON q.patient_id = e.patient_id AND q.episode_id = e.id
    LEFT JOIN LATERAL (
        SELECT max(r.signed_at) AS signed_at FROM review.case_review r
        WHERE r.patient_id = e.patient_id AND r.episode_id = e.id
    ) last ON true
"""

_ORDER = "ORDER BY e.id, is_open DESC, q.asked_at DESC NULLS LAST, q.id"

PREPARATION = "id, question, tried, wants_discussion, asked_at, ready_at"
