"""Conversion of database rows to the cases on the agenda of a meeting."""

from typing import Any

from sqlalchemy import Row

from dashboard.clinical.meeting.meetings import MeetingItem
from dashboard.queries.people import person_of


def item_of(row: Row[Any]) -> MeetingItem:
    """Return a case on the agenda of a meeting, from a row with the columns ``ITEM_COLUMNS``."""
    return MeetingItem(
        id=row.item_id,
        episode_id=row.episode_id,
        position=row.position,
        chosen_by=row.chosen_by,
        outcome=row.outcome,
        reason=row.reason,
        decided_by=person_of(row.decided_by, row.decider_family_name, row.decider_given_name),
        decided_at=row.decided_at,
        case_review_id=row.case_review_id,
        seconds_spent=row.seconds_spent,
    )


ITEM_COLUMNS = """
    i.id AS item_id, i.patient_id, i.episode_id, i.position, i.chosen_by, i.outcome, i.reason,
    i.decided_by, i.decided_at, i.case_review_id, i.seconds_spent,
    d.family_name AS decider_family_name, d.given_name AS decider_given_name
"""
"""The columns of a query whose rows are passed to ``item_of``.

In the query, ``i`` must be the alias of ``review.agenda_item``, and ``d`` that of the practitioner
who decided the case.
"""
