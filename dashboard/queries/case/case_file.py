"""Opening a case: reading all data of one episode, and recording the opening in the access log."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from dashboard.clinical.case.case_file import (
    CaseFile,
    CaseReview,
    Condition,
    Contact,
    Flag,
    PsychosocialCare,
    Question,
    Recommendation,
    SafetyPlan,
    Sequence,
    Settlement,
    Treatment,
    question_version,
)
from dashboard.clinical.caseload.need import need_of
from dashboard.clinical.caseload.rules import reasons
from dashboard.clinical.meeting.meeting_days import LATEST, usual_weekday
from dashboard.clinical.people import Person
from dashboard.clinical.settlements import SETTLING_OUTCOMES, LineCourse, LineFact
from dashboard.database.audit.access_log import covering, log_access
from dashboard.database.pipelining import read_together
from dashboard.queries.case.case_facts import facts_of_case
from dashboard.queries.case.case_rows import (
    answer_of,
    assessment_of,
    case_review_of,
    recommendation_of,
    treatment_of,
)
from dashboard.queries.case.deliveries import DELIVERIES_OF_PATIENT, deliveries_by_review
from dashboard.queries.case.standing_lines import ReviewLines, courses_from, lines_of_reviews
from dashboard.queries.caseload.episode_facts import BEFORE_ENROLMENT, CLEARED_AT
from dashboard.queries.people import identity_of
from dashboard.queries.row_groups import rows_by
from dashboard.vocabulary import EpisodeStatus, SettlementKind


def open_case(connection: Connection, episode_id: int, as_of: date) -> CaseFile | None:
    """Return the case of an episode on the day ``as_of``, and record the opening in the access log.

    Return None if the episode does not exist, or if the signed-in practitioner may not see it. The
    two results are the same, so that nobody can find out whether the episode exists. The access log
    records the attempt.
    """
    episode = connection.execute(_EPISODE, {"episode": episode_id}).one_or_none()
    if episode is None:
        log_access(connection, "case_refused", episode_id=episode_id)
        return None
    log_access(
        connection,
        "case_opened",
        episode.patient_id,
        episode_id=episode_id,
        **covering(episode.covered_id),
    )
    return _CaseReader(connection, episode, as_of).case_file()


def read_case(connection: Connection, episode_id: int, as_of: date) -> CaseFile | None:
    """Return the same case as ``open_case``, but record nothing in the access log.

    Use this in functions that change a case, because they record the change themselves.
    """
    episode = connection.execute(_EPISODE, {"episode": episode_id}).one_or_none()
    return None if episode is None else _CaseReader(connection, episode, as_of).case_file()


class _CaseReader:
    """A builder of a case.

    It sends the queries for all parts of the case to the database at once.
    """

    def __init__(self, connection: Connection, episode: Row[Any], as_of: date) -> None:
        self.episode = episode
        self.as_of = as_of
        wanted = {
            "episode": episode.episode_id,
            "patient": episode.patient_id,
            "from": episode.enrolled_on - BEFORE_ENROLMENT,
            "enrolled_on": episode.enrolled_on,
            "until": _until(episode, as_of),
            "as_of": as_of,
            "psychiatrist": episode.psychiatrist_id,
            "nurse": episode.nurse_id,
        }
        queries = _QUERIES | (_OPTIONAL if episode.has_safety_plans else {})
        self.rows = read_together(connection, queries, wanted)
        wanted["people"] = sorted(self._named())
        self.people = {row.id: Person(*row) for row in connection.execute(_PEOPLE, wanted)}

    def _named(self) -> set[int]:
        """Return the ids of all practitioners whose ids are in the rows of the case."""
        team = (self.episode.gp_id, self.episode.nurse_id, self.episode.psychiatrist_id)
        others = (
            getattr(row, column)
            for part, columns in _THEY_NAME.items()
            for row in self.rows[part]
            for column in columns
        )
        return {one for one in (*team, *others) if one is not None}

    def case_file(self) -> CaseFile:
        """Return the case, with its need and the reasons why it is on the review list."""
        case = self._without_reasons()
        facts = facts_of_case(case, self.episode.birth_date)
        return replace(case, reasons=reasons(facts, self.as_of), need=need_of(facts, self.as_of))

    def _without_reasons(self) -> CaseFile:
        episode, rows = self.episode, self.rows
        return CaseFile(
            as_of=self.as_of,
            episode_id=episode.episode_id,
            identity=identity_of(episode),
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
            sequences=tuple(Sequence(*row) for row in rows["sequences"]),
            assessments=tuple(map(assessment_of, rows["assessments"])),
            contacts=tuple(map(self._contact, rows["contacts"])),
            treatments=self._treatments(during=True),
            psychosocial=tuple(PsychosocialCare(*row) for row in rows["psychosocial"]),
            conditions=tuple(Condition(*row) for row in rows["conditions"]),
            flags=tuple(map(self._flag, rows["flags"])),
            questions=tuple(map(self._question, rows["questions"])),
            reviews=self._reviews(),
            reasons=(),
            covered=self.people.get(episode.covered_id),
            earlier_treatments=self._treatments(during=False),
            meeting_weekday=usual_weekday([row.held_on for row in rows["meetings"]]),
            safety_plans=tuple(SafetyPlan(*row) for row in rows.get("safety_plans", ())),
            withdrawals=tuple(
                self._settlement(row) for row in rows["settlements"] if row.case_review_id is None
            ),
        )

    def _treatments(self, *, during: bool) -> tuple[Treatment, ...]:
        return tuple(treatment_of(row) for row in self.rows["treatments"] if row.during == during)

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
            row.purpose,
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
            id=row.id,
            nurse=self.people.get(row.nurse_id),
            text=row.question,
            asked_at=row.asked_at,
            ready_at=row.ready_at,
            version=question_version(row.id, row.question),
        )

    def _reviews(self) -> tuple[CaseReview, ...]:
        lines = lines_of_reviews(self._lines())
        deliveries = deliveries_by_review(self.rows["deliveries"])
        settlements = rows_by(self.rows["settlements"], "case_review_id")
        signed = self.rows["reviews"]
        superseded = {row.supersedes: row.id for row in signed if row.supersedes is not None}
        return tuple(
            replace(
                case_review_of(
                    row,
                    self.people.get(row.psychiatrist_id),
                    lines.get(row.id, ReviewLines()),
                    superseded.get(row.id),
                    self.people.get(row.covered_id),
                ),
                seen=row.seen,
                deliveries=deliveries.get(row.id, ()),
                settlements=tuple(map(self._settlement, settlements.get(row.id, ()))),
            )
            for row in signed
        )

    def _settlement(self, row: Row[Any]) -> Settlement:
        return Settlement(
            id=row.id,
            recommendation_id=row.recommendation_id,
            review_id=row.case_review_id,
            kind=SettlementKind(row.kind),
            settled_by=self.people.get(row.settled_by),
            settled_at=row.settled_at,
            due_on=row.due_on,
            replaced_by=row.replaced_by,
            reason=row.reason,
        )

    def _lines(self) -> dict[UUID, Recommendation]:
        answers = rows_by(self.rows["answers"], "recommendation_id")
        rows = self.rows["recommendations"]
        facts = (
            LineFact(row.id, row.case_review_id, row.due_on, _settled_at(answers.get(row.id, ())))
            for row in rows
        )
        courses = courses_from(self.rows["reviews"], facts, self.rows["settlements"])
        return {
            row.id: self._recommendation(row, answers.get(row.id, ()), courses[row.id])
            for row in rows
            if row.id in courses
        }

    def _recommendation(
        self, row: Row[Any], answers: Iterable[Row[Any]], course: LineCourse
    ) -> Recommendation:
        return recommendation_of(
            row,
            tuple(answer_of(one, self.people.get(one.practitioner_id)) for one in answers),
            course,
        )


def _settled_at(answers: Iterable[Row[Any]]) -> datetime | None:
    """Return the time of the first answer after which nothing more is awaited; None if there is
    none.
    """
    settling = (one.answered_at for one in answers if one.outcome in SETTLING_OUTCOMES)
    return min(settling, default=None)


def _until(episode: Row[Any], as_of: date) -> date:
    """Return the last day whose scores, contacts and safety plans belong to the case.

    Treatments and psychosocial care belong to it if they began by this day. Conditions, flags,
    sequences, questions and reviews are read up to ``as_of``. The day is ``as_of``, or the
    day on which the episode was closed if that is earlier. If an episode has such a day by mistake
    although it is not closed, the day is ignored.
    """
    if episode.status != EpisodeStatus.CLOSED or episode.closed_on is None:
        return as_of
    closed_on: date = episode.closed_on
    return min(closed_on, as_of)


_EPISODE = text("""
    SELECT e.id AS episode_id, e.patient_id, e.gp_id, e.nurse_id, e.psychiatrist_id,
           e.referred_on, e.consented_on, e.enrolled_on, e.status, e.closed_on, e.problem,
           e.diagnosis_code, e.diagnosis_label, s.name AS site,
           p.family_name, p.given_name, p.birth_date, p.sex, p.ins, p.phone,
           coalesce(has_table_privilege(to_regclass('registry.safety_plan'), 'SELECT'), false)
               AND (SELECT count(*) = 4 FROM pg_attribute
                    WHERE attrelid = to_regclass('registry.safety_plan') AND NOT attisdropped
                      AND attname IN ('id', 'patient_id', 'made_on', 'reviewed_on'))
               AS has_safety_plans,
           (SELECT one FROM unnest(ARRAY[e.psychiatrist_id, e.nurse_id, e.gp_id]) one
            WHERE one = ANY (review.acting_for())
              AND (review.acting_practitioner() IN (e.psychiatrist_id, e.nurse_id, e.gp_id))
                  IS NOT TRUE
            LIMIT 1) AS covered_id
    FROM registry.episode e
    JOIN registry.patient p ON p.id = e.patient_id
    LEFT JOIN registry.site s ON s.id = e.site_id
    WHERE e.id = :episode
""")

_PEOPLE = text("""
    SELECT id, family_name, given_name FROM registry.practitioner
    WHERE id = ANY (CAST(:people AS bigint[]))
""")

_THEY_NAME = {
    "contacts": ("practitioner_id",),
    "flags": ("raised_by", "cleared_by"),
    "reviews": ("psychiatrist_id", "covered_id"),
    "answers": ("practitioner_id",),
    "questions": ("nurse_id",),
    "settlements": ("settled_by",),
}
"""For each part of a case, the columns of its rows that contain the id of a practitioner.

The psychiatrist, the nurse and the GP of the episode are not among them.
"""

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

# A registry need not have the column ``contact.purpose``. If it has none, the name ``purpose`` in
# the inner query means the column of ``absent``, which is NULL.
_CONTACTS = text("""
    SELECT contact.*
    FROM (SELECT NULL::text AS purpose) AS absent,
         LATERAL (
             SELECT id, happened_at, (happened_at AT TIME ZONE 'Europe/Paris')::date AS day, kind,
                    attended, minutes, practitioner_id, note, purpose
             FROM registry.contact
             WHERE patient_id = :patient
               AND (happened_at AT TIME ZONE 'Europe/Paris')::date BETWEEN :from AND :until
         ) AS contact
    ORDER BY happened_at, id
""")

# A treatment that ended before it started, by mistake, is shown all the same. Treatments that ended
# more than 14 days before the enrolment are not shown. The rules need them to find the start of a
# drug that was taken without a break, and the cautions to find a drug that has failed before.
_TREATMENTS = text("""
    SELECT id, atc_code, name, daily_dose_mg, as_needed, started_on,
           CASE WHEN stopped_on <= :as_of THEN stopped_on END AS stopped_on,
           CASE WHEN stopped_on <= :as_of THEN stop_reason END AS stop_reason,
           adherence, side_effects,
           (stopped_on IS NULL OR stopped_on >= :from OR stopped_on < started_on) AS during
    FROM registry.medication
    WHERE patient_id = :patient AND started_on <= :until
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

_FLAGS = text(f"""
    SELECT id, kind, raised_by, raised_at, note,
           CASE WHEN ({CLEARED_AT} AT TIME ZONE 'Europe/Paris')::date <= :as_of
                THEN cleared_by END AS cleared_by,
           CASE WHEN ({CLEARED_AT} AT TIME ZONE 'Europe/Paris')::date <= :as_of
                THEN cleared_at END AS cleared_at
    FROM registry.flag
    WHERE patient_id = :patient
      AND (raised_at AT TIME ZONE 'Europe/Paris')::date <= :as_of
      AND ({CLEARED_AT} IS NULL
           OR (cleared_at AT TIME ZONE 'Europe/Paris')::date >= :enrolled_on)
    ORDER BY raised_at, id
""")

OPEN_QUESTIONS = """
    SELECT p.id, p.nurse_id, p.question, p.asked_at, p.ready_at
    FROM review.preparation p
    WHERE p.patient_id = :patient AND p.episode_id = :episode AND p.question ~ '\\S'
      AND (p.ready_at AT TIME ZONE 'Europe/Paris')::date <= :as_of
      AND (p.withdrawn_at IS NULL
           OR (p.withdrawn_at AT TIME ZONE 'Europe/Paris')::date > :as_of)
      AND NOT EXISTS (
          SELECT FROM review.case_review r
          WHERE r.patient_id = p.patient_id AND r.episode_id = p.episode_id
            AND r.signed_at > p.ready_at
            AND (r.signed_at AT TIME ZONE 'Europe/Paris')::date <= :as_of)
    ORDER BY p.ready_at
"""
"""SQL query for the open questions of the nurse about an episode, on the day ``:as_of``."""

_QUESTIONS = text(OPEN_QUESTIONS)

_REVIEWS = text("""
    SELECT id, episode_id, psychiatrist_id, covered_id, outcome, summary, next_review_on, signed_at,
           supersedes, seen, (signed_at AT TIME ZONE 'Europe/Paris')::date AS signed_on,
           risk_level, risk_reassess_on, risk_reason
    FROM review.case_review
    WHERE patient_id = :patient AND episode_id = :episode
      AND (signed_at AT TIME ZONE 'Europe/Paris')::date <= :as_of
    ORDER BY signed_at, id
""")

_RECOMMENDATIONS = text("""
    SELECT c.id, c.case_review_id, c.position, c.kind, c.action, c.atc_code, c.drug_name,
           c.daily_dose_mg, c.titration, c.detail, c.alternative, c.owner_role, c.due_on,
           c.replaced_drug_name
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

_SETTLEMENTS = text("""
    SELECT s.id, s.recommendation_id, s.case_review_id, s.kind, s.settled_by, s.settled_at,
           s.due_on, s.replaced_by, s.reason
    FROM review.settlement s
    JOIN review.recommendation c ON c.patient_id = s.patient_id AND c.id = s.recommendation_id
    JOIN review.case_review r ON r.patient_id = c.patient_id AND r.id = c.case_review_id
    WHERE s.patient_id = :patient AND r.episode_id = :episode
      AND (s.settled_at AT TIME ZONE 'Europe/Paris')::date <= :as_of
    ORDER BY r.signed_at, r.id, c.position, s.settled_at, s.id
""")

_MEETINGS = text(f"""
    SELECT held_on FROM review.meeting
    WHERE psychiatrist_id = :psychiatrist AND nurse_id = :nurse AND ended_at IS NOT NULL
      AND held_on <= :as_of
    ORDER BY held_on DESC LIMIT {LATEST}
""")

_QUERIES = {
    "meetings": _MEETINGS,
    "sequences": _SEQUENCES,
    "assessments": _ASSESSMENTS,
    "contacts": _CONTACTS,
    "treatments": _TREATMENTS,
    "psychosocial": _PSYCHOSOCIAL,
    "conditions": _CONDITIONS,
    "flags": _FLAGS,
    "questions": _QUESTIONS,
    "reviews": _REVIEWS,
    "recommendations": _RECOMMENDATIONS,
    "answers": _ANSWERS,
    "settlements": _SETTLEMENTS,
    "deliveries": DELIVERIES_OF_PATIENT,
}

_SAFETY_PLANS = text("""
    SELECT id, made_on, CASE WHEN reviewed_on <= :as_of THEN reviewed_on END AS reviewed_on
    FROM registry.safety_plan
    WHERE patient_id = :patient AND made_on <= :until
    ORDER BY made_on, id
""")

_OPTIONAL = {"safety_plans": _SAFETY_PLANS}
"""Queries of tables that a registry need not have."""
