"""The records that French law requires of each tele-expertise (a psychiatrist's review from afar).

They are read for the page and for export.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from dashboard.calendar import PARIS
from dashboard.clinical.advice.tele_expertise import (
    EarlierAdvice,
    Incident,
    Professional,
    Record,
    Report,
    Request,
    Sending,
    Signing,
    first_signing,
    request_answered,
)
from dashboard.clinical.case.case_file import CaseReview, Recommendation
from dashboard.clinical.people import Person
from dashboard.clinical.settlements import LineCourse
from dashboard.database.audit.access_log import log_access
from dashboard.queries.case.case_rows import (
    answer_of,
    assessment_of,
    case_review_of,
    recommendation_of,
    treatment_of,
)
from dashboard.queries.case.standing_lines import ReviewLines, courses_of_reviews
from dashboard.queries.caseload.episode_facts import BEFORE_ENROLMENT
from dashboard.queries.people import identity_of
from dashboard.queries.row_groups import rows_by
from dashboard.vocabulary import Role, SettlementKind


def record_of(connection: Connection, case_review_id: UUID) -> Record | None:
    """Return the tele-expertise record of one review.

    Return None if the review is not about an episode of the signed-in psychiatrist or nurse, or of
    a colleague whom they cover. The reading is recorded in the access log.
    """
    record = _record(connection, case_review_id)
    if record is not None:
        _log(connection, "record_opened", record)
    return record


def report_of(connection: Connection, case_review_id: UUID) -> Report | None:
    """Return the tele-expertise record of one review for export, with scores and treatment.

    The scores are those of the episode up to the day of signing, and the treatment is that of this
    day. Later corrections in the registry are included. Return None as ``record_of`` does. The
    export is recorded in the access log.
    """
    record = _record(connection, case_review_id)
    if record is None:
        return None
    _log(connection, "report_exported", record)
    wanted = {
        "patient": record.identity.patient_id,
        "episode": record.episode_id,
        "before": BEFORE_ENROLMENT,
        "signed_on": record.review.signed_on,
    }
    return Report(
        record,
        tuple(map(assessment_of, connection.execute(text(_ASSESSMENTS), wanted))),
        tuple(map(treatment_of, connection.execute(text(_TREATMENTS), wanted))),
    )


def records_between(connection: Connection, first: date, last: date) -> list[Record]:
    """Return the tele-expertise records of the reviews that were signed from ``first`` to ``last``.

    Both days are included. The records are in order of signing. The reviews are those of all
    episodes, open or closed, of the psychiatrist or nurse who is signed in, and of covered
    colleagues. The export is recorded in the access log for each patient. The number of queries
    does not depend on the number of reviews.
    """
    wanted = {
        "from": datetime.combine(first, time(), tzinfo=PARIS),
        "until": datetime.combine(last + timedelta(days=1), time(), tzinfo=PARIS),
        "review": None,
    }
    records = _records(connection, connection.execute(text(REVIEWS), wanted).all())
    log_access(
        connection,
        "records_exported",
        first=first.isoformat(),
        last=last.isoformat(),
        reviews=len(records),
    )
    for patient in sorted({record.identity.patient_id for record in records}):
        log_access(connection, "record_exported", patient)
    return records


def _record(connection: Connection, case_review_id: UUID) -> Record | None:
    wanted = {"review": case_review_id, "from": None, "until": None}
    found = _records(connection, connection.execute(text(REVIEWS), wanted).all())
    return found[0] if found else None


def _log(connection: Connection, action: str, record: Record) -> None:
    log_access(connection, action, record.identity.patient_id, case_review_id=record.review.id)


def _records(connection: Connection, reviews: Sequence[Row[Any]]) -> list[Record]:
    wanted = {
        "patients": list({row.patient_id for row in reviews}),
        "episodes": list({row.episode_id for row in reviews}),
        "reviews": [row.id for row in reviews],
    }

    def read(query: str) -> Sequence[Row[Any]]:
        return connection.execute(text(query), wanted).all()

    parts = _Parts(
        signings=rows_by(read(_SIGNINGS), "episode_id"),
        requests=rows_by(read(_REQUESTS), "episode_id"),
        lines=rows_by(read(_LINES), "case_review_id"),
        answers=rows_by(read(_ANSWERS), "recommendation_id"),
        sendings=rows_by(read(_SENDINGS), "case_review_id"),
        incidents=rows_by(read(_INCIDENTS), "case_review_id"),
        people={row.id: _professional(row) for row in read(_PEOPLE)},
        settlements=rows_by(read(_SETTLEMENTS), "case_review_id"),
        courses=courses_of_reviews(connection, wanted["reviews"], None),
    )
    return [parts.record(row) for row in reviews]


class _Parts:
    """The database rows from which the records are made.

    The rows are grouped by review, episode or recommendation.
    """

    def __init__(
        self,
        *,
        signings: dict[Any, list[Row[Any]]],
        requests: dict[Any, list[Row[Any]]],
        lines: dict[Any, list[Row[Any]]],
        answers: dict[Any, list[Row[Any]]],
        sendings: dict[Any, list[Row[Any]]],
        incidents: dict[Any, list[Row[Any]]],
        people: dict[int, Professional],
        settlements: dict[Any, list[Row[Any]]],
        courses: Mapping[UUID, LineCourse],
    ) -> None:
        self.signings = signings
        self.requests = requests
        self.lines = lines
        self.answers = answers
        self.sendings = sendings
        self.incidents = incidents
        self.people = people
        self.settlements = settlements
        self.courses = courses

    def record(self, row: Row[Any]) -> Record:
        signings = [
            Signing(one.id, one.signed_at, one.signed_on, one.supersedes)
            for one in self.signings[row.episode_id]
        ]
        this = next(one for one in signings if one.id == row.id)
        first = first_signing(this, signings)
        requests = list(map(_request, self.requests.get(row.episode_id, [])))
        request = request_answered(first, signings, requests)
        sendings = list(map(_sending, self.sendings.get(row.id, [])))
        later = next((one.id for one in signings if one.supersedes == row.id), None)
        review = self._review(row, later)
        return Record(
            review=review,
            episode_id=row.episode_id,
            identity=identity_of(row),
            site=row.site or "",
            consented_on=row.consented_on,
            professionals=self._professionals(row, request, sendings),
            first_signing=first,
            request=request,
            sendings=tuple(sendings),
            incidents=tuple(map(self._incident, self.incidents.get(row.id, []))),
            earlier=tuple(
                self._earlier(settlement, review) for settlement in self.settlements.get(row.id, [])
            ),
        )

    def _professionals(
        self, row: Row[Any], request: Request | None, sendings: Sequence[Sending]
    ) -> tuple[Professional, ...]:
        """Return the psychiatrist who signed, the nurse who asked, and the recipients of letters
        and of notices of a withdrawal. GPs come last.

        If there is no letter, the nurse and the GP of the episode are returned as the recipients.
        Of two people with the same role, the recipient of the letter comes first.
        """
        asked = [request.nurse_id] if request else []
        letters = [one.recipient_id for one in sendings if one.reminder >= 0]
        recipients = letters or [row.nurse_id, row.gp_id]
        others = [one.recipient_id for one in sendings]
        took_part = dict.fromkeys([row.psychiatrist_id, *recipients, *asked, *others])
        known = [self.people[number] for number in took_part if number in self.people]
        return tuple(sorted(known, key=lambda one: one.role == Role.GP))

    def _review(self, row: Row[Any], superseded_by: UUID | None) -> CaseReview:
        lines = ReviewLines(own=tuple(map(self._line, self.lines.get(row.id, []))))
        return case_review_of(row, self._person(row.psychiatrist_id), lines, superseded_by)

    def _earlier(self, row: Row[Any], review: CaseReview) -> EarlierAdvice:
        lines = {line.id: line for line in review.recommendations}
        return EarlierAdvice(
            line=self._line(row),
            kind=SettlementKind(row.settled_as),
            given_on=row.given_on,
            due_on=row.kept_until or row.due_on,
            replaced_by=lines.get(row.replaced_by),
            reason=row.settled_because or "",
        )

    def _line(self, row: Row[Any]) -> Recommendation:
        return recommendation_of(
            row,
            tuple(
                answer_of(one, self._person(one.practitioner_id))
                for one in self.answers.get(row.id, [])
            ),
            self.courses.get(row.id),
        )

    def _incident(self, row: Row[Any]) -> Incident:
        return Incident(row.id, self._person(row.practitioner_id), row.description, row.noted_at)

    def _person(self, number: int) -> Person | None:
        known = self.people.get(number)
        return Person(known.id, known.family_name, known.given_name) if known else None


def _professional(row: Row[Any]) -> Professional:
    return Professional(row.id, row.role, row.family_name, row.given_name, row.rpps)


def _request(row: Row[Any]) -> Request:
    return Request(row.id, row.nurse_id, row.question, row.ready_at, row.ready_on, row.withdrawn_at)


def _sending(row: Row[Any]) -> Sending:
    return Sending(
        row.recipient_id, row.channel, row.reminder, row.state, row.queued_at, row.sent_at
    )


REVIEWS = """
    SELECT r.id, r.patient_id, r.episode_id, r.psychiatrist_id, r.outcome, r.summary,
           r.next_review_on, r.signed_at, r.supersedes, r.risk_level, r.risk_reassess_on,
           r.risk_reason, (r.signed_at AT TIME ZONE 'Europe/Paris')::date AS signed_on,
           e.nurse_id, e.gp_id, e.consented_on, s.name AS site,
           p.family_name, p.given_name, p.birth_date, p.sex, p.ins, p.phone
    FROM registry.episode e
    JOIN review.case_review r ON r.patient_id = e.patient_id AND r.episode_id = e.id
    JOIN registry.patient p ON p.id = e.patient_id
    LEFT JOIN registry.site s ON s.id = e.site_id
    WHERE (e.psychiatrist_id = ANY ((SELECT review.acting_for())::bigint[])
           OR e.nurse_id = ANY ((SELECT review.acting_for())::bigint[]))
      AND (CAST(:review AS uuid) IS NULL OR r.id = :review)
      AND (CAST(:from AS timestamptz) IS NULL OR r.signed_at >= :from)
      AND (CAST(:until AS timestamptz) IS NULL OR r.signed_at < :until)
    ORDER BY r.signed_at, r.id
"""

_OF_PATIENTS = "patient_id = ANY (CAST(:patients AS bigint[]))"
_OF_EPISODES = f"{_OF_PATIENTS} AND episode_id = ANY (CAST(:episodes AS bigint[]))"
_OF_REVIEWS = f"{_OF_PATIENTS} AND case_review_id = ANY (CAST(:reviews AS uuid[]))"

_SIGNINGS = f"""
    SELECT episode_id, id, signed_at, (signed_at AT TIME ZONE 'Europe/Paris')::date AS signed_on,
           supersedes
    FROM review.case_review WHERE {_OF_EPISODES}
"""

_REQUESTS = f"""
    SELECT episode_id, id, nurse_id, question, ready_at,
           (ready_at AT TIME ZONE 'Europe/Paris')::date AS ready_on, withdrawn_at
    FROM review.preparation WHERE ready_at IS NOT NULL AND {_OF_EPISODES}
"""

_LINES = f"""
    SELECT case_review_id, id, position, kind, action, atc_code, drug_name, daily_dose_mg,
           titration, detail, alternative, owner_role, due_on, replaced_drug_name
    FROM review.recommendation WHERE {_OF_REVIEWS} ORDER BY position
"""

_SETTLEMENTS = f"""
    SELECT s.case_review_id, s.kind AS settled_as, s.due_on AS kept_until, s.replaced_by,
           s.reason AS settled_because, c.id, c.position, c.kind, c.action, c.atc_code,
           c.drug_name, c.daily_dose_mg, c.titration, c.detail, c.alternative, c.owner_role,
           c.due_on, c.replaced_drug_name,
           (r.signed_at AT TIME ZONE 'Europe/Paris')::date AS given_on
    FROM (SELECT * FROM review.settlement WHERE {_OF_REVIEWS}) s
    JOIN review.recommendation c ON c.patient_id = s.patient_id AND c.id = s.recommendation_id
    JOIN review.case_review r ON r.patient_id = c.patient_id AND r.id = c.case_review_id
    ORDER BY r.signed_at, c.position
"""

_ANSWERS = """
    SELECT a.recommendation_id, a.id, a.practitioner_id, a.outcome, a.reason, a.answered_at
    FROM review.answer a
    JOIN review.recommendation c ON c.patient_id = a.patient_id AND c.id = a.recommendation_id
    WHERE a.patient_id = ANY (CAST(:patients AS bigint[]))
      AND c.case_review_id = ANY (CAST(:reviews AS uuid[]))
    ORDER BY a.answered_at, a.id
"""

_SENDINGS = f"""
    SELECT case_review_id, recipient_id, channel, reminder, state, queued_at, sent_at
    FROM review.delivery WHERE {_OF_REVIEWS} ORDER BY reminder, queued_at, recipient_id, channel
"""

_INCIDENTS = f"""
    SELECT case_review_id, id, practitioner_id, description, noted_at
    FROM review.incident WHERE {_OF_REVIEWS} ORDER BY noted_at, id
"""

_PEOPLE = """
    SELECT id, role, family_name, given_name, rpps FROM registry.practitioner
    WHERE id IN (
        SELECT psychiatrist_id FROM review.case_review WHERE id = ANY (CAST(:reviews AS uuid[]))
        UNION SELECT unnest(ARRAY[nurse_id, gp_id]) FROM registry.episode
              WHERE id = ANY (CAST(:episodes AS bigint[]))
        UNION SELECT nurse_id FROM review.preparation
              WHERE patient_id = ANY (CAST(:patients AS bigint[]))
        UNION SELECT recipient_id FROM review.delivery
              WHERE patient_id = ANY (CAST(:patients AS bigint[]))
        UNION SELECT practitioner_id FROM review.answer
              WHERE patient_id = ANY (CAST(:patients AS bigint[]))
        UNION SELECT practitioner_id FROM review.incident
              WHERE patient_id = ANY (CAST(:patients AS bigint[])))
"""

_ASSESSMENTS = """
    SELECT a.id, a.instrument, a.taken_on, a.total, a.items FROM registry.assessment a
    JOIN registry.episode e ON e.id = :episode AND e.patient_id = a.patient_id
    WHERE a.patient_id = :patient AND a.taken_on <= :signed_on
      AND a.taken_on >= e.enrolled_on - CAST(:before AS interval)
    ORDER BY a.taken_on, a.id
"""

_TREATMENTS = """
    SELECT id, atc_code, name, daily_dose_mg, as_needed, started_on, NULL AS stopped_on,
           NULL AS stop_reason, adherence, side_effects
    FROM registry.medication
    WHERE patient_id = :patient AND started_on <= :signed_on
      AND (stopped_on IS NULL OR stopped_on > :signed_on)
    ORDER BY started_on, id
"""
