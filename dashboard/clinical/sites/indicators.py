"""The indicators that describe sites, each defined once (docs/domain.md, section 6).

An indicator counts cases month by month. A rate has three numbers for each month:

- ``eligible``: the cases that the indicator concerns;
- ``measured``: the eligible cases whose answer is known;
- ``numerator``: the measured cases whose answer is yes.

If the answer does not depend on a score, it is always known, and ``measured`` equals ``eligible``.

A case counts in the month in which its answer is due. For example, an early contact is due 28 days
after enrolment, so the case counts in the month of day 28. Therefore most numbers of a past month
change only when data are entered late or corrected. Three kinds of answers are those of today, so
they can change later: the outcome of a recommendation, the stages of care (``FLOW``) and the
consent. A snapshot of a past month also uses today's status ``relapse_prevention``.

A snapshot counts the cases as they are on the last day of a month, or today in the current month.
The snapshots of several months are not added up: the number for a period is that of its last month.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

BASELINE_DAYS = 14
"""Days before enrolment from which on scores and contacts count for an episode. The baseline is the
first of these scores. For ``baseline_known`` only, it must also be taken at most this many days
after enrolment.
"""

EARLY_CONTACT_DAYS = 28
"""Days after enrolment within which an early contact takes place. A contact on the day of enrolment
does not count (Bao 2016: within 4 weeks of the first contact).
"""

FOUR_CONTACTS, FOUR_CONTACTS_DAYS = 4, 84
"""The number of attended contacts that a patient should have, and the days after enrolment within
which they should take place (MOSAIQUE, ENMESH 2024). A contact on the day of enrolment counts.
"""

MEASURED_DAYS = 30
"""A patient counts as measured if the age of the last PHQ-9 with a valid score is less than this
number of days.
"""

IMPROVED_DAYS = 70
"""Improvement is judged by the last score up to this many days after enrolment (Implementation
Science s13012-018-0818-6).
"""

RESPONSE_FROM, RESPONSE_TO = 120, 240
"""Response and remission are judged by the last score between these numbers of days after
enrolment, both included (HEDIS DRR-E).
"""

DETERIORATED_POINTS = 6
"""Rise of the PHQ-9 above the baseline, in points, that counts as a reliable deterioration (NHS
Talking Therapies manual).
"""

ADVISED_DAYS = 60
"""A patient who is not improved should have had a review with a recommendation in this number of
days up to the last day of the month. In the current month, today is the last of these days. Source:
New York State Office of Mental Health 2025, metric 8.
"""

PSYCHOSOCIAL_CARE_DAYS = 56
"""Days after enrolment within which psychosocial care should have begun."""

WEEK_8, WEEK_12 = 56, 84
"""Days after enrolment. A patient who is not improved by ``WEEK_8`` should have a review, or a
change of treatment, from ``WEEK_8`` to ``WEEK_12`` (Bao 2016).
"""

QUESTION_DAYS = 7
"""Days within which the psychiatrist has to answer a question of the nurse, counted from the day on
which the nurse made it ready (téléexpertise).
"""

ADVICE_DAYS = 14
"""Days from the signing of a review to the day in whose month its recommendations count. They count
with the outcome that they have today.
"""

OUT_OF_CONTACT_DAYS = 60
"""Days without an attended contact after which a patient counts as lost to follow-up. A patient
enrolled for fewer days does not.
"""

WAITING_FOR_REVIEW_DAYS = 28
"""Days after enrolment. From this day on, a patient without any review is counted among the work
that is waiting for the psychiatrist.
"""

ALL = "all"
"""The value of a filter that includes all kinds of sequences, or all severities."""

NO_KIND, UNKNOWN_SEVERITY = "none", "unknown"
"""The kind that stands for an episode without a care sequence, and the severity that stands for an
episode without a baseline score.
"""

SEVERITIES = ("minimal", "mild", "moderate", "moderately_severe", "severe", UNKNOWN_SEVERITY)
"""The bands of severity of the baseline PHQ-9. A score below the lowest band of the questionnaire
is ``minimal``.
"""

Kind = Literal["rate", "count"]
Group = Literal["activity", "process", "outcome", "advice", "flow", "completeness"]
Unit = Literal["episodes", "sequences", "questions", "recommendations", "forms"]


@dataclass(frozen=True)
class Indicator:
    """The definition of an indicator.

    ``id`` is also the key of its name and of its formula in ``dashboard.words``. ``unit`` is what
    the indicator counts. If ``scores`` is true, the answer depends on a score, so ``measured`` can
    be less than ``eligible``. The docstring of the module explains ``snapshot``.
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
        """The names of the columns of the indicator in the table ``review.site_month``.

        A count has one column. A rate has a numerator and ``eligible``, and also ``measured`` if
        the answer depends on a score.
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
_NEW_YORK = "Implementation Science, doi 10.1186/s13012-018-0818-6"
_NEW_YORK_2025 = "New York State OMH, CoCM metrics 2025"
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
        # New indicators are added at the end, because their columns are added at the end of
        # existing tables.
        _rate("advice_replaced", "advice", "recommendations", _OURS),
        _rate("contact_and_score", "process", "episodes", _NEW_YORK_2025, snapshot=True),
        _rate(
            "unimproved_reviewed_with_advice",
            "process",
            "episodes",
            _NEW_YORK_2025,
            scores=True,
            snapshot=True,
        ),
        _rate("deteriorated", "outcome", "episodes", "NHS Talking Therapies manual"),
        _rate(
            "psychosocial_care",
            "process",
            "episodes",
            "Schillok 2025, JAMA Psychiatry 82(9):868-876",
        ),
    )
}

_READ_AFTER = {
    "advice_replaced": "advice_unanswered",
    "contact_and_score": "measured",
    "unimproved_reviewed_with_advice": "unimproved_reviewed",
    "deteriorated": "remission",
    "psychosocial_care": "four_contacts",
}


def _place(indicator: str) -> tuple[int, bool]:
    before = _READ_AFTER.get(indicator)
    return list(INDICATORS).index(before or indicator), before is not None


IN_READING_ORDER = tuple(sorted(INDICATORS, key=_place))
"""The ids of the indicators in the order in which they are shown. Similar indicators are next to
each other.
"""

NEW_YORK_TARGETS = {
    "contact_and_score": 0.8,
    "improved_70": 0.6,
    "unimproved_reviewed_with_advice": 0.8,
}
"""The lowest rates (0 to 1) that the New York State Office of Mental Health asks of its own
programme (2025, metrics 5, 6 and 8). They are shown for comparison and are not goals of SÉSAME.
"""

ADVICE_PARTS = (
    "advice_followed",
    "advice_acknowledged",
    "advice_declined",
    "advice_refused",
    "advice_unanswered",
)
"""The indicators that count recommendations by outcome. The sum of their numerators is the number
of eligible recommendations.
"""

FLOW = ("flow_referred", "flow_enrolled", "flow_reviewed", "flow_improved", "flow_closed")
"""The stages of care, in order. Each indicator counts the patients referred in a month who have
reached its stage by today.
"""


@dataclass(frozen=True)
class Wait:
    """A waiting time between two events, in days. A case counts in the month of the second event.

    A case that is still waiting is not included.
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
    """The filters of a query of counts. A filter that is None excludes nothing.

    ``since`` is the first day of the first month, and ``until`` is the first day of the last month.
    ``kind`` is the kind of the first sequence of an episode; if sequences are counted, it is the
    kind of each sequence. ``severity`` is one of ``SEVERITIES``. Kind and severity are known at the
    start of an episode, so they do not depend on its outcome.
    """

    since: date | None = None
    until: date | None = None
    sites: tuple[int, ...] | None = None
    nurse: int | None = None
    kind: str | None = None
    severity: str | None = None
