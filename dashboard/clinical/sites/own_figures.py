"""The indicators of a nurse's or psychiatrist's own caseload, with the patients that the reader
should look at.

The definitions are those of ``clinical.sites.indicators``. The counts are exact, because the reader
may see these patients.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from dashboard.clinical.people import Identity
from dashboard.clinical.sites.indicators import (
    ADVISED_DAYS,
    IN_READING_ORDER,
    QUESTION_DAYS,
    WEEK_12,
)

OWN_INDICATORS = tuple(
    one
    for one in IN_READING_ORDER
    if one
    in {
        "early_contact",
        "four_contacts",
        "psychosocial_care",
        "measured",
        "contact_and_score",
        "unimproved_reviewed",
        "unimproved_reviewed_with_advice",
        "unimproved_treatment_changed",
        "answered_in_7_days",
        "lost_to_follow_up",
        "improved_70",
        "response",
        "remission",
        "deteriorated",
        "baseline_known",
        "consent_recorded",
    }
)
"""The indicators for which the page lists patients, in the order in which they are shown."""

ADVERSE = frozenset({"lost_to_follow_up", "deteriorated"})
"""The indicators that count an unwanted event, such as a deterioration. For these, the page lists
the patients with the event. For all other indicators, it lists the patients for whom the answer is
not yes.
"""


class Reason(StrEnum):
    """The reasons why a patient is listed under an indicator."""

    NO_CONTACT = "no_contact"
    FEW_CONTACTS = "few_contacts"
    NO_PSYCHOSOCIAL_CARE = "no_psychosocial_care"
    NO_RECENT_SCORE = "no_recent_score"
    CONTACT_AND_SCORE_MISSING = "contact_and_score_missing"
    CONTACT_MISSING = "contact_missing"
    SCORE_MISSING = "score_missing"
    NOT_MEASURED = "not_measured"
    NOT_REVIEWED = "not_reviewed"
    REVIEWED_WITHOUT_ADVICE = "reviewed_without_advice"
    TREATMENT_UNCHANGED = "treatment_unchanged"
    QUESTION_NOT_ANSWERED = "question_not_answered"
    CLOSED_AS_LOST = "closed_as_lost"
    SCORES = "scores"
    NO_BASELINE = "no_baseline"
    NO_CONSENT = "no_consent"


@dataclass(frozen=True)
class Course:
    """The facts of an episode that explain why the patient is listed under an indicator. Each list
    is in order of its days.
    """

    enrolled_on: date
    closed_on: date | None = None
    scores: tuple[tuple[date, int], ...] = ()
    contacts: tuple[date, ...] = ()
    reviews: tuple[date, ...] = ()

    def scores_by(self, day: date) -> tuple[tuple[date, int], ...]:
        """Return the scores taken on ``day`` or earlier."""
        return tuple(score for score in self.scores if score[0] <= day)


@dataclass(frozen=True)
class OwnCase:
    """A case of the reader's own caseload that an indicator counts.

    ``due_on`` is the day on which the answer to the indicator's question is due. ``measured`` is
    true if the answer is known, and ``is_yes`` is true if it is yes.
    """

    indicator: str
    episode_id: int
    patient: Identity
    due_on: date
    measured: bool
    is_yes: bool
    course: Course

    @property
    def is_listed(self) -> bool:
        """Whether the page lists the patient. If the indicator is in ``ADVERSE``, the patients in
        the numerator are listed. Otherwise, the patients who are not in the numerator are listed.
        """
        in_numerator = self.measured and self.is_yes
        return in_numerator if self.indicator in ADVERSE else not in_numerator


@dataclass(frozen=True)
class OwnFigure:
    """The exact counts of an indicator, and the cases that the page lists under it."""

    indicator: str
    eligible: int
    measured: int
    numerator: int
    listed: tuple[OwnCase, ...]


def own_figures(cases: Iterable[OwnCase]) -> list[OwnFigure]:
    """Return a figure for each indicator that counts at least one case, in the order of
    ``OWN_INDICATORS``.
    """
    by_indicator: dict[str, list[OwnCase]] = {one: [] for one in OWN_INDICATORS}
    for case in cases:
        if case.indicator in by_indicator:
            by_indicator[case.indicator].append(case)
    return [_figure(one, found) for one, found in by_indicator.items() if found]


def _figure(indicator: str, cases: Sequence[OwnCase]) -> OwnFigure:
    return OwnFigure(
        indicator,
        len(cases),
        sum(case.measured for case in cases),
        sum(case.measured and case.is_yes for case in cases),
        tuple(case for case in cases if case.is_listed),
    )


def reason_of(case: OwnCase) -> Reason:
    """Return the reason why the patient of this case is listed."""
    if not case.measured:
        return Reason.NOT_MEASURED
    match case.indicator:
        case "contact_and_score":
            return _missing_in_the_month(case)
        case "unimproved_reviewed_with_advice":
            since = case.due_on - timedelta(days=ADVISED_DAYS)
            reviewed = any(since < day <= case.due_on for day in case.course.reviews)
            return Reason.REVIEWED_WITHOUT_ADVICE if reviewed else Reason.NOT_REVIEWED
        case "lost_to_follow_up":
            closed_on = case.course.closed_on
            is_closed = closed_on is not None and closed_on <= case.due_on
            return Reason.CLOSED_AS_LOST if is_closed else Reason.NO_CONTACT
    return _ONLY_REASON[case.indicator]


_ONLY_REASON = {
    "early_contact": Reason.NO_CONTACT,
    "four_contacts": Reason.FEW_CONTACTS,
    "psychosocial_care": Reason.NO_PSYCHOSOCIAL_CARE,
    "measured": Reason.NO_RECENT_SCORE,
    "unimproved_reviewed": Reason.NOT_REVIEWED,
    "unimproved_treatment_changed": Reason.TREATMENT_UNCHANGED,
    "answered_in_7_days": Reason.QUESTION_NOT_ANSWERED,
    "improved_70": Reason.SCORES,
    "response": Reason.SCORES,
    "remission": Reason.SCORES,
    "deteriorated": Reason.SCORES,
    "baseline_known": Reason.NO_BASELINE,
    "consent_recorded": Reason.NO_CONSENT,
}


def _missing_in_the_month(case: OwnCase) -> Reason:
    first = case.due_on.replace(day=1)
    contact = any(first <= day <= case.due_on for day in case.course.contacts)
    score = any(first <= day <= case.due_on for day, _value in case.course.scores)
    if contact:
        return Reason.SCORE_MISSING
    return Reason.CONTACT_MISSING if score else Reason.CONTACT_AND_SCORE_MISSING


def last_by(days: Sequence[date], day: date) -> date | None:
    """Return the last of ``days`` that is not after ``day``; None if there is none."""
    return max((one for one in days if one <= day), default=None)


def asked_on(case: OwnCase) -> date:
    """Return the day on which the nurse made the question of this case ready. The case must be one
    of the indicator ``answered_in_7_days``.
    """
    return case.due_on - timedelta(days=QUESTION_DAYS)


def contacts_by_week_12(course: Course) -> int:
    """Return the number of attended contacts from the day of enrolment to day 84, both included."""
    last = course.enrolled_on + timedelta(days=WEEK_12)
    return sum(course.enrolled_on <= day <= last for day in course.contacts)
