"""The indicators that describe sites, each defined once (docs/domain.md, section 6).

An indicator counts something month by month. A rate has three numbers for each month:

- ``eligible``: the cases that it is about;
- ``measured``: the eligible cases whose answer is known;
- ``numerator``: the measured cases whose answer is yes.

Where no score is involved the answer is always known, and ``measured`` is ``eligible``.

A case counts in the month in which its answer is due: early contact, 28 days after enrolment, in
the month of day 28. So a month that is over changes only when something is entered late or
corrected. A snapshot is taken on the last day of each month (today, in the running one). Over
several months it is not added up: the last of them counts.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

BASELINE_DAYS = 14
"""Days after enrolment by which a baseline is due; it may be as many days older than enrolment."""

EARLY_CONTACT_DAYS = 28
"""Last day, counted from enrolment, of an early contact after the day of enrolment (Bao 2016:
within 4 weeks of the first).
"""

FOUR_CONTACTS, FOUR_CONTACTS_DAYS = 4, 84
"""Number of attended contacts, and the day after enrolment by which they count (MOSAIQUE, ENMESH
2024).
"""

MEASURED_DAYS = 30
"""Days within which a PHQ-9 counts as measured."""

IMPROVED_DAYS = 70
"""Day by which improvement is looked for (Implementation Science s13012-018-0818-6)."""

RESPONSE_FROM, RESPONSE_TO = 120, 240
"""Days between which response and remission are looked for (HEDIS DRR-E)."""

WEEK_8, WEEK_12 = 56, 84
"""Day on which a patient is not improved, and day by which a review, or a change of treatment,
follows (Bao 2016).
"""

QUESTION_DAYS = 7
"""Days within which the psychiatrist answers a question (télé-expertise)."""

ADVICE_DAYS = 14
"""Days after sending at which the outcome of a recommendation is counted."""

OUT_OF_CONTACT_DAYS = 60
"""Days without an attended contact after which a patient counts as lost to follow-up."""

WAITING_FOR_REVIEW_DAYS = 28
"""Days after enrolment from which a patient without any review is open work."""

ALL = "all"
"""The value of a kind of sequence or a severity that stands for all of them together."""

NO_KIND, UNKNOWN_SEVERITY = "none", "unknown"
"""The kind of an episode without a sequence; the severity of one without a baseline."""

SEVERITIES = ("minimal", "mild", "moderate", "moderately_severe", "severe", UNKNOWN_SEVERITY)
"""Bands of the baseline PHQ-9; below the first band it is minimal."""

Kind = Literal["rate", "count"]
Group = Literal["activity", "process", "outcome", "advice", "flow", "completeness"]
Unit = Literal["episodes", "sequences", "questions", "recommendations", "forms"]


@dataclass(frozen=True)
class Indicator:
    """The definition of an indicator: the things counted, their unit and the source.

    ``id`` is also the key of its name and of its formula in words. ``scores`` tells whether a score
    decides, so that three figures are shown. ``snapshot``: see the docstring of this module.
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
        """Its columns in ``review.site_month``: numerator, eligible and measured, where they can
        differ.
        """
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
        # It is last, since its columns are last in tables that existed before it.
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
"""The outcomes of recommendations; together they are all of the eligible."""

FLOW = ("flow_referred", "flow_enrolled", "flow_reviewed", "flow_improved", "flow_closed")
"""Of the patients referred in a month, the number who have reached each stage by today."""


@dataclass(frozen=True)
class Wait:
    """A time between two events, in days, counted in the month of the second.

    A case that still waits is not counted here; it is open work.
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
    """The filter on the counts; ``None`` selects everything that the reader may see.

    ``since`` and ``until`` are months, each given by its first day, both included. ``kind`` is the
    kind of an episode's first sequence (for a sequence: its own), ``severity`` one of
    ``SEVERITIES``. Both are known at the start and do not change with the outcome.
    """

    since: date | None = None
    until: date | None = None
    sites: tuple[int, ...] | None = None
    nurse: int | None = None
    kind: str | None = None
    severity: str | None = None
