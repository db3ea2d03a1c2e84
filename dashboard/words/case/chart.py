"""Names that the page of a case shows, such as those of severity ranges, care and flags."""

from dashboard.locale import _, pgettext
from dashboard.vocabulary import Adherence, CareKind, FlagKind, SequenceKind


def band_name(band: str) -> str:
    """Return the name of a severity range of a questionnaire."""
    return {
        "mild": pgettext("severity", "mild"),
        "moderate": pgettext("severity", "moderate"),
        "moderately_severe": pgettext("severity", "moderately severe"),
        "severe": pgettext("severity", "severe"),
        "doubtful": pgettext("severity", "doubtful"),
        "definite": pgettext("severity", "definite"),
        "subthreshold": pgettext("severity", "subthreshold"),
        "probable_ptsd": _("probable PTSD"),
        "hazardous": pgettext("severity", "hazardous"),
        "harmful": pgettext("severity", "harmful"),
        "probable_dependence": _("probable dependence"),
    }.get(band, band)


def oddity_name(oddity: str) -> str:
    """Return the name of a fault in a stored questionnaire. ``oddity`` is the code of the fault."""
    return {
        "unknown_instrument": _("unknown questionnaire, as stored"),
        "out_of_range": _("total out of range, as stored"),
        "total_disagrees": _("total differs from its items"),
        "bad_items": _("items that the form does not have"),
        "no_score": _("incomplete, no score"),
    }[oddity]


def care_name(kind: str) -> str:
    """Return the name of a kind of psychosocial care."""
    names: dict[str, str] = {
        CareKind.BEHAVIOURAL_ACTIVATION: _("behavioural activation"),
        CareKind.PROBLEM_SOLVING: _("problem solving"),
        CareKind.PSYCHOLOGIST: _("psychologist"),
        CareKind.SUPPORT_GROUP: _("support group"),
        CareKind.SOCIAL_SERVICE: _("social service"),
        CareKind.OTHER: _("other care"),
    }
    return names.get(kind, kind)


def sequence_name(kind: str) -> str:
    """Return the name of a kind of care sequence."""
    names: dict[str, str] = {SequenceKind.LIGHT: _("light"), SequenceKind.CLASSIC: _("classic")}
    return names.get(kind, kind)


def flag_name(kind: str) -> str:
    """Return the name of a kind of flag."""
    names: dict[str, str] = {FlagKind.SAFETY: _("safety"), FlagKind.DISCUSSION: _("discussion")}
    return names.get(kind, kind)


def adherence_name(adherence: str) -> str:
    """Return the name of a degree of adherence to a drug."""
    names: dict[str, str] = {
        Adherence.GOOD: _("good"),
        Adherence.PARTIAL: _("partial"),
        Adherence.POOR: _("poor"),
        Adherence.UNKNOWN: _("unknown"),
    }
    return names.get(adherence, adherence)
