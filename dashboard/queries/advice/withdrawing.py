"""Withdrawing a recommendation between two reviews, and telling its recipients."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Row, text

from dashboard.clinical.advice.drafts import NotYours
from dashboard.clinical.advice.inbox import ReasonNeeded
from dashboard.clinical.advice.lines import LONGEST_FIELD
from dashboard.clinical.advice.standing_advice import NotOpen, check_can_withdraw
from dashboard.clinical.case.case_file import Recommendation
from dashboard.clinical.people import Identity, Person
from dashboard.clinical.stored_json import storable
from dashboard.database.audit.access_log import covering, log_access
from dashboard.letters.withdrawal import Withdrawal, withdrawal_notice
from dashboard.locale import LANGUAGES
from dashboard.queries.advice.delivering import announce_withdrawal
from dashboard.queries.case.case_file import read_case
from dashboard.queries.case.standing_lines import lock_advice


def withdraw(connection: Connection, recommendation_id: UUID, reason: str, today: date) -> None:
    """Withdraw a recommendation between two reviews, as the psychiatrist of its episode.

    A psychiatrist who covers this colleague may withdraw it too. A notice is mailed to the nurse
    and the GP of the episode, and to every other recipient of a letter with the recommendation.
    Former recipients who have left according to the registry are left out. Inboxes show the
    withdrawal without a notice. A second call changes nothing.

    Raise ``ReasonNeeded`` if ``reason`` is empty. Raise ``NotYours`` if the signed-in practitioner
    may not withdraw the recommendation, or if the episode is closed. Raise ``NotOpen`` if an answer
    has settled the recommendation, or if a review has replaced or withdrawn it meanwhile.
    """
    reason = storable(reason).strip()[:LONGEST_FIELD]
    if not reason:
        raise ReasonNeeded
    row = connection.execute(text(_LINE), {"line": recommendation_id}).one_or_none()
    if row is None:
        raise NotYours
    lock_advice(connection, row.episode_id)
    line, identity, withdrawn = _as_it_is_now(connection, row, today)
    if withdrawn:
        return
    check_can_withdraw(line)
    settlement_id = uuid4()
    connection.execute(
        text(_INSERT),
        {
            "patient": row.patient_id,
            "id": settlement_id,
            "line": recommendation_id,
            "reason": reason,
        },
    )
    by = Person(row.me, row.my_family_name, row.my_given_name)
    withdrawal = Withdrawal(identity, line, row.signed_on, by, today, reason)
    announce_withdrawal(
        connection,
        row.patient_id,
        row.case_review_id,
        settlement_id,
        _notices(connection, row, withdrawal),
    )
    log_access(
        connection,
        "recommendation_withdrawn",
        row.patient_id,
        recommendation_id=recommendation_id,
        **covering(row.covered_id),
    )


def _as_it_is_now(
    connection: Connection, row: Row[Any], today: date
) -> tuple[Recommendation, Identity, bool]:
    """Return the recommendation, the patient, and whether the recommendation is already withdrawn.

    Only a withdrawal between two reviews counts as such. Raise ``NotYours`` if the episode is
    closed. Raise ``NotOpen`` if the recommendation is no longer on the page of the case.
    """
    case = read_case(connection, row.episode_id, today)
    if case is None or not case.is_open:
        raise NotYours
    lines = (line for review in case.reviews for line in review.recommendations)
    line = next((line for line in lines if line.id == row.id), None)
    if line is None:
        raise NotOpen
    withdrawn = {one.recommendation_id for one in case.withdrawals}
    return line, case.identity, line.id in withdrawn


def _notices(connection: Connection, row: Row[Any], withdrawal: Withdrawal) -> dict[int, str]:
    wanted = {"patient": row.patient_id, "episode": row.episode_id, "line": row.id}
    return {
        one.recipient_id: withdrawal_notice(
            withdrawal, one.language if one.language in LANGUAGES else LANGUAGES[0]
        )
        for one in connection.execute(text(_RECIPIENTS), wanted)
    }


_LINE = """
    SELECT c.id, c.patient_id, c.case_review_id, r.episode_id,
           (r.signed_at AT TIME ZONE 'Europe/Paris')::date AS signed_on,
           me.id AS me, me.family_name AS my_family_name, me.given_name AS my_given_name,
           nullif(e.psychiatrist_id, me.id) AS covered_id
    FROM review.recommendation c
    JOIN review.case_review r ON r.patient_id = c.patient_id AND r.id = c.case_review_id
    JOIN registry.episode e ON e.id = r.episode_id AND e.patient_id = r.patient_id
    JOIN registry.practitioner me ON me.id = review.acting_practitioner()
    WHERE c.id = :line AND me.role = 'psychiatrist'
      AND e.psychiatrist_id = ANY ((SELECT review.acting_for())::bigint[])
"""

_INSERT = """
    INSERT INTO review.settlement (patient_id, id, settled_by, recommendation_id, kind, reason)
    VALUES (:patient, :id, review.acting_practitioner(), :line, 'withdrawn', :reason)
"""

# The recipients of the review that gave the recommendation, those of the reviews that kept it, and
# the nurse and the GP of the episode.
_RECIPIENTS = """
    WITH said AS (
        SELECT case_review_id FROM review.recommendation
        WHERE patient_id = :patient AND id = :line
        UNION
        SELECT case_review_id FROM review.settlement
        WHERE patient_id = :patient AND recommendation_id = :line AND kind = 'kept'
    ), had AS (
        SELECT d.recipient_id FROM review.delivery d JOIN said USING (case_review_id)
        LEFT JOIN registry.practitioner p ON p.id = d.recipient_id
        WHERE d.patient_id = :patient AND d.reminder = 0 AND p.active IS DISTINCT FROM false
        UNION
        SELECT one.id FROM registry.episode e
        CROSS JOIN LATERAL (VALUES (e.nurse_id), (e.gp_id)) one (id)
        WHERE e.id = :episode AND one.id IS NOT NULL
    )
    SELECT had.recipient_id,
           coalesce((SELECT l.language FROM review.letter l
                     JOIN review.recommendation c ON c.patient_id = l.patient_id
                      AND c.case_review_id = l.case_review_id AND c.id = :line
                     WHERE l.patient_id = :patient AND l.recipient_id = had.recipient_id),
                    a.language) AS language
    FROM had LEFT JOIN review.account a ON a.practitioner_id = had.recipient_id
"""
