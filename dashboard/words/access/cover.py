"""Texts about cover: for some days, a colleague takes over the patients of an absent practitioner.

The texts name the covered practitioner, the days of a cover, and the psychiatrist who signed a
review. Other texts say why a planned cover is not possible.
"""

from datetime import date

from dashboard.clinical.access.cover import LONGEST_DAYS, Colleague, Cover
from dashboard.clinical.case.case_file import CaseReview
from dashboard.clinical.people import Person
from dashboard.locale import _
from dashboard.locale.formats import day, full_name, short_day
from dashboard.vocabulary import Role


def titled(person: Person, role: str) -> str:
    """Return the title and family name of a psychiatrist or a nurse, such as "Dr Moreau" or "Nurse
    Roux".
    """
    pattern = _("Dr {name}") if role == Role.PSYCHIATRIST else _("Nurse {name}")
    return pattern.format(name=person.family_name)


def on_behalf_of(person: Person, role: str) -> str:
    """Return the label for the patients of a covered colleague, such as "for Dr Moreau".

    ``person`` is the covered colleague, and ``role`` their role: psychiatrist or nurse.
    """
    pattern = _("for Dr {name}") if role == Role.PSYCHIATRIST else _("for Nurse {name}")
    return pattern.format(name=person.family_name)


def signed_by(review: CaseReview, *, briefly: bool = False) -> str:
    """Return the name of the psychiatrist who signed ``review``, such as "Dr Moreau Claude".

    If the psychiatrist covered a colleague, the text is "Dr Moreau Claude for Dr Petit Jo". If
    ``briefly`` is true, only family names are given.
    """
    who = _("Dr {name}", name=_name(review.psychiatrist, briefly))
    if review.covered is None:
        return who
    instead = _("Dr {name}", name=_name(review.covered, briefly))
    return _("{who} for {covered}", who=who, covered=instead)


def _name(person: Person | None, briefly: bool) -> str:
    if person is None:
        return "?"
    return person.family_name if briefly else full_name(person.family_name, person.given_name)


def list_name(cover: Cover, role: str) -> str:
    """Return the name of the list of a covered colleague, with the last day of the cover."""
    until = short_day(cover.ends_on)
    return _("{who} until {day}", who=titled(cover.covered, role), day=until)


def span_in_words(cover: Cover, today: date) -> str:
    """Return the first and the last day of ``cover``.

    Once the cover has begun, return only its last day.
    """
    first, last = day(cover.starts_on), day(cover.ends_on)
    if cover.holds_on(today):
        return _("now, until {last} included", last=last)
    if first == last:
        return _("on {day}", day=first)
    return _("from {first} to {last} included", first=first, last=last)


def colleague_in_words(colleague: Colleague) -> str:
    """Return the name of ``colleague``, with a note if the colleague has no account."""
    name = full_name(colleague.person.family_name, colleague.person.given_name)
    return name if colleague.has_account else _("{name} (no account yet)", name=name)


def problem_in_words(problem: str) -> str:
    """Return a sentence that says why a planned cover is not possible.

    ``problem`` is one of the codes that ``clinical.access.cover`` defines.
    """
    return {
        "no_colleague": _("Choose a colleague."),
        "no_dates": _("Choose the first and the last day."),
        "in_the_past": _("The first day is past."),
        "out_of_order": _("The last day is before the first."),
        "too_far": _("The first day is more than {n} days away.", n=LONGEST_DAYS),
        "too_long": _("More than {n} days: the registry should say who follows.", n=LONGEST_DAYS),
        "already": _("This colleague already covers you on some of these days."),
    }[problem]
