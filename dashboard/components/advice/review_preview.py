"""The preview of a review, as the nurse and the GP will read the review."""

from collections.abc import Iterable

import streamlit as st

from dashboard.clinical.advice.lines import DraftLine, DraftReview, DraftSettlement, as_sent
from dashboard.clinical.advice.settling import Owed
from dashboard.clinical.case.case_file import CaseFile
from dashboard.clinical.people import Person
from dashboard.components.advice.settlement_fields import kind_name
from dashboard.components.elements.escaping import legible, plain
from dashboard.components.elements.patient_name import identity_in_words
from dashboard.locale import _
from dashboard.locale.formats import day, full_name, long_day
from dashboard.vocabulary import Outcome, SettlementKind
from dashboard.words.advice.lines import recommendation_in_words, summary_in_words
from dashboard.words.advice.risk import risk_in_words
from dashboard.words.roles import role_name


def review_preview(case: CaseFile, draft: DraftReview, owed: Owed) -> None:
    """Draw the review that is about to be signed, as its recipients will read it."""
    sent = as_sent(draft)
    with st.container(border=True, gap="small"):
        st.markdown(f"**{plain(_identity(case))}**")
        st.caption(plain(_between(case)))
        st.text(legible(summary_in_words(sent.summary)))
        if sent.risk is not None:
            st.markdown(f"**{plain(_sentence(risk_in_words(sent.risk)))}**")
            if sent.risk.reason:
                st.text(legible(sent.risk.reason))
        for position, line in enumerate(sent.lines, start=1):
            st.markdown(advice_line(position, line))
        _earlier(sent, owed)
        unchanged = _("Seen, without change.")
        if sent.outcome == Outcome.NO_CHANGE and sent.summary != unchanged:
            st.text(unchanged)
        if sent.next_review_on:
            st.text(_("Next review on {day}", day=long_day(sent.next_review_on)))
        st.caption(
            _(
                "Advice given on the record, without examining the patient; the decision to"
                " prescribe is the GP's."
            )
        )


def _earlier(sent: DraftReview, owed: Owed) -> None:
    """Draw the recommendations of earlier reviews, each with its settlement in this review."""
    if not sent.settlements:
        return
    st.markdown(f"**{plain(_('Earlier recommendations'))}**")
    for line, settlement in zip(owed.earlier, sent.settlements, strict=True):
        words = plain(recommendation_in_words(line.line))
        st.markdown(f"{words} · **{plain(_settled(sent, settlement))}**")


def _settled(sent: DraftReview, settlement: DraftSettlement) -> str:
    """Return ``settlement`` in words, such as "kept, by 08/12/2026" or "replaced by no. 1"."""
    said = kind_name(settlement.kind or SettlementKind.KEPT)
    if settlement.due_on:
        return _("{settled}, by {day}", settled=said, day=day(settlement.due_on))
    if settlement.replaced_by:
        ids = [line.id for line in sent.lines]
        return _("replaced by no. {n}", n=ids.index(settlement.replaced_by) + 1)
    if settlement.reason:
        return _("{text}: {detail}", text=said, detail=settlement.reason)
    return said


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def advice_line(position: int, line: DraftLine) -> str:
    """Return one line of advice as Markdown: action, owner and due day."""
    words = plain(recommendation_in_words(line))
    who = plain(role_name(line.owner_role or ""))
    due = _("by {day}", day=day(line.due_on)) if line.due_on else None
    return f"{position}\\. {words} · **{who}**" + (f" · {plain(due)}" if due else "")


def _identity(case: CaseFile) -> str:
    return identity_in_words(case.identity, case.identity.age_on(case.as_of))


def _between(case: CaseFile) -> str:
    """Return the names of the recipients in words."""
    to = ", ".join(_named([(_("Nurse {name}"), case.nurse), (_("Dr {name}"), case.gp)]))
    return _("To {names}", names=to) if to else _("No nurse and no GP on the record")


def _named(people: Iterable[tuple[str, Person | None]]) -> list[str]:
    return [
        pattern.format(name=full_name(person.family_name, person.given_name))
        for pattern, person in people
        if person
    ]
