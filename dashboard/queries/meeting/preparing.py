"""Preparing a meeting: the nurse's caseload, and what she prepares of each patient."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection, Row, text

from dashboard.clinical.advice.drafts import NotYours
from dashboard.clinical.advice.lines import storable
from dashboard.clinical.caseload.ranking import Ranked, ranked
from dashboard.clinical.meeting.agenda import CaseToPrepare, Preparation, missing_before
from dashboard.clinical.people import Identity, Person
from dashboard.database.audit.access_log import log_access
from dashboard.queries.caseload.episode_facts import facts_of

_KEYS = UUID("c5a3b1d2-5f64-4a53-9a53-6a8b0a0f7f21")


def caseload_to_prepare(connection: Connection, as_of: date) -> list[CaseToPrepare]:
    """The open episodes of the acting nurse, and of whom she covers, in the list's order.

    Writes its row in the access log.
    """
    cases = _cases(connection, _MINE, {}, as_of)
    log_access(connection, "preparing_opened", as_of=as_of.isoformat(), episodes=len(cases))
    return cases


def cases_of_pair(
    connection: Connection, psychiatrist_id: int, nurse_id: int, as_of: date
) -> list[CaseToPrepare]:
    """The open episodes that a psychiatrist and a nurse share, in the list's order.

    Whoever calls it writes the row in the access log.
    """
    pair = {"psychiatrist": psychiatrist_id, "nurse": nurse_id}
    return _cases(connection, _OF_PAIR, pair, as_of)


def log_case(connection: Connection, case: CaseToPrepare) -> None:
    """Write in the access log that this patient's preparation is on the screen."""
    log_access(
        connection,
        "preparation_opened",
        case.identity.patient_id,
        episode_id=case.episode_id,
    )


def save_preparation(
    connection: Connection,
    episode_id: int,
    *,
    question: str | None = None,
    tried: str | None = None,
    wants_discussion: bool | None = None,
) -> Preparation:
    """Save what was typed or ticked; what is not given stays as it is.

    Where the preparation was withdrawn meanwhile, or a review has answered it, this begins
    the next one. Raises ``NotYours``.
    """
    episode = _find(connection, episode_id)
    row = _save(connection, episode, _next_id(episode), question, tried, wants_discussion)
    return replace(_preparation(row), saved_at=row.saved_at)


def make_ready(connection: Connection, episode_id: int) -> Preparation:
    """Say that the patient is prepared; a question is asked from now on.

    A second time changes nothing: the days to answer count from the first. Raises ``NotYours``.
    """
    episode = _find(connection, episode_id)
    _save(connection, episode, _next_id(episode), None, None, None)
    wanted = {"patient": episode.patient_id, "id": _next_id(episode)}
    changed = connection.execute(text(_MAKE_READY), wanted).rowcount
    if changed:
        _log(connection, "preparation_ready", episode)
    return _preparation(connection.execute(text(_READ), wanted).one())


def withdraw(connection: Connection, episode_id: int) -> Preparation:
    """Ask no more; what was written stays, as a preparation that is not ready.

    The one that was ready keeps its text and its days, and a later one takes its place. Raises
    ``NotYours``.
    """
    episode = _find(connection, episode_id)
    if not episode.is_open or episode.ready_at is None:
        return _current(episode)
    wanted = {"patient": episode.patient_id, "id": episode.id}
    connection.execute(text(_WITHDRAW), wanted)
    _log(connection, "preparation_withdrawn", episode)
    return _preparation(
        _save(
            connection,
            episode,
            _id_after(episode),
            episode.question,
            episode.tried,
            episode.wants_discussion,
        )
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
        identity=Identity(
            known.patient_id,
            known.family_name,
            known.given_name,
            known.birth_date,
            known.sex,
            known.ins,
            known.phone,
        ),
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
    return {row.episode_id: _current(row) for row in rows}


def _find(connection: Connection, episode_id: int) -> Row[Any]:
    """The episode with the nurse's latest preparation of it, if she is acting."""
    row = connection.execute(
        text(f"{_LATEST} WHERE e.id = :episode AND {_MINE} {_ORDER}"), {"episode": episode_id}
    ).one_or_none()
    if row is None:
        raise NotYours
    return row


def _current(row: Row[Any]) -> Preparation:
    """The preparation that is being written; an empty one where the latest is over."""
    return _preparation(row) if row.is_open else Preparation(_next_id(row))


def _next_id(row: Row[Any]) -> UUID:
    return row.id if row.is_open else _id_after(row)


def _id_after(row: Row[Any]) -> UUID:
    """Named after who prepares and what came before: two windows begin the same one."""
    return uuid5(_KEYS, f"{row.nurse_id} prepares {row.episode_id} after {row.id}")


def _save(
    connection: Connection,
    episode: Row[Any],
    number: UUID,
    question: str | None,
    tried: str | None,
    wants_discussion: bool | None,
) -> Row[Any]:
    return connection.execute(
        text(_SAVE),
        {
            "patient": episode.patient_id,
            "id": number,
            "episode": episode.episode_id,
            "nurse": episode.nurse_id,
            "question": _kept(question),
            "tried": _kept(tried),
            "wants_discussion": wants_discussion,
        },
    ).one()


def _kept(typed: str | None) -> str | None:
    """Without what a database cannot hold; what is blank is nothing."""
    return None if typed is None else storable(typed) if typed.strip() else ""


def _preparation(row: Row[Any]) -> Preparation:
    return Preparation(
        row.id, row.question, row.tried, row.wants_discussion, row.asked_at, row.ready_at
    )


def _log(connection: Connection, action: str, episode: Row[Any]) -> None:
    log_access(connection, action, episode.patient_id, episode_id=episode.episode_id)


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

# Of each episode the latest preparation that is open, else the latest of all. One that was made
# ready is over once a review was signed after it; one that was not waits for its nurse.
_LATEST = """
    SELECT DISTINCT ON (e.id) e.id AS episode_id, e.patient_id, e.nurse_id, q.id, q.question,
           q.tried, q.wants_discussion, q.asked_at, q.ready_at,
           q.id IS NOT NULL AND q.withdrawn_at IS NULL
           AND (q.ready_at IS NULL OR last.signed_at IS NULL OR last.signed_at <= q.ready_at)
               AS is_open
    FROM registry.episode e
    LEFT JOIN review.preparation q ON q.patient_id = e.patient_id AND q.episode_id = e.id
        AND q.nurse_id = e.nurse_id
    LEFT JOIN LATERAL (
        SELECT max(r.signed_at) AS signed_at FROM review.case_review r
        WHERE r.patient_id = e.patient_id AND r.episode_id = e.id
    ) last ON true
"""

_ORDER = "ORDER BY e.id, is_open DESC, q.asked_at DESC NULLS LAST, q.id"

_PREPARATION = "id, question, tried, wants_discussion, asked_at, ready_at"

# asked_at by the clock, not by the beginning of the transaction: what takes the place of
# another is the later one.
_SAVE = f"""
    INSERT INTO review.preparation AS q (patient_id, id, episode_id, nurse_id, question, tried,
                                         wants_discussion, asked_at)
    VALUES (:patient, :id, :episode, :nurse, coalesce(:question, ''), coalesce(:tried, ''),
            coalesce(:wants_discussion, false), clock_timestamp())
    ON CONFLICT (patient_id, id) DO UPDATE
    SET question = coalesce(:question, q.question), tried = coalesce(:tried, q.tried),
        wants_discussion = coalesce(:wants_discussion, q.wants_discussion)
    RETURNING {_PREPARATION}, clock_timestamp() AS saved_at
"""

_MAKE_READY = """
    UPDATE review.preparation SET ready_at = clock_timestamp()
    WHERE patient_id = :patient AND id = :id AND ready_at IS NULL
"""

_WITHDRAW = """
    UPDATE review.preparation SET withdrawn_at = clock_timestamp()
    WHERE patient_id = :patient AND id = :id AND withdrawn_at IS NULL
"""

_READ = f"SELECT {_PREPARATION} FROM review.preparation WHERE patient_id = :patient AND id = :id"
