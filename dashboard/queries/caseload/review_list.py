"""The review list: every open episode that the acting practitioner may see, ranked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Row, text

from dashboard.clinical.access.cover import Cover
from dashboard.clinical.case.missing import Remark, unknown_codes
from dashboard.clinical.caseload.ranking import Ranked, ranked
from dashboard.clinical.caseload.rules import Tier
from dashboard.clinical.deidentification import initials
from dashboard.clinical.episodes import DatedScore, EpisodeFacts
from dashboard.clinical.medication import age_on
from dashboard.database.audit.access_log import log_access
from dashboard.database.pipelining import read_together
from dashboard.queries.caseload.episode_facts import Facts, read_facts

SPARKLINE_DAYS = 84
"""How far back the sparkline of the list goes: twelve weeks."""

COLUMNS = (
    "rank",
    "tier",
    "episode_id",
    "patient_id",
    "family_name",
    "given_name",
    "age",
    "sex",
    "odd",
    "need",
    "place",
    "lateness",
    "reasons",
    "why",
    "phq9",
    "phq9_change",
    "phq9_recent",
    "gad7",
    "gad7_change",
    "item9",
    "weeks_in_care",
    "last_contact",
    "last_review",
    "nurse",
    "nurse_id",
    "psychiatrist_id",
    "site",
    "site_id",
)


def review_list(connection: Connection, as_of: date) -> pd.DataFrame:
    """One row per open episode, in order. Writes its row in the access log.

    Columns: ``rank`` (1…n), ``tier`` (0–5), ``episode_id``, ``patient_id``, the patient's
    ``family_name``, ``given_name``, ``age`` (years) and ``sex``; ``odd``, what the registry says
    of the episode and its flags that is outside its vocabulary; ``need`` (0 low – 3 high),
    ``place``, what decides the place (``Place``), and ``lateness`` in weighted days where that
    does; ``reasons``, a list of ``(rule id, since date)``, and ``why``, the same as ``Reason``
    with their numbers, most urgent first; ``phq9`` and ``gad7``, the latest valid scores, with
    ``…_change`` since the baseline; ``phq9_recent``, the scores of the last twelve weeks;
    ``item9``, one of ``positive``, ``negative``, ``unknown`` for the latest PHQ-9 form, none
    without a form; ``weeks_in_care``; ``last_contact`` (attended) and ``last_review``, days;
    ``nurse`` and ``site``, names, and their ids, with ``psychiatrist_id``. What is not there is
    ``None``. Whoever covers a colleague has both lists here; ``list_of`` parts them, and says
    in ``covered`` whose patient it is where it is not one's own.
    """
    return read_list(connection, as_of).rows


@dataclass(frozen=True)
class ReadList:
    """A review list, and what was read for it. ``rows`` are as ``review_list`` says."""

    episodes: list[Any]
    facts: Facts
    rows: pd.DataFrame
    _lists: dict[tuple[object, ...], pd.DataFrame] = field(default_factory=dict, init=False)

    def list_of(
        self, role: str, practitioner_id: int, covers: Sequence[Cover] = ()
    ) -> pd.DataFrame:
        """Return the rows of one practitioner's list (``list_of``), made once."""
        whose = role, practitioner_id, *(one.covered for one in covers)
        if whose not in self._lists:
            self._lists[whose] = list_of(self.rows, role, practitioner_id, covers)
        return self._lists[whose]

    def urgent(self, role: str, practitioner_id: int) -> dict[Tier, int]:
        """Return how many of one practitioner's own patients are in tiers 0 and 1."""
        tiers = self.list_of(role, practitioner_id).tier
        return {tier: int((tiers == tier).sum()) for tier in (Tier.SAFETY, Tier.OWED)}


def read_list(connection: Connection, as_of: date, before: ReadList | None = None) -> ReadList:
    """``review_list``, to be given back as ``before`` when the list is opened again.

    Everything is read again, and is on the access log again; but only where something has
    changed is a list made of it.
    """
    found = read_together(connection, {"episodes": _OPEN_EPISODES}, {"as_of": as_of})
    episodes = found["episodes"]
    facts = read_facts(connection, episodes, as_of, before.facts if before else None)
    log_access(connection, "list_opened", as_of=as_of.isoformat(), episodes=len(episodes))
    if before is not None and before.facts is facts and before.episodes == episodes:
        return before
    return ReadList(episodes, facts, _made_of(episodes, facts, as_of))


def _made_of(episodes: Sequence[Any], facts: Facts, as_of: date) -> pd.DataFrame:
    known = {row.episode_id: row for row in episodes}
    order = ranked(map(facts.of, episodes), as_of)
    rows = [_row(place, known[place.episode.episode_id], as_of) for place in order]
    # Numbers beside None would become floats with NaN.
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)


def presented_list(rows: pd.DataFrame, in_hand: int | None) -> pd.DataFrame:
    """Of a review list, what a shared screen shows: the case in hand, with initials for names.

    ``in_hand`` is its episode. No row if there is none, or it is not on the list.
    """
    row = rows[rows.episode_id == in_hand].copy()
    for column in ("family_name", "given_name"):
        row[column] = row[column].map(initials)
    return row


def list_of(
    rows: pd.DataFrame, role: str, practitioner_id: int, covers: Sequence[Cover] = ()
) -> pd.DataFrame:
    """Return the rows of one practitioner's list, ranked 1…n on their own.

    ``rows`` are those of ``review_list``, ``role`` is ``psychiatrist`` or ``nurse``. Of the
    colleagues in ``covers`` the safety cases are among them: ``covered`` is the ``Person``
    whose patient it is, None for one's own.
    """
    whose, colleagues = rows[f"{role}_id"], {one.covered.id: one.covered for one in covers}
    safety = whose.isin(list(colleagues)) & (rows.tier == Tier.SAFETY)
    listed = rows[(whose == practitioner_id) | safety].reset_index(drop=True)
    covered = [colleagues.get(one) for one in listed[f"{role}_id"]]
    return listed.assign(
        rank=pd.Series(range(1, len(listed) + 1), dtype=object),
        covered=pd.Series(covered, dtype=object),
    )


def _row(place: Ranked, known: Row[Any], as_of: date) -> tuple[object, ...]:
    episode = place.episode
    attended = [contact.day for contact in episode.contacts if contact.attended]
    long_ago = as_of - timedelta(days=SPARKLINE_DAYS)
    return (
        place.rank,
        int(place.tier),
        episode.episode_id,
        episode.patient_id,
        known.family_name,
        known.given_name,
        age_on(known.birth_date, as_of),
        known.sex,
        _odd(known.status, episode),
        int(place.place.needed.level),
        place.place,
        place.place.lateness,
        [(reason.rule.id, reason.since) for reason in place.reasons],
        place.reasons,
        episode.phq9[-1].value if episode.phq9 else None,
        _change(episode.phq9),
        [one.value for one in episode.phq9 if one.day > long_ago],
        episode.gad7[-1].value if episode.gad7 else None,
        _change(episode.gad7),
        episode.item9_state,
        (as_of - episode.enrolled_on).days // 7,
        attended[-1] if attended else None,
        episode.last_review.signed_on if episode.last_review else None,
        known.nurse,
        known.nurse_id,
        known.psychiatrist_id,
        known.site,
        known.site_id,
    )


def _odd(status: str | None, episode: EpisodeFacts) -> tuple[Remark, ...]:
    """A status that is unknown is not simply open, nor is a flag of unknown kind simply none."""
    return unknown_codes(
        [("status", status, None), *(("flag", one.kind, one.raised_on) for one in episode.flags)]
    )


def _change(scores: tuple[DatedScore, ...]) -> int | None:
    return scores[-1].value - scores[0].value if len(scores) > 1 else None


# First the episodes: most patients who may be seen have closed theirs, and need not be read.
_OPEN_EPISODES = text("""
    WITH open AS MATERIALIZED (
        SELECT id, patient_id, enrolled_on, closed_on, status, psychiatrist_id, nurse_id, site_id
        FROM registry.episode
        WHERE enrolled_on <= :as_of AND (status IS DISTINCT FROM 'closed' OR closed_on > :as_of)
          AND NOT patient_id = ANY ((SELECT review.opened_in_emergency())::bigint[]))
    SELECT e.id AS episode_id, e.patient_id, e.enrolled_on, e.closed_on, e.status,
           e.psychiatrist_id,
           p.family_name, p.given_name, p.birth_date, p.sex,
           n.id AS nurse_id, n.family_name AS nurse, s.id AS site_id, s.name AS site
    FROM open e
    JOIN registry.patient p
      ON p.id = e.patient_id AND p.id = ANY (ARRAY (SELECT patient_id FROM open))
    LEFT JOIN registry.practitioner n ON n.id = e.nurse_id
    LEFT JOIN registry.site s ON s.id = e.site_id
""")
