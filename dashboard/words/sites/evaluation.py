"""Descriptions of the tables and fields of the data set for evaluators."""

from dashboard.locale import _


def table_description(table: str) -> str:
    """Return a sentence that says what the rows of a table contain."""
    return {
        "episodes": _("One row for each episode that was enrolled at least 91 days before."),
        "sequences": _("The care sequences of each episode."),
        "scores": _("The questionnaires filled in, from 14 days before enrolment on."),
        "contacts": _("The contacts with the nurse, attended or missed."),
        "reviews": _("The signed case reviews."),
        "recommendations": _("The lines of advice of each review."),
        "answers": _("The answers of nurse and GP to each line of advice."),
        "medications": _("The medication taken during the episode."),
        "psychosocial_care": _("Psychotherapy and other psychosocial care during the episode."),
        "waits": _("Waiting times in days; empty while the patient still waits."),
        "indicators": _(
            "The indicators of feasibility and of efficacy, over the whole period. Counted by site,"
            " they are those of reproducibility."
        ),
    }[table]


def field_description(table: str, field: str) -> str:
    """Return the meaning of ``field`` in ``table``, with its unit."""
    own = _OWN.get((table, field))
    return (own or _SHARED[field])()


_SHARED = {
    "episode": lambda: _("Pseudonym of the episode."),
    "person": lambda: _("Pseudonym of the patient, the same in all of their episodes."),
    "site": lambda: _("Letter of the site; empty if it was left out to protect somebody."),
    "age_band": lambda: _("Age at enrolment, in years; empty if it was left out."),
    "sex": lambda: _("Sex: female, male or unknown; empty if it was left out."),
    "diagnosis": lambda: _("First three characters of the ICD-10 code; empty if rare or unknown."),
    "status": lambda: _("Status of the episode."),
    "closed_reason": lambda: _("Why the episode was closed."),
    "referred_day": lambda: _("Day of referral, counted from enrolment."),
    "consented_day": lambda: _("Day of consent, counted from enrolment."),
    "closed_day": lambda: _("Day of closing, counted from enrolment; empty while it is open."),
    "horizon_days": lambda: _("Day at which the record is cut, counted from enrolment."),
    "sequence": lambda: _("Number of the sequence, in order of its start."),
    "starts_day": lambda: _("First day, counted from enrolment."),
    "ends_day": lambda: _("Last day, counted from enrolment; empty while it goes on."),
    "form": lambda: _("Number of the form, in order of its day."),
    "instrument": lambda: _("Questionnaire."),
    "day": lambda: _("Day, counted from enrolment."),
    "total": lambda: _("Total as recorded; empty if it was not."),
    "item9": lambda: _("Answer to item 9 of the PHQ-9, from 0 to 3."),
    "contact": lambda: _("Number of the contact, in order of its day."),
    "kind": lambda: _("Kind."),
    "attended": lambda: _("Whether the patient was there."),
    "minutes": lambda: _("Duration, in minutes."),
    "review": lambda: _("Number of the review within its episode, in order of signing."),
    "outcome": lambda: _("Outcome."),
    "risk_level": lambda: _("Suicide risk as judged in the review; empty if it was not asked."),
    "next_review_day": lambda: _("Day of the next review, counted from enrolment."),
    "amends": lambda: _("Whether the review replaces an earlier one."),
    "line": lambda: _("Number of the line of advice within its review."),
    "action": lambda: _("Action."),
    "atc_code": lambda: _("ATC code of the drug."),
    "daily_dose_mg": lambda: _("Daily dose, in milligrams."),
    "owner_role": lambda: _("Role of the person to whom the line is addressed."),
    "due_day": lambda: _("Day by which it is due, counted from enrolment."),
    "answer": lambda: _("Number of the answer to its line, in order of its time."),
    "medication": lambda: _("Number of the prescription, in order of its start."),
    "as_needed": lambda: _("Whether the drug is taken as needed."),
    "adherence": lambda: _("Adherence as recorded."),
    "care": lambda: _("Number of the care, in order of its start."),
    "sessions": lambda: _("Number of sessions."),
    "referral_to_enrolment": lambda: _("Days from referral to enrolment."),
    "enrolment_to_first_contact": lambda: _("Days from enrolment to the first attended contact."),
    "enrolment_to_first_review": lambda: _("Days from enrolment to the first signed review."),
    "axis": lambda: _("Axis of the evaluation: feasibility, efficacy or reproducibility."),
    "indicator": lambda: _("Identifier of the indicator."),
    "formula_fr": lambda: _("Definition in French."),
    "formula_en": lambda: _("Definition in English."),
    "source": lambda: _("Source of the definition."),
    "numerator": lambda: _("Number of cases whose answer is yes; empty if it was left out."),
    "measured": lambda: _("Number of cases whose answer is known."),
    "eligible": lambda: _("Number of cases that the indicator concerns."),
    "rate": lambda: _("Numerator divided by the number of measured cases."),
    "low_95": lambda: _("Lower end of the 95 % interval of the rate (Wilson)."),
    "high_95": lambda: _("Upper end of the 95 % interval of the rate (Wilson)."),
}

_OWN = {
    ("indicators", "site"): lambda: _("Letter of the site; empty for all sites together."),
}
