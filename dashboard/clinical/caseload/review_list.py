"""The review list with one row for each open episode, and the part of it that each practitioner
sees.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from dashboard.clinical.caseload.need import Need
from dashboard.clinical.caseload.ranking import Place
from dashboard.clinical.caseload.rules import Reason, Tier
from dashboard.clinical.people import Identity, Person
from dashboard.clinical.remarks import Remark
from dashboard.vocabulary import Role


@dataclass(frozen=True)
class ReviewListRow:
    """A row of the review list: one open episode. A missing value is None.

    ``rank`` counts from 1. ``odd`` has remarks on values that the registry does not allow.
    ``reasons`` are the rules that hold, the most urgent first. ``phq9`` and ``gad7`` are the latest
    valid scores. ``phq9_change`` and ``gad7_change`` are their changes since the baseline, in
    points. ``phq9_recent`` holds the scores of the last twelve weeks. ``item9`` is ``positive``,
    ``negative`` or ``unknown`` on the latest PHQ-9. ``last_contact`` is the day of the last
    attended contact. ``last_review`` is the day of the last signed review. ``covered`` is the
    colleague whom the reader covers for this patient. ``undelivered_on`` is the day of the oldest
    review with a letter that was not delivered.
    """

    rank: int
    episode_id: int
    identity: Identity
    age: int
    odd: tuple[Remark, ...]
    place: Place
    reasons: tuple[Reason, ...]
    phq9: int | None
    phq9_change: int | None
    phq9_recent: tuple[int, ...]
    gad7: int | None
    gad7_change: int | None
    item9: str | None
    weeks_in_care: int
    last_contact: date | None
    last_review: date | None
    nurse: Person | None
    psychiatrist_id: int | None
    site: str | None
    site_id: int | None
    covered: Person | None = None
    undelivered_on: date | None = None

    @property
    def tier(self) -> Tier:
        """The tier of the episode: the most urgent tier among the rules that hold."""
        return self.place.tier

    @property
    def need(self) -> Need:
        """The need of the episode: how ill the patient is, as far as it is known."""
        return self.place.needed.level

    @property
    def nurse_id(self) -> int | None:
        """The id of the nurse; None without a nurse."""
        return self.nurse.id if self.nurse else None

    def practitioner_id(self, role: str) -> int | None:
        """Return the id of the episode's practitioner with this ``role``: ``psychiatrist`` or
        ``nurse``.
        """
        return self.nurse_id if role == Role.NURSE else self.psychiatrist_id


def list_of(
    rows: Sequence[ReviewListRow], role: str, practitioner_id: int, covered: Sequence[Person] = ()
) -> list[ReviewListRow]:
    """Return the rows of one practitioner's review list. Ranks count from 1 on this list.

    ``role`` is the practitioner's role: ``psychiatrist`` or ``nurse``. The list also has the rows
    in tier 0 (safety) of the colleagues in ``covered``. Each of these rows names the colleague.
    """
    colleagues = {person.id: person for person in covered}
    listed: list[ReviewListRow] = []
    for row in rows:
        whose = row.practitioner_id(role)
        colleague = colleagues.get(whose) if whose is not None else None
        if whose == practitioner_id or (colleague and row.tier is Tier.SAFETY):
            listed.append(_at(row, len(listed) + 1, colleague))
    return listed


@dataclass(frozen=True)
class Standing:
    """The position, the tier and the last review of a row when the reader last saw the row.
    ``place`` is the position on the list, counted from 0.
    """

    place: int
    tier: Tier
    last_review: date | None


def in_kept_places(
    rows: Sequence[ReviewListRow], seen: Mapping[int, Standing]
) -> tuple[list[ReviewListRow], dict[int, Standing]]:
    """Return the rows in the order to show to a reader who has already seen the list, and the new
    value of ``seen``.

    ``seen`` has the rows as the reader last saw them, by episode id. A patient who has become less
    urgent, or was reviewed and has not become more urgent, stays at the same place. So the reader
    finds the patient again. All other rows are in the order of the list.
    """
    stays = {
        row.episode_id: seen[row.episode_id]
        for row in rows
        if row.episode_id in seen and _is_less_urgent(row, seen[row.episode_id])
    }
    shown = [row for row in rows if row.episode_id not in stays]
    known = {row.episode_id: row for row in rows}
    for episode_id, standing in sorted(stays.items(), key=lambda item: item[1].place):
        shown.insert(standing.place, known[episode_id])
    now_seen = {
        row.episode_id: stays.get(row.episode_id, Standing(place, row.tier, row.last_review))
        for place, row in enumerate(shown)
    }
    return shown, now_seen


def out_of_order(shown: Sequence[ReviewListRow]) -> frozenset[int]:
    """Return the ids of the episodes that are shown above an episode with a better rank."""
    best, found = len(shown) + 1, set()
    for row in reversed(shown):
        if row.rank > best:
            found.add(row.episode_id)
        best = min(best, row.rank)
    return frozenset(found)


def _is_less_urgent(now: ReviewListRow, then: Standing) -> bool:
    reviewed = now.last_review is not None and now.last_review != then.last_review
    return now.tier >= then.tier and (reviewed or now.tier > then.tier)


def urgent(rows: Sequence[ReviewListRow]) -> dict[Tier, int]:
    """Return the number of rows in tier 0 and in tier 1."""
    tiers = [row.tier for row in rows]
    return {tier: tiers.count(tier) for tier in (Tier.SAFETY, Tier.OWED)}


def _at(row: ReviewListRow, rank: int, covered: Person | None) -> ReviewListRow:
    if (row.rank, row.covered) == (rank, covered):
        return row
    return replace(row, rank=rank, covered=covered)
