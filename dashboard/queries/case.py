"""Opening a case: everything that is known of one episode, and a row in the access log."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, TextClause, text

from dashboard.clinical.case_file import (
    Answer,
    Assessment,
    CaseFile,
    CaseReview,
    Condition,
    Contact,
    Flag,
    Identity,
    Person,
    PsychosocialCare,
    Question,
    Recommendation,
    Sequence,
    Treatment,
)
from dashboard.clinical.instruments import valid_score
from dashboard.clinical.rules import reasons
from dashboard.database.access_log import log_access
from dashboard.queries.episode_facts import BEFORE_ENROLMENT, facts_of, finite


def open_case(connection: Connection, episode_id: int, as_of: date) -> CaseFile | None:
    """The case of an episode as it stands on a day; none if it is not there or not yours.

    Both are the same on purpose, and both are on the access log.
    """
    episode = connection.execute(_EPISODE, {"episode": episode_id}).one_or_none()
    if episode is None:
        log_access(connection, "case_refused", episode_id=episode_id)
        return None
    log_access(connection, "case_opened", episode.patient_id, episode_id=episode_id)
    return _CaseReader(connection, episode, as_of).case_file()


class _CaseReader:
    """Reads the parts of one case, each with one query."""

    def __init__(self, connection: Connection, episode: Row[Any], as_of: date) -> None:
        self.connection = connection
        self.episode = episode
        self.as_of = as_of
        self.wanted = {
            "episode": episode.episode_id,
            "patient": episode.patient_id,
            "from": episode.enrolled_on - BEFORE_ENROLMENT,
            "enrolled_on": episode.enrolled_on,
            "until": min(episode.closed_on or as_of, as_of),
            "as_of": as_of,
        }
        self.people = {row.id: Person(*row) for row in self._rows(_PEOPLE)}

    def _rows(self, query: TextClause) -> list[Any]:
        return list(self.connection.execute(query, self.wanted).all())

    def case_file(self) -> CaseFile:
        episode = self.episode
        facts = facts_of(self.connection, [episode], self.as_of)[0]
        return CaseFile(
            as_of=self.as_of,
            episode_id=episode.episode_id,
            identity=Identity(
                episode.patient_id,
                episode.family_name,
                episode.given_name,
                episode.birth_date,
                episode.sex,
                episode.ins,
                episode.phone,
            ),
            site=episode.site,
            gp=self.people.get(episode.gp_id),
            nurse=self.people.get(episode.nurse_id),
            psychiatrist=self.people.get(episode.psychiatrist_id),
            referred_on=episode.referred_on,
            consented_on=episode.consented_on,
            enrolled_on=episode.enrolled_on,
            status=episode.status,
            closed_on=episode.closed_on,
            problem=episode.problem,
            diagnosis_code=episode.diagnosis_code,
            diagnosis_label=episode.diagnosis_label,
            sequences=tuple(Sequence(*row) for row in self._rows(_SEQUENCES)),
            assessments=tuple(map(_assessment, self._rows(_ASSESSMENTS))),
            contacts=tuple(map(self._contact, self._rows(_CONTACTS))),
            treatments=tuple(map(_treatment, self._rows(_TREATMENTS))),
            psychosocial=tuple(PsychosocialCare(*row) for row in self._rows(_PSYCHOSOCIAL)),
            conditions=tuple(Condition(*row) for row in self._rows(_CONDITIONS)),
            flags=tuple(map(self._flag, self._rows(_FLAGS))),
            questions=tuple(map(self._question, self._rows(_QUESTIONS))),
            reviews=self._reviews(),
            reasons=reasons(facts, self.as_of),
        )

    def _contact(self, row: Row[Any]) -> Contact:
        return Contact(
            row.id,
            row.happened_at,
            row.day,
            row.kind,
            row.attended,
            row.minutes,
            self.people.get(row.practitioner_id),
            row.note,
        )

    def _flag(self, row: Row[Any]) -> Flag:
        return Flag(
            row.id,
            row.kind,
            self.people.get(row.raised_by),
            row.raised_at,
            row.note,
            self.people.get(row.cleared_by),
            row.cleared_at,
        )

    def _question(self, row: Row[Any]) -> Question:
        return Question(
            row.id, self.people.get(row.nurse_id), row.question, row.asked_at, row.ready_at
        )

    def _reviews(self) -> tuple[CaseReview, ...]:
        answers = _by(self._rows(_ANSWERS), "recommendation_id")
        lines = _by(self._rows(_RECOMMENDATIONS), "case_review_id")
        signed = self._rows(_REVIEWS)
        superseded = {row.supersedes: row.id for row in signed if row.supersedes is not None}
        return tuple(
            CaseReview(
                id=row.id,
                psychiatrist=self.people.get(row.psychiatrist_id),
                outcome=row.outcome,
                summary=row.summary,
                next_review_on=row.next_review_on,
                signed_at=row.signed_at,
                signed_on=row.signed_on,
                supersedes=row.supersedes,
                superseded_by=superseded.get(row.id),
                recommendations=tuple(
                    self._recommendation(line, answers.get(line.id, ()))
                    for line in lines.get(row.id, ())
                ),
                seen=row.seen,
            )
            for row in signed
        )

    def _recommendation(self, row: Row[Any], answers: Iterable[Row[Any]]) -> Recommendation:
        return Recommendation(
            id=row.id,
            position=row.position,
            kind=row.kind,
            action=row.action,
            atc_code=row.atc_code,
            drug_name=row.drug_name,
            daily_dose_mg=finite(row.daily_dose_mg),
            titration=row.titration,
            detail=row.detail,
            alternative=row.alternative,
            owner_role=row.owner_role,
            due_on=row.due_on,
            answers=tuple(
                Answer(
                    answer.id,
                    self.people.get(answer.practitioner_id),
                    answer.outcome,
                    answer.reason,
                    answer.answered_at,
                )
                for answer in answers
            ),
        )


def _by(rows: Iterable[Row[Any]], key: str) -> Mapping[UUID, list[Row[Any]]]:
    groups: dict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, key)].append(row)
    return groups


def _assessment(row: Row[Any]) -> Assessment:
    return Assessment(
        row.id,
        row.instrument,
        row.taken_on,
        row.total,
        None if row.items is None else tuple(row.items),
        valid_score(row.instrument, row.total, row.items),
    )


def _treatment(row: Row[Any]) -> Treatment:
    return Treatment(
        row.id,
        row.atc_code,
        row.name,
        finite(row.daily_dose_mg),
        row.as_needed,
        row.started_on,
        row.stopped_on,
        row.stop_reason,
        row.adherence,
        row.side_effects,
    )


_EPISODE = text("""
    SELECT e.id AS episode_id, e.patient_id, e.gp_id, e.nurse_id, e.psychiatrist_id,
           e.referred_on, e.consented_on, e.enrolled_on, e.status, e.closed_on, e.problem,
           e.diagnosis_code, e.diagnosis_label, s.name AS site,
           p.family_name, p.given_name, p.birth_date, p.sex, p.ins, p.phone
    FROM registry.episode e
    JOIN registry.patient p ON p.id = e.patient_id
    LEFT JOIN registry.site s ON s.id = e.site_id
    WHERE e.id = :episode
""")

_PEOPLE = text("""
    SELECT id, family_name, given_name FROM registry.practitioner
    WHERE id IN (
        SELECT unnest(ARRAY[gp_id, nurse_id, psychiatrist_id])
        FROM registry.episode WHERE patient_id = :patient
        UNION SELECT practitioner_id FROM registry.contact WHERE patient_id = :patient
        UNION SELECT unnest(ARRAY[raised_by, cleared_by])
              FROM registry.flag WHERE patient_id = :patient
        UNION SELECT psychiatrist_id FROM review.case_review WHERE patient_id = :patient
        UNION SELECT practitioner_id FROM review.answer WHERE patient_id = :patient
        UNION SELECT nurse_id FROM review.preparation WHERE patient_id = :patient)
""")

_SEQUENCES = text("""
    SELECT kind, number, starts_on, ends_on FROM registry.care_sequence
    WHERE episode_id = :episode AND starts_on <= :as_of
    ORDER BY starts_on, id
""")

_ASSESSMENTS = text("""
    SELECT id, instrument, taken_on, total, items FROM registry.assessment
    WHERE patient_id = :patient AND taken_on BETWEEN :from AND :until
    ORDER BY taken_on, id
""")

_CONTACTS = text("""
    SELECT id, happened_at, (happened_at AT TIME ZONE 'Europe/Paris')::date AS day, kind,
           attended, minutes, practitioner_id, note
    FROM registry.contact
    WHERE patient_id = :patient
      AND (happened_at AT TIME ZONE 'Europe/Paris')::date BETWEEN :from AND :until
    ORDER BY happened_at, id
""")

# Rows that a mistake in the registry has put the wrong way round are shown, not dropped.
_TREATMENTS = text("""
    SELECT id, atc_code, name, daily_dose_mg, as_needed, started_on,
           CASE WHEN stopped_on <= :as_of THEN stopped_on END AS stopped_on,
           CASE WHEN stopped_on <= :as_of THEN stop_reason END AS stop_reason,
           adherence, side_effects
    FROM registry.medication
    WHERE patient_id = :patient AND started_on <= :until
      AND (stopped_on IS NULL OR stopped_on >= :from OR stopped_on < started_on)
    ORDER BY started_on, id
""")

_PSYCHOSOCIAL = text("""
    SELECT id, kind, started_on, CASE WHEN ended_on <= :as_of THEN ended_on END AS ended_on,
           sessions, note
    FROM registry.psychosocial_care
    WHERE patient_id = :patient AND started_on <= :until
      AND (ended_on IS NULL OR ended_on >= :from OR ended_on < started_on)
    ORDER BY started_on, id
""")

_CONDITIONS = text("""
    SELECT id, code, label, onset_on,
           CASE WHEN resolved_on <= :as_of THEN resolved_on END AS resolved_on
    FROM registry.condition
    WHERE patient_id = :patient AND (onset_on IS NULL OR onset_on <= :as_of)
      AND (resolved_on IS NULL OR resolved_on >= :from OR resolved_on < onset_on)
    ORDER BY onset_on NULLS FIRST, id
""")

_FLAGS = text("""
    SELECT id, kind, raised_by, raised_at, note,
           CASE WHEN (cleared_at AT TIME ZONE 'Europe/Paris')::date <= :as_of
                THEN cleared_by END AS cleared_by,
           CASE WHEN (cleared_at AT TIME ZONE 'Europe/Paris')::date <= :as_of
                THEN cleared_at END AS cleared_at
    FROM registry.flag
    WHERE patient_id = :patient
      AND (raised_at AT TIME ZONE 'Europe/Paris')::date <= :as_of
      AND (cleared_at IS NULL
           OR (cleared_at AT TIME ZONE 'Europe/Paris')::date >= :enrolled_on)
    ORDER BY raised_at, id
""")

_QUESTIONS = text("""
    SELECT p.id, p.nurse_id, p.question, p.asked_at, p.ready_at
    FROM review.preparation p
    WHERE p.patient_id = :patient AND p.episode_id = :episode
      AND (p.ready_at AT TIME ZONE 'Europe/Paris')::date <= :as_of
      AND (p.withdrawn_at IS NULL
           OR (p.withdrawn_at AT TIME ZONE 'Europe/Paris')::date > :as_of)
      AND NOT EXISTS (
          SELECT FROM review.case_review r
          WHERE r.patient_id = p.patient_id AND r.episode_id = p.episode_id
            AND r.signed_at > p.ready_at
            AND (r.signed_at AT TIME ZONE 'Europe/Paris')::date <= :as_of)
    ORDER BY p.ready_at
""")

_REVIEWS = text("""
    SELECT id, psychiatrist_id, outcome, summary, next_review_on, signed_at, supersedes, seen,
           (signed_at AT TIME ZONE 'Europe/Paris')::date AS signed_on
    FROM review.case_review
    WHERE patient_id = :patient AND episode_id = :episode
      AND (signed_at AT TIME ZONE 'Europe/Paris')::date <= :as_of
    ORDER BY signed_at, id
""")

_RECOMMENDATIONS = text("""
    SELECT c.id, c.case_review_id, c.position, c.kind, c.action, c.atc_code, c.drug_name,
           c.daily_dose_mg, c.titration, c.detail, c.alternative, c.owner_role, c.due_on
    FROM review.recommendation c
    JOIN review.case_review r ON r.patient_id = c.patient_id AND r.id = c.case_review_id
    WHERE c.patient_id = :patient AND r.episode_id = :episode
    ORDER BY c.position
""")

_ANSWERS = text("""
    SELECT a.id, a.recommendation_id, a.practitioner_id, a.outcome, a.reason, a.answered_at
    FROM review.answer a
    WHERE a.patient_id = :patient
      AND (a.answered_at AT TIME ZONE 'Europe/Paris')::date <= :as_of
    ORDER BY a.answered_at, a.id
""")
