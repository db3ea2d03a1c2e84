"""The content of the printed agenda.

The agenda identifies patients by initials, age and case number, never by name.
"""

from datetime import date, datetime

from dashboard.clinical.deidentification import initials, mask_of
from dashboard.clinical.meeting.agenda import SAID_BY_NO_RULE, Agenda, AgendaItem
from dashboard.letters.agenda_sheet import AgendaSheet, SheetLine
from dashboard.locale import _, ngettext, speaking
from dashboard.locale.formats import full_name, long_day, moment, number
from dashboard.words.caseload.reasons import in_words
from dashboard.words.meeting.agenda import agenda_in_words, missing_before_in_words, pace_in_words


def sheet_of(agenda: Agenda, today: date, made_at: datetime, language: str) -> AgendaSheet:
    """Return the content of the printed agenda in the language ``language``.

    In texts that a person typed, the name of the patient is masked.
    """
    doctor, nurse = agenda.psychiatrist, agenda.nurse
    with speaking(language):
        return AgendaSheet(
            language=language,
            title=_("Agenda of {day}", day=long_day(agenda.held_on)),
            people=" · ".join(
                (
                    _("Dr {name}", name=full_name(doctor.family_name, doctor.given_name)),
                    _("Nurse {name}", name=full_name(nurse.family_name, nurse.given_name)),
                )
            ),
            summary=f"{agenda_in_words(agenda)} · {pace_in_words(agenda.pace)}",
            heads=(_("Patient"), _("Why"), _("Question, and what was tried"), _("Time")),
            minutes=_("{n} min", n=number(round(agenda.pace.seconds / 60, 1))),
            lines=tuple(_line(item, today) for item in agenda.items),
            footer=_(
                "Made on {time}. Holds health data: to be destroyed after the meeting.",
                time=moment(made_at),
            ),
            made_at=made_at,
        )


def _line(item: AgendaItem, today: date) -> SheetLine:
    case, who = item.case, item.case.identity
    mask = mask_of(who)
    why = [in_words(reason, today) for reason in case.reasons]
    if item.deferral:
        why.insert(0, _("Deferred: {reason}", reason=mask(item.deferral)))
    if item.not_reached:
        why.insert(0, _("not reached last time"))
    # List only the missing data that no rule reports. The other missing data is already among the
    # reasons.
    missing = " · ".join(
        missing_before_in_words(one, today) for one in case.missing if one.code in SAID_BY_NO_RULE
    )
    years = ngettext("{n} year", "{n} years", who.age_on(today))
    return SheetLine(
        who=f"{initials(who.given_name)} {initials(who.family_name)}, {years}",
        case=_("no. {number}", number=case.episode_id),
        why=" · ".join(why),
        asked=mask(case.preparation.question),
        tried=mask(case.preparation.tried),
        missing=_("To get before: {missing}", missing=missing) if missing else "",
    )
