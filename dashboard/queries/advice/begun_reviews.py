"""Reviews that somebody began some days ago and has not signed."""

from sqlalchemy import Connection, text

from dashboard.clinical.advice.begun_reviews import BegunReview
from dashboard.clinical.people import Person
from dashboard.queries.people import identity_without_numbers


def begun_reviews(connection: Connection) -> list[BegunReview]:
    """Return the unsigned reviews that the signed-in practitioner is reminded of, the oldest first.

    A psychiatrist gets their own drafts about open episodes after two days. A nurse gets the drafts
    about the nurse's open episodes, and those of covered nurses, after seven days. Empty drafts are
    left out, and so are drafts about patients whom the practitioner no longer sees.
    """
    return [
        BegunReview(
            row.episode_id,
            identity_without_numbers(row),
            Person(row.author_id, row.author_family_name, row.author_given_name),
            row.begun_at,
            row.saved_at,
            row.mine,
        )
        for row in connection.execute(_BEGUN)
    ]


_BEGUN = text("""
    SELECT b.patient_id, b.episode_id, b.begun_at, b.saved_at,
           b.psychiatrist_id = review.acting_practitioner() AS mine,
           p.family_name, p.given_name, p.birth_date, p.sex,
           a.id AS author_id, a.family_name AS author_family_name, a.given_name AS author_given_name
    FROM review.begun_reviews() b
    JOIN registry.patient p ON p.id = b.patient_id
    JOIN registry.practitioner a ON a.id = b.psychiatrist_id
    ORDER BY b.begun_at, b.episode_id
""")
