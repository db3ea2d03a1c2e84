"""The name of a patient on the screen. A shared screen shows only the title and an initial."""

from dashboard.clinical.people import Identity
from dashboard.locale import _, ngettext, pgettext
from dashboard.locale.formats import day, full_name


def patient_name(who: Identity) -> str:
    """Return the name, such as "Lefèvre Camille", or "Ms L." on a shared screen."""
    if who.is_presented:
        return _presented_name(who.family_name, who.given_name, who.sex)
    return full_name(who.family_name, who.given_name)


def _presented_name(family_initials: str, given_initials: str, sex: str) -> str:
    """Return the title with the initial, such as "Ms L.". If the sex is unknown, return the
    initials, such as "C. L.".
    """
    return {
        "female": pgettext("female", "Ms {name}", name=family_initials),
        "male": pgettext("male", "Mr {name}", name=family_initials),
    }.get(sex, f"{given_initials} {family_initials}".strip())


def identity_in_words(who: Identity, years: int) -> str:
    """Return the name, the age, the sex and the day of birth. The reader uses them to check that a
    decision is about the right patient.

    Example: "Lefèvre Camille · 43 years · F · born 2 May 1983". On a shared screen: "Ms L., 43
    years".
    """
    age = ngettext("{n} year", "{n} years", years)
    if who.birth_date is None:
        return f"{patient_name(who)}, {age}"
    sex = {"female": _("F"), "male": _("M")}.get(who.sex, _("sex unknown"))
    born = day(who.birth_date)
    words = {
        "female": pgettext("female", "born {day}", day=born),
        "male": pgettext("male", "born {day}", day=born),
    }.get(who.sex, _("born {day}", day=born))
    return f"{patient_name(who)} · {age} · {sex} · {words}"
