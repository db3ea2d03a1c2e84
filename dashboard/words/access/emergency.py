"""Texts about emergency access: reasons, practitioners, times and refusals."""

from dashboard.calendar import PARIS
from dashboard.clinical.access.emergency import (
    OPENED_A_DAY,
    SHORTEST_EXPLANATION,
    WRONG_AN_HOUR,
    Emergency,
)
from dashboard.locale import _
from dashboard.locale.formats import full_name, moment
from dashboard.vocabulary import EmergencyReason
from dashboard.words.roles import role_name


def reason_name(reason: str) -> str:
    """Return the name of a reason for emergency access."""
    return {
        EmergencyReason.ACUTE_RISK: _("Acute risk: suicide, violence, danger"),
        EmergencyReason.ON_CALL: _("On call, or first care of an unknown patient"),
        EmergencyReason.COLLEAGUE_AWAY: _("A colleague is away without cover"),
        EmergencyReason.PATIENT_ASKS: _("The patient is here, or calls, and asks for it"),
        EmergencyReason.OTHER: _("Another reason"),
    }[EmergencyReason(reason)]


def practitioner_in_words(one: Emergency) -> str:
    """Return the name and role of the practitioner, such as "Moreau Claude, psychiatrist"."""
    role = role_name(one.role) or "?"
    return f"{full_name(one.practitioner.family_name, one.practitioner.given_name)}, {role}"


def span_in_words(one: Emergency) -> str:
    """Return the start and end of an access in Paris time, such as "24 Nov 2026 15:04–16:04"."""
    return f"{moment(one.begun_at)}–{one.ends_at.astimezone(PARIS):%H:%M}"


def problem_in_words(problem: str) -> str:
    """Return a sentence that says what a request for emergency access lacks, or why it was refused.

    ``problem`` is the code of what is missing, or of the refusal.
    """
    return {
        "patient": _("Give the case number, the family name and the date of birth."),
        "reason": _("Choose a reason."),
        "explanation": _("Explain in {n} characters or more.", n=SHORTEST_EXPLANATION),
        "no_match": _(
            "No patient has this case number, this family name and this date of birth together."
        ),
        "too_many": _(
            "Too many attempts: after {wrong} that name no patient wait an hour; {day} records a"
            " day at most.",
            wrong=WRONG_AN_HOUR,
            day=OPENED_A_DAY,
        ),
        "role": _("This page is not for your role."),
    }[problem]
