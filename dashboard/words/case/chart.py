"""The words on the chart, in the reader's language."""

from dashboard.locale import _, pgettext


def band_name(band: str) -> str:
    """A range of severity."""
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
    """What is wrong with a stored form, in a few words."""
    return {
        "unknown_instrument": _("unknown questionnaire, as stored"),
        "out_of_range": _("total out of range, as stored"),
        "total_disagrees": _("total differs from its items"),
        "bad_items": _("items that the form does not have"),
        "no_score": _("incomplete, no score"),
    }[oddity]


def care_name(kind: str) -> str:
    """A psychosocial care."""
    return {
        "behavioural_activation": _("behavioural activation"),
        "problem_solving": _("problem solving"),
        "psychologist": _("psychologist"),
        "support_group": _("support group"),
        "social_service": _("social service"),
        "other": _("other care"),
    }.get(kind, kind)


def sequence_name(kind: str) -> str:
    """A kind of care sequence."""
    return {"leger": _("light"), "classique": _("classic")}.get(kind, kind)


def adherence_name(adherence: str) -> str:
    """How well a drug is taken."""
    return {
        "good": _("good"),
        "partial": _("partial"),
        "poor": _("poor"),
        "unknown": _("unknown"),
    }.get(adherence, adherence)
