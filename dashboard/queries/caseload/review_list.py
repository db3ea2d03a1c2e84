"""The review list: the open episodes that the signed-in practitioner may see, the most urgent
first. Episodes that only an emergency access shows are left out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Row, text

from dashboard.clinical.case.missing import unknown_codes
from dashboard.clinical.caseload.ranking import Ranked, ranked
from dashboard.clinical.caseload.review_list import ReviewListRow
from dashboard.clinical.episodes import DatedScore, EpisodeFacts
from dashboard.clinical.medication import age_on
from dashboard.clinical.remarks import Remark
from dashboard.database.audit.access_log import log_access
from dashboard.database.pipelining import read_together
from dashboard.database.security.emergency import ONLY_IN_AN_EMERGENCY
from dashboard.queries.caseload.episode_facts import Facts, read_facts
from dashboard.queries.people import identity_without_numbers, person_of

SPARKLINE_DAYS = 84
"""Length of the sparkline in each row of the list, in days: twelve weeks."""

COLUMNS: dict[str, Callable[[ReviewListRow], object]] = {
    "rank": lambda row: row.rank,
    "tier": lambda row: int(row.tier),
    "episode_id": lambda row: row.episode_id,
    "patient_id": lambda row: row.identity.patient_id,
    "family_name": lambda row: row.identity.family_name,
    "given_name": lambda row: row.identity.given_name,
    "age": lambda row: row.age,
    "sex": lambda row: row.identity.sex,
    "odd": lambda row: row.odd,
    "need": lambda row: int(row.need),
    "place": lambda row: row.place,
    "lateness": lambda row: row.place.lateness,
    "reasons": lambda row: [(reason.rule.id, reason.since) for reason in row.reasons],
    "why": lambda row: row.reasons,
    "phq9": lambda row: row.phq9,
    "phq9_change": lambda row: row.phq9_change,
    "phq9_recent": lambda row: list(row.phq9_recent),
    "gad7": lambda row: row.gad7,
    "gad7_change": lambda row: row.gad7_change,
    "item9": lambda row: row.item9,
    "weeks_in_care": lambda row: row.weeks_in_care,
    "last_contact": lambda row: row.last_contact,
    "last_review": lambda row: row.last_review,
    "nurse": lambda row: row.nurse.family_name if row.nurse else None,
    "nurse_id": lambda row: row.nurse_id,
    "psychiatrist_id": lambda row: row.psychiatrist_id,
    "site": lambda row: row.site,
    "site_id": lambda row: row.site_id,
}
"""The columns of the DataFrame of ``review_list``, each with the function that computes its value
from a row.
"""


def review_list(connection: Connection, as_of: date) -> pd.DataFrame:
    """Return the review list as a DataFrame, with one row for each open episode, the most urgent
    first.

    The columns are those of ``COLUMNS``. ``rank`` counts from 1. ``tier`` is 0 (safety) to 5
    (nothing due). ``age`` is in years. ``need`` is 0 (low) to 3 (high). ``lateness`` is in weighted
    days, and is set only if the rank depends on it. ``reasons`` is a list of pairs (rule id, since
    date), and ``why`` has the same reasons as ``Reason`` objects. ``nurse`` is the family name of
    the nurse. The other columns are as in ``ReviewListRow``. A missing value is None.

    The episodes of covered colleagues are included. Those that only an emergency access shows are
    left out. The reading is recorded in the access log.
    """
    rows = read_list(connection, as_of).rows
    # With dtype ``object``, None stays None, and whole numbers do not become floats.
    return pd.DataFrame(
        {name: [value(row) for row in rows] for name, value in COLUMNS.items()}, dtype=object
    )


@dataclass(frozen=True)
class ReadList:
    """The rows of a review list, and the episodes and facts from which they were made."""

    episodes: list[Any]
    facts: Facts
    rows: tuple[ReviewListRow, ...]
    undelivered: list[Any]


def read_list(connection: Connection, as_of: date, before: ReadList | None = None) -> ReadList:
    """Return the rows of the review list, the most urgent episode first.

    ``before`` is the result of an earlier call for the same practitioner. The database is always
    read again. If nothing has changed, ``before`` itself is returned. The reading is recorded in
    the access log.
    """
    queries = {"episodes": _OPEN_EPISODES, "undelivered": _UNDELIVERED}
    found = read_together(connection, queries, {"as_of": as_of})
    episodes, undelivered = found["episodes"], found["undelivered"]
    facts = read_facts(connection, episodes, as_of, before.facts if before else None)
    log_access(connection, "list_opened", as_of=as_of.isoformat(), episodes=len(episodes))
    if (
        before is not None
        and before.facts is facts
        and before.episodes == episodes
        and before.undelivered == undelivered
    ):
        return before
    known = {row.episode_id: row for row in episodes}
    order = ranked(map(facts.of, episodes), as_of)
    signed_on = {row.episode_id: row.signed_on for row in undelivered}
    rows = tuple(
        _row(
            place,
            known[place.episode.episode_id],
            as_of,
            signed_on.get(place.episode.episode_id),
        )
        for place in order
    )
    return ReadList(episodes, facts, rows, undelivered)


def _row(
    ranked: Ranked, known: Row[Any], as_of: date, undelivered_on: date | None
) -> ReviewListRow:
    episode = ranked.episode
    attended = [contact.day for contact in episode.contacts if contact.attended]
    long_ago = as_of - timedelta(days=SPARKLINE_DAYS)
    return ReviewListRow(
        rank=ranked.rank,
        episode_id=episode.episode_id,
        identity=identity_without_numbers(known),
        age=age_on(known.birth_date, as_of),
        odd=_odd(known.status, episode),
        undelivered_on=undelivered_on,
        place=ranked.place,
        reasons=ranked.reasons,
        phq9=episode.phq9[-1].value if episode.phq9 else None,
        phq9_change=_change(episode.phq9),
        phq9_recent=tuple(one.value for one in episode.phq9 if one.day > long_ago),
        gad7=episode.gad7[-1].value if episode.gad7 else None,
        gad7_change=_change(episode.gad7),
        item9=episode.item9_state,
        weeks_in_care=(as_of - episode.enrolled_on).days // 7,
        last_contact=attended[-1] if attended else None,
        last_review=episode.last_review.signed_on if episode.last_review else None,
        nurse=person_of(known.nurse_id, known.nurse, known.nurse_given_name),
        psychiatrist_id=known.psychiatrist_id,
        site=known.site,
        site_id=known.site_id,
    )


def _odd(status: str | None, episode: EpisodeFacts) -> tuple[Remark, ...]:
    """Return a remark for an unknown status, and for each unknown kind of flag.

    The remarks make the list show such values instead of hiding them.
    """
    return unknown_codes(
        [("status", status, None), *(("flag", one.kind, one.raised_on) for one in episode.flags)]
    )


def _change(scores: tuple[DatedScore, ...]) -> int | None:
    return scores[-1].value - scores[0].value if len(scores) > 1 else None


# The open episodes are found first, and then only their patients are read. Most patients that the
# practitioner may see have only closed episodes.
_OPEN_EPISODES = text(f"""
    WITH open AS MATERIALIZED (
        SELECT id, patient_id, enrolled_on, closed_on, status, psychiatrist_id, nurse_id, site_id
        FROM registry.episode e
        WHERE enrolled_on <= :as_of AND (status IS DISTINCT FROM 'closed' OR closed_on > :as_of)
          AND NOT {ONLY_IN_AN_EMERGENCY})
    SELECT e.id AS episode_id, e.patient_id, e.enrolled_on, e.closed_on, e.status,
           e.psychiatrist_id,
           p.family_name, p.given_name, p.birth_date, p.sex,
           n.id AS nurse_id, n.family_name AS nurse,
           n.given_name AS nurse_given_name, s.id AS site_id, s.name AS site
    FROM open e
    JOIN registry.patient p
      ON p.id = e.patient_id AND p.id = ANY (ARRAY (SELECT patient_id FROM open))
    LEFT JOIN registry.practitioner n ON n.id = e.nurse_id
    LEFT JOIN registry.site s ON s.id = e.site_id
""")

# For each episode, the day of the oldest review with a letter that nobody got. The follow-up page
# lists these letters too, and also failed reminders and notices of a withdrawal.
_UNDELIVERED = text("""
    SELECT r.episode_id, min((r.signed_at AT TIME ZONE 'Europe/Paris')::date) AS signed_on
    FROM review.delivery d
    JOIN review.case_review r ON r.patient_id = d.patient_id AND r.id = d.case_review_id
    WHERE d.state = 'failed' AND d.reminder = 0
      AND (d.queued_at AT TIME ZONE 'Europe/Paris')::date <= :as_of
      AND (d.settled_at IS NULL OR (d.settled_at AT TIME ZONE 'Europe/Paris')::date > :as_of)
      AND NOT EXISTS (SELECT FROM review.case_review later
                      WHERE later.patient_id = r.patient_id AND later.supersedes = r.id)
    GROUP BY r.episode_id
    ORDER BY r.episode_id
""")
