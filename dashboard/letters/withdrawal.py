"""The notice to recipients of a letter that one of its recommendations was withdrawn.

A psychiatrist can withdraw a recommendation at any time, without waiting for the next review.
"""

from dataclasses import dataclass
from datetime import date

from dashboard.clinical.case.case_file import Recommendation
from dashboard.clinical.people import Identity, Person
from dashboard.locale import _, speaking
from dashboard.locale.formats import day, full_name
from dashboard.words.advice.lines import recommendation_in_words


@dataclass(frozen=True)
class Withdrawal:
    """A withdrawn recommendation, with the patient, the psychiatrist, the day and the reason."""

    identity: Identity
    line: Recommendation
    reviewed_on: date
    by: Person
    on: date
    reason: str


def withdrawal_notice(withdrawal: Withdrawal, language: str) -> str:
    """Return the text of the notice, in the recipient's language."""
    with speaking(language):
        return "\n\n".join(_paragraphs(withdrawal)) + "\n"


def _paragraphs(withdrawal: Withdrawal) -> list[str]:
    who, by, line = withdrawal.identity, withdrawal.by, withdrawal.line
    patient = full_name(who.family_name, who.given_name)
    born = "" if who.birth_date is None else f" ({day(who.birth_date)})"
    return [
        _("Patient: {name}", name=f"{patient}{born}"),
        _(
            "Dr {name} withdrew on {day} recommendation no. {number} of the review of {review}:",
            name=full_name(by.family_name, by.given_name),
            day=day(withdrawal.on),
            number=line.position,
            review=day(withdrawal.reviewed_on),
        ),
        f"    {recommendation_in_words(line)}",
        _("Reason: {reason}", reason=withdrawal.reason),
        _("It is not to be followed any more. The other recommendations are as they were."),
    ]
