"""Texts about missing values and invalid rows in the data of a case."""

from dashboard.clinical.case.missing import KNOWN_CODES
from dashboard.clinical.remarks import Remark
from dashboard.locale import _
from dashboard.locale.formats import day
from dashboard.vocabulary import SequenceKind
from dashboard.words.case.chart import care_name, sequence_name


def missing_in_words(remark: Remark) -> str:
    """Return a short text that says which value is missing."""
    about = {"drug": remark.about or "", "day": day(remark.day) if remark.day else ""}
    return {
        "no_consent": _("Consent not recorded"),
        "no_diagnosis": _("No diagnosis"),
        "no_phq9": _("No PHQ-9 in this episode"),
        "phq9_overdue": (
            _("PHQ-9 overdue: the last one is of {day}") if remark.day else _("No valid PHQ-9")
        ),
        "item9_unknown": _("Item 9 unknown on the PHQ-9 of {day}"),
        "no_gad7": _("No GAD-7 in this episode"),
        "no_contact": _("No contact kept in this episode"),
        "no_sequence": _("No care sequence begun"),
        "dose_unknown": _("{drug}: dose unknown"),
        "adherence_unknown": _("{drug}: adherence unknown"),
    }[remark.code].format(**about)


def oddity_in_words(remark: Remark) -> str:
    """Return a short text that says what is wrong in a row of the registry."""
    if remark.code in _UNKNOWN_CODES:
        return unknown_code_in_words(remark)
    about = {"what": _named(remark.about), "day": day(remark.day) if remark.day else ""}
    return {
        "unknown_instrument": _("{what} of {day}: unknown questionnaire, shown as it is"),
        "out_of_range": _("{what} of {day}: total out of range"),
        "total_disagrees": _("{what} of {day}: the total differs from the sum of the items"),
        "bad_items": _("{what} of {day}: items that the form does not have"),
        "no_score": _("{what} of {day}: too many items missing for a score"),
        "dates_reversed": _("{what}: ends before it begins ({day})"),
        "impossible_day": _("{what}: impossible date ({day})"),
        "negative_dose": _("{what} of {day}: negative dose"),
        "impossible_birth": _("Impossible birth date ({day})"),
        "born_later": _("Birth date after enrolment ({day})"),
        "closed_and_open": _("Open, with a closing day in the past ({day})"),
    }[remark.code].format(**about)


LONGEST_CODE = 20
"""The maximum number of characters that are shown of an unknown value.

A longer value is cut off, because it is not a code.
"""

_UNKNOWN_CODES = tuple(f"unknown_{tells}" for tells in KNOWN_CODES)


def unknown_code_in_words(remark: Remark) -> str:
    """Return a short text that says that a stored value is unknown, with the value itself."""
    what = {
        "unknown_status": _("Status of the episode"),
        "unknown_sex": _("Sex"),
        "unknown_sequence": _("Kind of care sequence"),
        "unknown_contact": _("Kind of contact"),
        "unknown_adherence": _("Adherence"),
        "unknown_care": _("Kind of psychosocial care"),
        "unknown_flag": _("Kind of flag"),
    }[remark.code]
    value = remark.about or ""
    shown = value if len(value) <= LONGEST_CODE else f"{value[:LONGEST_CODE]}…"
    if not value.strip():
        said = _("{what} not given", what=what)
    else:
        said = _("{what} unknown: “{value}”", what=what, value=shown)
    return f"{said} ({day(remark.day)})" if remark.day else said


def _named(about: str | None) -> str:
    """Return the name of the care sequence or the kind of care whose code is ``about``. Any other
    text, such as the name of a drug or of a questionnaire, is returned as it is.

    If ``about`` is None, the remark is about an episode, and the word for an episode is returned.
    """
    if about is None:
        return _("Episode")
    return (
        sequence_name(about)
        if about in (SequenceKind.LIGHT, SequenceKind.CLASSIC)
        else care_name(about)
    )
