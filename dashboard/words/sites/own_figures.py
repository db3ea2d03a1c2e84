"""Texts that say why the page "My figures" lists a case under an indicator."""

from dashboard.clinical.sites.own_figures import (
    OwnCase,
    Reason,
    asked_on,
    contacts_by_week_12,
    last_by,
    reason_of,
)
from dashboard.locale import _, ngettext
from dashboard.locale.formats import day as day_in_words


def reason_in_words(case: OwnCase) -> str:
    """Return the reason why ``case`` is listed, with its dates and numbers."""
    course = case.course
    match reason_of(case):
        case Reason.NO_CONTACT:
            last = last_by(course.contacts, case.due_on)
            if last is None:
                return _("no attended contact")
            return _("last attended contact on {day}", day=day_in_words(last))
        case Reason.FEW_CONTACTS:
            return ngettext(
                "{n} attended contact by day 84",
                "{n} attended contacts by day 84",
                contacts_by_week_12(course),
            )
        case Reason.NO_RECENT_SCORE | Reason.NO_BASELINE:
            return _score(case)
        case Reason.NOT_REVIEWED | Reason.REVIEWED_WITHOUT_ADVICE as reason:
            last = last_by(course.reviews, case.due_on)
            if last is None:
                return _("never reviewed")
            if reason is Reason.REVIEWED_WITHOUT_ADVICE:
                return _("review of {day} without a recommendation", day=day_in_words(last))
            return _("last review on {day}", day=day_in_words(last))
        case Reason.QUESTION_NOT_ANSWERED:
            return _(
                "question of {day}: no signed review within 7 days",
                day=day_in_words(asked_on(case)),
            )
        case Reason.SCORES:
            return _scores(case)
        case other:
            return _plain(other)


def _plain(reason: Reason) -> str:
    return {
        Reason.NO_PSYCHOSOCIAL_CARE: _("no psychosocial care by day 56"),
        Reason.CONTACT_AND_SCORE_MISSING: _("neither a contact nor a PHQ-9 in the month"),
        Reason.CONTACT_MISSING: _("a PHQ-9 in the month, no attended contact"),
        Reason.SCORE_MISSING: _("an attended contact in the month, no PHQ-9"),
        Reason.NOT_MEASURED: _("not measured: no PHQ-9 after the baseline in time"),
        Reason.TREATMENT_UNCHANGED: _("no psychotropic drug changed in weeks 8 to 12"),
        Reason.CLOSED_AS_LOST: _("closed as lost"),
        Reason.NO_CONSENT: _("no day of consent recorded"),
    }[reason]


def _score(case: OwnCase) -> str:
    """Return the day of the last PHQ-9 up to the day on which the indicator judges the case.

    If there is none, return the day of the first later PHQ-9, or a text that there is no PHQ-9.
    """
    before = case.course.scores_by(case.due_on)
    if before:
        return _("last PHQ-9 on {day}", day=day_in_words(before[-1][0]))
    if case.course.scores:
        return _("first PHQ-9 on {day}", day=day_in_words(case.course.scores[0][0]))
    return _("no PHQ-9")


def _scores(case: OwnCase) -> str:
    """Return the baseline PHQ-9, and the last PHQ-9 up to the day on which the indicator judges the
    case.
    """
    scores = case.course.scores_by(case.due_on)
    (_first_on, baseline), (last_on, last) = scores[0], scores[-1]
    return _(
        "PHQ-9 {baseline} → {last} on {day}",
        baseline=baseline,
        last=last,
        day=day_in_words(last_on),
    )
