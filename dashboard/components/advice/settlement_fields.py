"""The part of the form of a review that settles the open recommendations of earlier reviews."""

import streamlit as st

from dashboard.calendar import PARIS
from dashboard.clinical.advice.lines import DraftReview, DraftSettlement
from dashboard.clinical.advice.settling import Owed, completed
from dashboard.clinical.advice.standing_advice import StandingAdvice
from dashboard.components.advice.draft_fields import DraftFields
from dashboard.components.elements.escaping import choice, legible, plain
from dashboard.locale import _, ngettext, pgettext
from dashboard.locale.formats import day
from dashboard.vocabulary import SettlementKind
from dashboard.words.advice.lines import recommendation_head, recommendation_in_words
from dashboard.words.roles import role_name


def settlement_fields(fields: DraftFields, content: DraftReview, owed: Owed) -> None:
    """Draw each open recommendation of earlier reviews with three choices: kept, replaced or
    withdrawn.

    The proposed settlement is selected until the user chooses another one.
    """
    if not owed.earlier:
        return
    count = len(owed.earlier)
    title = ngettext(
        "{n} earlier recommendation is open", "{n} earlier recommendations are open", count
    )
    st.markdown(f"**{plain(title)}**")
    settlements = completed(content, owed).settlements
    for line, settlement in zip(owed.earlier, settlements, strict=True):
        with st.container(border=True, gap="xxsmall", key=fields.key(f"earlier/{settlement.id}")):
            _line(fields, content, line, settlement)


def _line(
    fields: DraftFields, content: DraftReview, line: StandingAdvice, settlement: DraftSettlement
) -> None:
    st.markdown(_in_words(fields, line))
    path = f"settlements/{settlement.id}"
    what, until = st.columns([2, 1], gap="small", vertical_alignment="center")
    with what.container(gap="xxsmall"):
        st.segmented_control(
            _("What becomes of it"),
            tuple(SettlementKind),
            default=settlement.kind,
            key=fields.widget(f"{path}/kind", settlement.kind),
            format_func=lambda one: choice(kind_name(one)),
            # Because of ``required``, a second click on the chosen settlement does not clear it.
            required=True,
            label_visibility="collapsed",
        )
        fields.error(f"{path}/kind")
    if settlement.kind is SettlementKind.KEPT:
        with until.container(gap="xxsmall"):
            fields.day(f"{path}/due_on", _("By"), settlement.due_on)
    elif settlement.kind is SettlementKind.REPLACED:
        _replaced(fields, content, settlement)
    else:
        fields.text(f"{path}/reason", _("Reason (optional)"), settlement.reason)


def _replaced(fields: DraftFields, content: DraftReview, settlement: DraftSettlement) -> None:
    path = f"settlements/{settlement.id}/replaced_by"
    ids = tuple(line.id for line in content.lines)
    named = {
        line.id: f"{number}. {legible(fields.mask(recommendation_head(line)))}"
        for number, line in enumerate(content.lines, start=1)
    }
    st.selectbox(
        _("Replaced by"),
        ids,
        index=ids.index(settlement.replaced_by) if settlement.replaced_by in ids else None,
        key=fields.widget(path, settlement.replaced_by),
        format_func=lambda line_id: named.get(line_id, line_id),
        placeholder=_("a recommendation of this review"),
    )
    fields.error(path)


def _in_words(fields: DraftFields, line: StandingAdvice) -> str:
    """Return the line of advice as Markdown, with its owner, number and the day of its review."""
    given = day(line.review.signed_at.astimezone(PARIS).date())
    origin = _("no. {number} of the review of {day}", number=line.line.position, day=given)
    words = plain(fields.mask(recommendation_in_words(line.line)))
    return (
        f"{words} · **{plain(role_name(line.line.owner_role))}** · :small[:gray[{plain(origin)}]]"
    )


def kind_name(kind: SettlementKind) -> str:
    """Return the name of the settlement ``kind``."""
    return {
        SettlementKind.KEPT: pgettext("recommendation", "kept"),
        SettlementKind.REPLACED: pgettext("recommendation", "replaced"),
        SettlementKind.WITHDRAWN: pgettext("recommendation", "withdrawn"),
    }[kind]
