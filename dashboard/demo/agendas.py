"""The past meetings of the demonstration accounts, and their next meeting.

The agenda of the next meeting is not sent, and only some of its cases are prepared.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from random import Random
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, text

from dashboard.clinical.caseload.rules import Tier
from dashboard.clinical.instruments import improved
from dashboard.clinical.meeting.agenda import AgendaItem as Proposed
from dashboard.clinical.meeting.agenda import next_meeting_day, proposed
from dashboard.demo import texts
from dashboard.demo.accounts import demonstration_pair
from dashboard.demo.days import morning, working_day
from dashboard.demo.fitting import Circumstances, circumstances_of, question_for
from dashboard.demo.record import chance_of, uuid_of
from dashboard.demo.rows import AgendaItem, Meeting, Preparation
from dashboard.queries.meeting.preparation import cases_of_pair
from dashboard.vocabulary import ChosenBy, EpisodeStatus, Outcome

WEEKS = 26
"""The number of weeks, up to the day of the registry, for which past meetings are made."""

SHORTEST, LONGEST = 110, 420
"""The shortest and the longest time that a meeting spends on a case, in seconds."""

ASKED = 4
"""The number of questions that the nurse has written for the next meeting."""


def meetings_of_the_demonstration(
    connection: Connection, seed: int, as_of: date
) -> list[NamedTuple]:
    """Return the rows of the meetings of the last ``WEEKS`` weeks, and of the next meeting.

    A past meeting belongs to a psychiatrist and a nurse. At least one of them has a demonstration
    account. It consists of the reviews that were signed on the weekly meeting day of the
    psychiatrist. The next meeting is that of the psychiatrist and the nurse who have demonstration
    accounts. The result is empty if the registry has no open episode.
    """
    pair = demonstration_pair(connection)
    if pair is None:
        return []
    rng = chance_of(seed, "meetings")
    wanted = {"psychiatrist": pair[0], "nurse": pair[1], "as_of": as_of}
    signed = connection.execute(text(_REVIEWS), wanted | {"from": as_of - timedelta(weeks=WEEKS)})
    rows: list[NamedTuple] = []
    for _day_of_pair, reviews in groupby(signed, lambda one: (one[0], one[1], one.day)):
        rows += _held(rng, list(reviews))
    return rows + list(_preparing(connection, rng, pair, rows, as_of))


def _held(rng: Random, reviews: list[Row[Any]]) -> Iterator[NamedTuple]:
    """Yield the rows of a past meeting, in which all of ``reviews`` were signed."""
    one = reviews[0]
    meeting = Meeting(
        id=uuid_of(rng),
        psychiatrist_id=one.psychiatrist_id,
        nurse_id=one.nurse_id,
        held_on=one.day,
        sent_at=one.signed_at - timedelta(hours=4),
        started_at=one.signed_at - timedelta(minutes=5),
        ended_at=reviews[-1].signed_at + timedelta(minutes=5),
    )
    yield meeting
    for position, one in enumerate(reviews, 1):
        yield AgendaItem(
            id=uuid_of(rng),
            patient_id=one.patient_id,
            meeting_id=meeting.id,
            episode_id=one.episode_id,
            position=position,
            chosen_by=ChosenBy.RULE,
            outcome=one.outcome,
            case_review_id=one.id.hex,
            decided_at=one.signed_at,
            seconds_spent=round(rng.uniform(SHORTEST, LONGEST)),
        )


def _preparing(
    connection: Connection,
    rng: Random,
    pair: tuple[int, int],
    held: list[NamedTuple],
    as_of: date,
) -> Iterator[NamedTuple]:
    """Yield the rows of the next meeting of a psychiatrist and a nurse: its agenda and
    preparations. Also yield one case that their last meeting deferred, if they had one.

    Only some cases have a preparation. The preparations were made on the last working day before
    ``as_of``. If there are too few cases, yield nothing. ``held`` contains the rows of past
    meetings.
    """
    mine = [one for one in held if isinstance(one, Meeting) and one[1:3] == pair]
    last = mine[-1] if mine else None
    items = _chosen(cases_of_pair(connection, *pair, as_of), last)
    if len(items) < ASKED + 4:
        return
    if last is not None:
        yield _put_off(rng, last, items.pop(), sum(one[2] == last.id for one in held))
    yield from _agenda(
        rng, pair, items, next_meeting_day([one.held_on for one in reversed(mine)], as_of), as_of
    )
    yield from _preparations(rng, pair[1], items, working_day(as_of - timedelta(days=1)))


def _chosen(cases: list[Any], last: Meeting | None) -> list[Proposed]:
    """Return the cases that the rules propose for the next meeting.

    Cases that were reviewed or enrolled since the last meeting are left out.
    """
    return [
        item
        for item in proposed(cases, {}, room=0)
        if item.case.tier <= Tier.REVIEW_DUE
        and (last is None or item.case.facts.enrolled_on < last.held_on)
        and not (last and item.case.facts.reviewed_since(last.held_on))
    ]


def _put_off(rng: Random, last: Meeting, item: Proposed, position: int) -> AgendaItem:
    return AgendaItem(
        id=uuid_of(rng),
        patient_id=item.case.identity.patient_id,
        meeting_id=last.id,
        episode_id=item.episode_id,
        position=position + 1,
        chosen_by=ChosenBy.RULE,
        outcome=Outcome.DEFERRED,
        reason=texts.DEFERRED_BECAUSE,
        decided_at=last.ended_at,
        seconds_spent=SHORTEST,
    )


def _agenda(
    rng: Random, pair: tuple[int, int], items: list[Proposed], held_on: date, as_of: date
) -> Iterator[NamedTuple]:
    """Yield the rows of an agenda that has not been sent.

    The last of ``items`` was taken off it.
    """
    meeting = Meeting(uuid_of(rng), *pair, held_on)
    yield meeting
    off = items[-1]
    yield AgendaItem(
        id=uuid_of(rng),
        patient_id=off.case.identity.patient_id,
        meeting_id=meeting.id,
        episode_id=off.episode_id,
        position=len(items),
        chosen_by=ChosenBy.RULE,
        removed_at=morning(rng, working_day(as_of - timedelta(days=1))),
        removed_reason=texts.TAKEN_OFF_BECAUSE,
    )


def _preparations(
    rng: Random, nurse_id: int, items: list[Proposed], day: date
) -> Iterator[NamedTuple]:
    """Yield the rows of the nurse's preparations for a meeting.

    Their number is at most ``ASKED`` + 2. The first ``ASKED`` have a question, and one of the
    questions is not marked as ready yet. In the next preparation, the nurse only wishes to discuss
    the case. The last preparation is empty.
    """
    open_ones = [one for one in items[:-1] if one.case.preparation.asked_at is None]
    for place, item in enumerate(open_ones[: ASKED + 2]):
        asks = place < ASKED
        asked_at = morning(rng, day)
        yield Preparation(
            id=uuid_of(rng),
            episode_id=item.episode_id,
            patient_id=item.case.identity.patient_id,
            nurse_id=nurse_id,
            question=question_for(rng, _state(item), _circumstances(item, day)) if asks else "",
            asked_at=asked_at,
            ready_at=asked_at + timedelta(minutes=2) if place != 1 else None,
            tried=rng.choice(texts.TRIED) if asks else "",
            wants_discussion=place == ASKED,
        )


def _circumstances(item: Proposed, day: date) -> Circumstances:
    facts, identity = item.case.facts, item.case.identity
    return circumstances_of(
        facts.medications,
        day,
        age=identity.age_on(day),
        ninth_item=facts.item9[-1].value if facts.item9 else None,
        in_relapse_prevention=facts.status == EpisodeStatus.RELAPSE_PREVENTION,
        scores=len(facts.phq9),
    )


def _state(item: Proposed) -> str:
    """Return the key of ``texts.QUESTIONS`` that fits the state of the patient."""
    latest, baseline = item.case.facts.latest, item.case.facts.baseline
    if latest is None or baseline is None:
        return "unmeasured"
    if latest.value < 5:
        return "well"
    return "improved" if improved(latest.value, baseline.value) else "unchanged"


# The query returns the reviews that were signed on the weekly meeting day of their psychiatrist. If
# a review was amended, only its first version is returned, so that the review counts once.
_REVIEWS = """
    SELECT e.psychiatrist_id, e.nurse_id, r.id, r.patient_id, r.episode_id, r.outcome, r.signed_at,
           (r.signed_at AT TIME ZONE 'Europe/Paris')::date AS day
    FROM review.case_review r
    JOIN registry.episode e ON e.patient_id = r.patient_id AND e.id = r.episode_id
    WHERE (e.psychiatrist_id = :psychiatrist OR e.nurse_id = :nurse) AND r.supersedes IS NULL
      AND (r.signed_at AT TIME ZONE 'Europe/Paris')::date BETWEEN :from AND :as_of
      AND extract(isodow FROM r.signed_at AT TIME ZONE 'Europe/Paris')
          = e.psychiatrist_id % 4 + 1
    ORDER BY e.psychiatrist_id, e.nurse_id, day, r.signed_at, r.id
"""
