"""The indicators by which sites are watched, each defined once (docs/domain.md, section 6).

An indicator counts something month by month. A rate has three numbers for each month:

- ``eligible``: those whom it is about;
- ``measured``: those of them of whom the answer is known;
- ``numerator``: those of them for whom it is yes.

Where no score is involved the answer is always known, and ``measured`` is ``eligible``.

A case counts in the month in which its answer is due: early contact, 28 days after
enrolment, in the month of day 28. So a month that is over changes only when something is
entered late or corrected. A snapshot is looked at on the last day of each month (today, in
the running one): over several months it is not added up, the last of them counts.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

BASELINE_DAYS = 14
"""A baseline is due so many days after enrolment; it may be as much older than enrolment."""

EARLY_CONTACT_DAYS = 28
"""A contact after the day of enrolment and by this day (Bao 2016: within 4 weeks of the first)."""

FOUR_CONTACTS, FOUR_CONTACTS_DAYS = 4, 84
"""So many attended contacts from enrolment to this day (MOSAIQUE, ENMESH 2024)."""

MEASURED_DAYS = 30
"""A PHQ-9 in so many days counts as measured."""

IMPROVED_DAYS = 70
"""By which day improvement is looked for (Implementation Science s13012-018-0818-6)."""

RESPONSE_FROM, RESPONSE_TO = 120, 240
"""The days between which response and remission are looked for (HEDIS DRR-E)."""

WEEK_8, WEEK_12 = 56, 84
"""Not improved on the one: a review, or a change of treatment, by the other (Bao 2016)."""

QUESTION_DAYS = 7
"""Within so many days the psychiatrist answers a question (télé-expertise)."""

ADVICE_DAYS = 14
"""What became of a recommendation is looked at so many days after it was sent."""

OUT_OF_CONTACT_DAYS = 60
"""Without an attended contact for so many days a patient counts as lost to follow-up."""

WAITING_FOR_REVIEW_DAYS = 28
"""A patient enrolled so long ago who was never reviewed is open work."""

ALL = "all"
"""The value of a kind of sequence or a severity that stands for all of them together."""

NO_KIND, UNKNOWN_SEVERITY = "none", "unknown"
"""The kind of an episode without a sequence; the severity of one without a baseline."""

SEVERITIES = ("minimal", "mild", "moderate", "moderately_severe", "severe", UNKNOWN_SEVERITY)
"""Bands of the baseline PHQ-9: below the first band it is minimal."""

Kind = Literal["rate", "count"]
Group = Literal["activity", "process", "outcome", "advice", "flow", "completeness"]
Unit = Literal["episodes", "sequences", "questions", "recommendations", "forms"]


@dataclass(frozen=True)
class Indicator:
    """What is counted, of what, and where that comes from.

    ``id`` is also the key of its name and its formula in words. ``scores``: whether a score
    decides, so that three figures are shown. ``snapshot``: see the top of this module.
    """

    id: str
    kind: Kind
    group: Group
    unit: Unit
    source: str
    scores: bool = False
    snapshot: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Its columns in ``review.site_month``: numerator, eligible, measured, as far as they
        can differ."""
        if self.kind == "count":
            return (self.id,)
        if self.scores:
            return (self.id, f"{self.id}_eligible", f"{self.id}_measured")
        return (self.id, f"{self.id}_eligible")


def _rate(id_: str, group: Group, unit: Unit, source: str, **more: bool) -> Indicator:
    return Indicator(id_, "rate", group, unit, source, **more)


def _count(id_: str, group: Group, unit: Unit, source: str, **more: bool) -> Indicator:
    return Indicator(id_, "count", group, unit, source, **more)


_SESAME = "SÉSAME, CTIS, 06/2023"
_BAO = "Bao 2016, 10.1176/appi.ps.201400577"
_NEW_YORK = "Implementation Science, s13012-018-0818-6"
_HEDIS = "HEDIS DRR-E"
_TELE_EXPERTISE = "CSP R6316-2 à R6316-4"
_OURS = "docs/domain.md, section 6"

INDICATORS: dict[str, Indicator] = {
    indicator.id: indicator
    for indicator in (
        _count("active_caseload", "activity", "episodes", _SESAME, snapshot=True),
        _count("enrolment", "activity", "episodes", _SESAME),
        _count("sequences_leger", "activity", "sequences", _SESAME),
        _count("sequences_classique", "activity", "sequences", _SESAME),
        _rate("early_contact", "process", "episodes", _BAO),
        _rate("four_contacts", "process", "episodes", "MOSAIQUE, ENMESH 2024"),
        _rate("measured", "process", "episodes", _OURS, snapshot=True),
        _rate("unimproved_reviewed", "process", "episodes", _BAO, scores=True),
        _rate(
            "unimproved_treatment_changed",
            "process",
            "episodes",
            _NEW_YORK,
            scores=True,
        ),
        _rate("answered_in_7_days", "process", "questions", _TELE_EXPERTISE),
        _rate("lost_to_follow_up", "process", "episodes", _OURS, snapshot=True),
        _rate("closed_as_lost", "process", "episodes", _OURS),
        _rate("improved_70", "outcome", "episodes", _NEW_YORK, scores=True),
        _rate("response", "outcome", "episodes", _HEDIS, scores=True),
        _rate("remission", "outcome", "episodes", _HEDIS, scores=True),
        _rate("advice_followed", "advice", "recommendations", _OURS),
        _rate("advice_acknowledged", "advice", "recommendations", _OURS),
        _rate("advice_declined", "advice", "recommendations", _OURS),
        _rate("advice_refused", "advice", "recommendations", _OURS),
        _rate("advice_unanswered", "advice", "recommendations", _OURS),
        _count("flow_referred", "flow", "episodes", _OURS),
        _count("flow_enrolled", "flow", "episodes", _OURS),
        _count("flow_reviewed", "flow", "episodes", _OURS),
        _count("flow_improved", "flow", "episodes", _OURS),
        _count("flow_closed", "flow", "episodes", _OURS),
        _rate("baseline_known", "completeness", "episodes", _OURS),
        _rate("consent_recorded", "completeness", "episodes", _OURS),
        _rate("item9_answered", "completeness", "forms", _OURS),
        # Last, for so are its columns in the tables that were there before it.
        _rate("advice_replaced", "advice", "recommendations", _OURS),
    )
}

ADVICE_PARTS = (
    "advice_followed",
    "advice_acknowledged",
    "advice_declined",
    "advice_refused",
    "advice_unanswered",
)
"""What became of the recommendations: together they make all of the eligible."""

FLOW = ("flow_referred", "flow_enrolled", "flow_reviewed", "flow_improved", "flow_closed")
"""Of those referred in a month, how many have come how far by today."""


@dataclass(frozen=True)
class Wait:
    """Days from one event to another, counted in the month of the second.

    Whoever still waits is not in it: that is open work.
    """

    id: str
    source: str


WAITS: dict[str, Wait] = {
    wait.id: wait
    for wait in (
        Wait("referral_to_enrolment", _OURS),
        Wait("enrolment_to_first_review", _OURS),
        Wait("question_to_answer", _TELE_EXPERTISE),
        Wait("advice_to_answer", _OURS),
    )
}


@dataclass(frozen=True)
class Selection:
    """What is looked at; ``None`` is everything that the reader may see.

    ``since`` and ``until`` are months, each by its first day, both included. ``kind`` is the
    kind of an episode's first sequence (of a sequence: its own), ``severity`` one of
    ``SEVERITIES``: both are known at the start and do not change with the outcome.
    """

    since: date | None = None
    until: date | None = None
    sites: tuple[int, ...] | None = None
    nurse: int | None = None
    kind: str | None = None
    severity: str | None = None
