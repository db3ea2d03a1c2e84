"""The record of a téléexpertise that the law requires. It is shown in a popover, with the files to
download.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

import streamlit as st

from dashboard.clinical.advice.tele_expertise import (
    ANSWER_WITHIN,
    LONGEST_INCIDENT,
    Professional,
    Record,
)
from dashboard.components.elements.autosave_text import held_text, live_text
from dashboard.components.elements.escaping import plain
from dashboard.components.elements.guarded import DeferredFile, download_button
from dashboard.locale import _, ngettext
from dashboard.locale.formats import day, full_name, moment
from dashboard.words.advice.risk import risk_in_words
from dashboard.words.advice.settlements import earlier_in_words
from dashboard.words.roles import role_name

PERIOD = timedelta(days=90)
"""The default length of the period whose reviews the follow-up page exports."""

PeriodFile = Callable[[date, date], DeferredFile]
"""A function that makes the file of the reviews that were signed between two days, both
included.
"""

_INCIDENTS = UUID("c2a4c7de-52a1-4d59-9a8e-6a1f3f0f5b11")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RecordActions:
    """The actions of the panel: read a record, note an incident, and make a file of one review.

    ``files`` is None while the screen is shared, because nothing can be downloaded then.
    """

    read: Callable[[UUID], Record | None]
    note: Callable[[UUID, str, UUID], object]
    files: Callable[[UUID, str], DeferredFile] | None = None
    """A function that makes the ``csv`` or ``json`` file of a review when the browser requests
    it.
    """


@dataclass
class _Noting:
    """The state of the button that notes an incident. The next run reads this state."""

    wanted: bool = False


def record_panel(case_review_id: UUID, actions: RecordActions) -> None:
    """Draw the popover of the record. Call the function within a fragment.

    The record is read only while the popover is open.
    """
    with st.popover(_("Record"), key=f"record/{case_review_id}", on_change="rerun") as popover:
        if popover.open:
            _panel(case_review_id, actions)


def record_export(today: date, make: PeriodFile | None) -> None:
    """Draw the form that exports the records of a period.

    Draw nothing if ``make`` is None, which means that the screen is shared.
    """
    if make is None:
        return
    with st.popover(_("Export"), icon=":material/download:"):
        period = st.date_input(
            _("Reviews signed from … to …"),
            (today - PERIOD, today),
            max_value=today,
            format="DD/MM/YYYY",
            key="record_export/period",
        )
        if isinstance(period, tuple) and len(period) == 2:
            first, last = period
            download_button(
                _("Download the records"),
                make(first, last),
                file_name=f"tele-expertise-{first.isoformat()}-{last.isoformat()}.csv",
                mime="text/csv",
                icon=":material/download:",
                key=f"record_export/{first}/{last}",
            )
        st.caption(_("One row a signed review, with the patient's identity. The export is logged."))


def _panel(case_review_id: UUID, actions: RecordActions) -> None:
    record = actions.read(case_review_id)
    if record is None:
        st.caption(_("This review does not exist, or it is not one of yours."))
        return
    st.markdown("  \n".join(f"**{plain(label)}** · {plain(said)}" for label, said in _rows(record)))
    _incident_form(record, actions)
    _downloads(case_review_id, actions)


def _rows(record: Record) -> list[tuple[str, str]]:
    """Return the items that the law requires, as pairs of a label and a text."""
    consented = record.consented_on
    return [
        (_("Consent"), _("given on {day}", day=day(consented)) if consented else _not_recorded()),
        (_("Request"), _request(record)),
        (_("Answer time"), answer_time_in_words(record)),
        (_("Signed"), moment(record.review.signed_at)),
        (_("Sent"), _instant(record.sent_at)),
        (_("First answer"), _instant(record.answered_at)),
        *_decision(record),
        *_earlier(record),
        (_("Professionals"), "\n".join(map(_professional, record.professionals))),
        (_("Technical incidents"), _incidents(record)),
    ]


def _decision(record: Record) -> list[tuple[str, str]]:
    risk = record.review.risk
    if risk is None:
        return []
    words = risk_in_words(risk)
    said = _("{text}: {detail}", text=words, detail=risk.reason) if risk.reason else words
    return [(_("Risk decision"), said)]


def _earlier(record: Record) -> list[tuple[str, str]]:
    """Return a list with one row about the settlements of earlier advice, one settlement on each
    line.

    Return an empty list if there are no settlements.
    """
    said = "\n".join(map(earlier_in_words, record.earlier))
    return [(_("Earlier advice"), said)] if said else []


def answer_time_in_words(record: Record) -> str:
    """Return the answer time in words, such as "3 days: within the 7 days"."""
    if record.answer_days is None:
        return _("no request to answer")
    days = ngettext("{n} day", "{n} days", record.answer_days)
    if record.answer_time == "met":
        return _("{days}: within the {limit} days", days=days, limit=ANSWER_WITHIN.days)
    return _("{days}: over the {limit} days", days=days, limit=ANSWER_WITHIN.days)


def _request(record: Record) -> str:
    request = record.request
    if request is None:
        return _("none: weekly review without a question")
    asked = next((one for one in record.professionals if one.id == request.nurse_id), None)
    by = f" · {full_name(asked.family_name, asked.given_name)}" if asked else ""
    return f"{moment(request.ready_at)}{by}\n{request.question}"


def _professional(one: Professional) -> str:
    number = _("RPPS {number}", number=one.rpps) if one.rpps else _("RPPS not recorded")
    return f"{full_name(one.family_name, one.given_name)} · {role_name(one.role)} · {number}"


def _incidents(record: Record) -> str:
    return "\n".join(
        f"{moment(one.noted_at)} · {one.description}" for one in record.incidents
    ) or _("none noted")


def _instant(value: datetime | None) -> str:
    return _("not yet") if value is None else moment(value)


def _not_recorded() -> str:
    return _("not recorded")


def _incident_form(record: Record, actions: RecordActions) -> None:
    # The key contains the number of incidents, so it changes after each incident. The field is then
    # empty again, because a field keeps its text only as long as its key is the same.
    key = f"incident/{record.review.id}/{len(record.incidents)}"
    noting = st.session_state.setdefault(f"{key}/noting", _Noting())
    description = held_text(key, LONGEST_INCIDENT)
    missing = noting.wanted and not description.strip()
    live_text(
        _("Technical incident to note"),
        description,
        key=key,
        longest=LONGEST_INCIDENT,
        placeholder=_("What failed, and from when to when"),
        error=_("Say what happened.") if missing else None,
        held=True,
    )
    st.button(_("Note the incident"), key=f"{key}/note", on_click=_want, args=(noting,))
    wanted, noting.wanted = noting.wanted, False
    if wanted and not missing:
        _note(record.review.id, description, uuid5(_INCIDENTS, f"{key}/{description}"), actions)


def _want(noting: _Noting) -> None:
    noting.wanted = True


def _note(case_review_id: UUID, description: str, key: UUID, actions: RecordActions) -> None:
    try:
        actions.note(case_review_id, description, key)
    except Exception as error:
        _log.error("An incident could not be noted: %s", type(error).__name__)
        st.error(_("The incident was not noted. Try again."))
    else:
        st.rerun()


def _downloads(case_review_id: UUID, actions: RecordActions) -> None:
    if actions.files is None:
        st.caption(_("While presenting nothing can be downloaded."))
        return
    reference = case_review_id.hex[:8]
    with st.container(horizontal=True):
        for kind, label, mime in (
            ("json", _("Report (FHIR)"), "application/fhir+json"),
            ("csv", _("Record (CSV)"), "text/csv"),
        ):
            download_button(
                label,
                actions.files(case_review_id, kind),
                file_name=f"tele-expertise-{reference}.{kind}",
                mime=mime,
                icon=":material/download:",
                key=f"record/{case_review_id}/{kind}",
            )
