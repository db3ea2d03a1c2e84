"""Names and definitions of indicators."""

from dashboard.clinical.sites.indicators import NEW_YORK_TARGETS
from dashboard.locale import _, pgettext
from dashboard.locale.formats import number


def indicator_name(indicator: str) -> str:
    """Return the name of an indicator for a table: a few words, in sentence case."""
    return {
        "active_caseload": _("Active caseload"),
        "enrolment": _("Patients enrolled"),
        "sequences_leger": _("Light sequences started"),
        "sequences_classique": _("Classic sequences started"),
        "early_contact": _("Contact within 28 days"),
        "four_contacts": _("Four contacts at 12 weeks"),
        "measured": _("PHQ-9 in the last 30 days"),
        "unimproved_reviewed": _("Not improved at week 8: reviewed"),
        "unimproved_treatment_changed": _("Not improved at week 8: drug changed"),
        "answered_in_7_days": _("Questions answered in 7 days"),
        "lost_to_follow_up": _("Lost to follow-up"),
        "closed_as_lost": _("Closed as lost"),
        "improved_70": _("Improved at 70 days"),
        "response": _("Response, months 4 to 8"),
        "remission": _("Remission, months 4 to 8"),
        "advice_followed": _("Advice done or modified"),
        "advice_acknowledged": _("Advice acknowledged, nothing done"),
        "advice_declined": _("Advice declined with a reason"),
        "advice_refused": _("Advice refused by the patient"),
        "advice_unanswered": _("Advice unanswered"),
        "advice_replaced": _("Advice ended before an answer"),
        "contact_and_score": _("Contact and PHQ-9 in the month"),
        "unimproved_reviewed_with_advice": _("Not improved after day 70: with advice"),
        "deteriorated": _("Reliable deterioration, months 4 to 8"),
        "psychosocial_care": _("Psychosocial care by week 8"),
        "flow_referred": _("Referred"),
        "flow_enrolled": _("Enrolled"),
        "flow_reviewed": _("Reviewed"),
        "flow_improved": pgettext("plural", "Improved"),
        "flow_closed": _("Closed"),
        "baseline_known": _("Baseline known"),
        "consent_recorded": _("Consent recorded"),
        "item9_answered": _("Item 9 answered"),
    }[indicator]


def formula(indicator: str) -> str:
    """Return the definition of an indicator. For a rate, the denominator comes first."""
    return {
        "active_caseload": _("Open episodes on the last day of the month."),
        "enrolment": _("Patients whose first sequence started in the month."),
        "sequences_leger": _("Light sequences that started in the month, 245 € each."),
        "sequences_classique": _("Classic sequences that started in the month, 608 € each."),
        "early_contact": _(
            "Of the patients who reached day 28: those with an attended contact from the day"
            " after enrolment to day 28."
        ),
        "four_contacts": _(
            "Of the patients who reached day 84: those with four attended contacts or more by"
            " day 84."
        ),
        "measured": _(
            "Of the active patients on the last day of the month: those with a PHQ-9 in the last"
            " 30 days."
        ),
        "unimproved_reviewed": _(
            "Of the patients with a baseline of 10 or more not improved at week 8: those with a"
            " signed review in weeks 8 to 12."
        ),
        "unimproved_treatment_changed": _(
            "Of the patients with a baseline of 10 or more not improved at week 8: those in whom a"
            " psychotropic drug was started, stopped or changed in dose in weeks 8 to 12."
        ),
        "answered_in_7_days": _(
            "Of the nurses' questions: those answered by a signed review within 7 days."
        ),
        "lost_to_follow_up": _(
            "Of the active patients and those closed in the month: those closed as lost, or without"
            " an attended contact for 60 days."
        ),
        "closed_as_lost": _("Of the episodes closed in the month: those closed as lost."),
        "improved_70": _(
            "Of the patients with a baseline of 10 or more, 70 days after enrolment: those whose"
            " last PHQ-9 by then is under 10 or down by half."
        ),
        "response": _(
            "Of the patients with a baseline of 10 or more: those whose last PHQ-9 from day 120 to"
            " day 240 is down by half."
        ),
        "remission": _(
            "Of the patients with a baseline of 10 or more: those whose last PHQ-9 from day 120 to"
            " day 240 is under 5."
        ),
        "advice_followed": _(
            "Of the recommendations sent 14 days ago: those done, as advised or in another way."
        ),
        "advice_acknowledged": _(
            "Of the recommendations sent 14 days ago: those acknowledged, with nothing done yet."
        ),
        "advice_declined": _(
            "Of the recommendations sent 14 days ago: those declined, with the reason."
        ),
        "advice_refused": _(
            "Of the recommendations sent 14 days ago: those that the patient did not want."
        ),
        "advice_unanswered": _(
            "Of the recommendations sent 14 days ago: those without any answer."
        ),
        "advice_replaced": _(
            "Of the recommendations sent 14 days ago: those replaced or withdrawn before any"
            " answer; they also count as unanswered."
        ),
        "contact_and_score": _(
            "Of the patients active on the last day of the month or closed in it: those with an"
            " attended contact and a PHQ-9 in that month."
        ),
        "unimproved_reviewed_with_advice": _(
            "Of the patients enrolled for 70 days or more on the last day of the month, with a"
            " baseline of 10 or more and not improved at their latest PHQ-9: those with a signed"
            " review in the last 60 days that gives or keeps a recommendation."
        ),
        "deteriorated": _(
            "Of the patients with a baseline of 10 or more and a later PHQ-9 from day 120 to day"
            " 240: those whose last one is 6 points or more above the baseline."
        ),
        "psychosocial_care": _(
            "Of the patients who reached day 56: those with psychosocial care of any kind that"
            " began by day 56."
        ),
        "flow_referred": _("Patients referred in the period."),
        "flow_enrolled": _("Of those referred in the period: enrolled by today."),
        "flow_reviewed": _("Of those referred in the period: with a signed review by today."),
        "flow_improved": _(
            "Of those referred in the period, with a baseline of 10 or more: improved at their"
            " latest PHQ-9."
        ),
        "flow_closed": _("Of those referred in the period: closed by today."),
        "baseline_known": _(
            "Of the patients who reached day 14: those with a valid PHQ-9 from 14 days before"
            " enrolment to 14 days after."
        ),
        "consent_recorded": _("Of the patients enrolled: those with the day of their consent."),
        "item9_answered": _("Of the PHQ-9 forms with a score: those with an answer to item 9."),
    }[indicator]


def reference_in_words(indicator: str) -> str:
    """Return a text about the target that is drawn as a reference line for an indicator.

    The text names the owner of the target. It also says how the owner's count differs from this
    one.
    """
    whose = _(
        "target of the New York State Office of Mental Health for its own programme (2025,"
        " {rate} or more): no goal of SÉSAME.",
        rate=percent(NEW_YORK_TARGETS[indicator]),
    )
    return f"{whose} {_counted_there(indicator)}"


def _counted_there(indicator: str) -> str:
    return {
        "contact_and_score": _("There, any of seven questionnaires counts, not the PHQ-9 alone."),
        "improved_70": _(
            "There, the patients enrolled for 70 days or more in a month are counted, at their"
            " latest score."
        ),
        "unimproved_reviewed_with_advice": _(
            "There, a patient who left during the month counts too."
        ),
    }[indicator]


def unit_name(unit: str) -> str:
    """Return the name of the unit that an indicator counts, such as "patients"."""
    return {
        "episodes": _("patients"),
        "sequences": _("sequences"),
        "questions": _("questions"),
        "recommendations": _("recommendations"),
        "forms": _("forms"),
    }[unit]


def group_name(group: str) -> str:
    """Return the name of a group of indicators on the overview."""
    return {
        "activity": _("Activity"),
        "process": _("Care"),
        "outcome": _("Outcome"),
        "advice": _("Advice"),
        "flow": _("Flow"),
        "completeness": _("Completeness"),
    }[group]


def wait_name(wait: str) -> str:
    """Return the name of a waiting time, such as "Referral to enrolment"."""
    return {
        "referral_to_enrolment": _("Referral to enrolment"),
        "enrolment_to_first_review": _("Enrolment to first review"),
        "question_to_answer": _("Question to answer"),
        "advice_to_answer": _("Advice to its answer"),
    }[wait]


def severity_name(severity: str) -> str:
    """Return the name of a severity of the baseline PHQ-9."""
    return {
        "minimal": _("minimal"),
        "mild": _("mild"),
        "moderate": _("moderate"),
        "moderately_severe": _("moderately severe"),
        "severe": _("severe"),
        "unknown": _("no baseline"),
    }[severity]


def percent(rate: float | None) -> str:
    """Return a rate in whole percent, such as "46 %"; a dash if ``rate`` is None."""
    return "–" if rate is None else f"{number(round(100 * rate))}\N{NO-BREAK SPACE}%"


def points(change: float | None) -> str:
    """Return the change of a rate in percentage points, such as "+3", "−4" or "0".

    Return a dash if ``change`` is None.
    """
    if change is None:
        return "–"
    rounded = round(100 * change)
    return f"+{rounded}" if rounded > 0 else f"−{-rounded}" if rounded < 0 else "0"


def euros(amount: float) -> str:
    """Return an amount in whole euros, such as "2,617,026 €"."""
    return f"{number(round(amount))} €"
