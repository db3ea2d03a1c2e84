"""Texts about the agenda of a meeting, and about the data that are missing before the meeting."""

from datetime import date

from dashboard.clinical.meeting.agenda import Agenda, Pace
from dashboard.clinical.remarks import Remark
from dashboard.locale import _, ngettext
from dashboard.locale.formats import near_day, number


def missing_before_in_words(remark: Remark, today: date) -> str:
    """Return a short text about missing data that the nurse can still obtain before a meeting."""
    when = {"day": near_day(remark.day, today) if remark.day else ""}
    return {
        "score_overdue": (_("PHQ-9 overdue, last on {day}") if remark.day else _("No PHQ-9 yet")),
        "item9_unknown": _("Item 9 unknown on {day}"),
        "treatment_unconfirmed": _("Treatment not confirmed since {day}"),
        "sequence_ending": _("Sequence ends on {day}"),
        "advice_unanswered": _("Answer to a recommendation overdue since {day}"),
    }[remark.code].format(**when)


def duration_in_words(minutes: int) -> str:
    """Return a duration in hours and minutes, such as "1 h 10 min"."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("{n} min", n=rest)
    return _("{hours} h {n} min", hours=hours, n=f"{rest:02}") if rest else _("{n} h", n=hours)


def pace_in_words(pace: Pace) -> str:
    """Return the usual time for one case in minutes, and whether it was measured or is assumed."""
    minutes = number(round(pace.seconds / 60, 1))
    if pace.cases is None:
        return _("{minutes} min a case, assumed: no usual pace yet", minutes=minutes)
    return ngettext(
        "{minutes} min a case, your median over {n} case",
        "{minutes} min a case, your median over {n} cases",
        pace.cases,
        minutes=minutes,
    )


def agenda_in_words(agenda: Agenda) -> str:
    """Return the number of patients on the agenda and the expected duration of the meeting."""
    patients = ngettext("{n} patient", "{n} patients", len(agenda.items))
    return _(
        "{patients}, about {duration}",
        patients=patients,
        duration=duration_in_words(agenda.minutes),
    )
