"""The history of recommendations: the later reviews that kept, replaced or withdrew each of
them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from dashboard.calendar import PARIS
from dashboard.clinical.case.case_file import Recommendation
from dashboard.clinical.settlements import (
    SETTLING_OUTCOMES,
    LineCourse,
    LineFact,
    SettlementFact,
    SignedFact,
    line_courses,
)
from dashboard.vocabulary import SettlementKind


def courses_of(
    connection: Connection, episodes: Mapping[int, int], as_of: date | None
) -> dict[UUID, LineCourse]:
    """Return the history of every recommendation of these episodes, by the id of the
    recommendation.

    ``episodes`` maps the id of each episode to the id of its patient. The history ends with the day
    ``as_of``; without ``as_of``, it ends now. The function makes three queries, whatever the number
    of episodes.
    """
    wanted: dict[str, Any] = {
        "patients": _array(set(episodes.values())),
        "episodes": _array(episodes),
        "before": "infinity" if as_of is None else before_end_of(as_of),
        "settling": list(SETTLING_OUTCOMES),
    }
    reviews = connection.execute(text(_REVIEWS), wanted).all()
    lines = [LineFact(*row) for row in connection.execute(text(_LINES), wanted)]
    settlements = connection.execute(text(_SETTLEMENTS), wanted).all()
    return courses_from(reviews, lines, settlements)


def courses_of_reviews(
    connection: Connection, reviews: Sequence[UUID], as_of: date | None
) -> dict[UUID, LineCourse]:
    """Return the history of every recommendation of the episodes of these reviews.

    The result and ``as_of`` are as in ``courses_of``.
    """
    wanted: dict[str, Any] = {"reviews": list(reviews)}
    rows = connection.execute(text(_EPISODES_OF_REVIEWS), wanted).all()
    return courses_of(connection, {row.episode_id: row.patient_id for row in rows}, as_of)


def lock_advice(connection: Connection, episode_id: int) -> None:
    """Lock the recommendations of an episode until the transaction ends.

    While the lock is held, no other transaction can sign a review of this episode, answer or
    withdraw one of its recommendations, or change the nurse's question. If two reviews are signed
    at once, the second waits, and then sees which recommendations the first has ended.
    """
    connection.execute(text(_LOCK_ADVICE), {"episode": episode_id})


def courses_from(
    reviews: Iterable[Row[Any]], lines: Iterable[LineFact], settlements: Iterable[Row[Any]]
) -> dict[UUID, LineCourse]:
    """Return the history of each of the recommendations ``lines``, by its id.

    They may belong to several episodes. ``reviews`` are rows with ``id``, ``episode_id``,
    ``signed_at``, ``outcome`` and ``supersedes``. ``settlements`` are rows of
    ``review.settlement``.
    """
    signed: dict[int, list[SignedFact]] = defaultdict(list)
    episode_of: dict[UUID, int] = {}
    for row in reviews:
        episode_of[row.id] = row.episode_id
        fact = SignedFact(row.id, row.signed_at, row.outcome, row.supersedes)
        signed[row.episode_id].append(fact)
    given: dict[int, list[LineFact]] = defaultdict(list)
    for line in lines:
        if line.review_id in episode_of:
            given[episode_of[line.review_id]].append(line)
    by_line: dict[UUID, list[SettlementFact]] = defaultdict(list)
    for row in settlements:
        by_line[row.recommendation_id].append(_settlement(row))
    return {
        course.line.id: course
        for episode, facts in given.items()
        for course in line_courses(
            signed[episode],
            facts,
            [one for line in facts for one in by_line.get(line.id, ())],
        )
    }


@dataclass(frozen=True)
class ReviewLines:
    """The recommendations that are shown with one review: those that it gave (``own``), and the
    earlier ones that it ``kept`` or ``ended``.
    """

    own: tuple[Recommendation, ...] = ()
    kept: tuple[Recommendation, ...] = ()
    ended: tuple[Recommendation, ...] = ()


def lines_of_reviews(lines: Mapping[UUID, Recommendation]) -> dict[UUID, ReviewLines]:
    """Return the recommendations by the id of each review with which they are shown.

    They are in the order in which they were given. ``lines`` also has the recommendations that
    replaced others. Each of these is set as the ``replacement`` of the one that it replaced.
    """
    found: dict[UUID, dict[str, list[Recommendation]]] = defaultdict(lambda: defaultdict(list))
    for line in sorted(lines.values(), key=_given):
        if line.course is not None:
            by = lines.get(line.course.replaced_by) if line.course.replaced_by else None
            for review, part in _places(line.course):
                found[review][part].append(replace(line, replacement=by))
    return {
        review: ReviewLines(*(tuple(parts[name]) for name in ("own", "kept", "ended")))
        for review, parts in found.items()
    }


def _given(line: Recommendation) -> tuple[datetime, int]:
    if line.course is None:
        raise ValueError("a line that is shown with its review has a course")
    return line.course.given_at, line.position


def _places(course: LineCourse) -> Iterator[tuple[UUID, str]]:
    """Yield the id of each review with which a recommendation is shown.

    With the id, yield the name of the field of ``ReviewLines`` that lists the recommendation.
    """
    yield course.line.review_id, "own"
    if course.is_wanted and course.sent_by != course.line.review_id:
        yield course.sent_by, "kept"
    if course.is_said and course.ended_by is not None:
        yield course.ended_by, "ended"


def before_end_of(as_of: date) -> datetime:
    """Return the start of the day after ``as_of`` in Paris.

    Anything earlier happened by ``as_of``.
    """
    return datetime.combine(as_of + timedelta(days=1), time(), tzinfo=PARIS)


def _settlement(row: Row[Any]) -> SettlementFact:
    return SettlementFact(
        row.recommendation_id,
        row.case_review_id,
        SettlementKind(row.kind),
        row.due_on,
        row.replaced_by,
        row.reason or "",
        row.settled_at,
    )


def _array(ids: Iterable[int]) -> str:
    return "{" + ",".join(map(str, sorted(ids))) + "}"


_REVIEWS = """
    SELECT id, episode_id, signed_at, outcome, supersedes
    FROM review.case_review
    WHERE patient_id = ANY (CAST(:patients AS bigint[]))
      AND episode_id = ANY (CAST(:episodes AS bigint[]))
      AND signed_at < CAST(:before AS timestamptz)
"""

_LINES = """
    SELECT c.id, c.case_review_id, c.due_on, settling.settled_at
    FROM review.recommendation c
    LEFT JOIN (SELECT recommendation_id, min(answered_at) AS settled_at FROM review.answer
               WHERE patient_id = ANY (CAST(:patients AS bigint[]))
                 AND outcome = ANY (:settling) AND answered_at < CAST(:before AS timestamptz)
               GROUP BY recommendation_id) settling ON settling.recommendation_id = c.id
    WHERE c.patient_id = ANY (CAST(:patients AS bigint[]))
"""

_SETTLEMENTS = """
    SELECT recommendation_id, case_review_id, kind, due_on, replaced_by, reason, settled_at
    FROM review.settlement
    WHERE patient_id = ANY (CAST(:patients AS bigint[]))
      AND settled_at < CAST(:before AS timestamptz)
"""

_EPISODES_OF_REVIEWS = """
    SELECT DISTINCT episode_id, patient_id FROM review.case_review
    WHERE id = ANY (CAST(:reviews AS uuid[]))
"""

_LOCK_ADVICE = """
    SELECT pg_advisory_xact_lock(hashtextextended('case_review.advice ' || :episode, 0))
"""
