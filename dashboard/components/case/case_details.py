"""The tabs below the chart: reviews, items, treatments, contacts, conditions, all facts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.clinical.advice.answering import is_asked
from dashboard.clinical.advice.follow_up import scores_since
from dashboard.clinical.advice.inbox import is_open
from dashboard.clinical.advice.standing_advice import can_withdraw
from dashboard.clinical.case.case_file import CaseFile, CaseReview, Treatment
from dashboard.clinical.case.dose_limits import DoseLimit, missed_limit
from dashboard.clinical.case.last_look import NOTHING_NEW, News
from dashboard.components.advice.advice_line import advice_line
from dashboard.components.advice.answer_controls import Give, answer_controls
from dashboard.components.advice.delivery_lines import delivery_lines
from dashboard.components.advice.letter_view import Read, letter_menu, letter_withheld
from dashboard.components.advice.record_panel import RecordActions, record_panel
from dashboard.components.advice.risk_line import risk_line
from dashboard.components.advice.withdraw_control import Withdraw, withdraw_control
from dashboard.components.case.item_table import item_tables
from dashboard.components.case.news_line import mark, new_badge
from dashboard.components.charts.trajectory import trajectory_table
from dashboard.components.elements.escaping import choice, legible, plain
from dashboard.components.elements.guarded import fragment
from dashboard.components.elements.wrapped_table import wrapped_table
from dashboard.locale import _, ngettext
from dashboard.locale.formats import day, moment, number
from dashboard.words.access.cover import signed_by
from dashboard.words.advice.lines import summary_in_words
from dashboard.words.case.chart import adherence_name, care_name
from dashboard.words.case.contacts import contact_kind_name

LATEST_REVIEWS = 3
"""The number of latest reviews that are drawn in full.

Earlier reviews are folded, unless one of their recommendations is open (``inbox.is_open``).
"""


@dataclass(frozen=True)
class ReviewActions:
    """The actions on a review: answer, letter, amendment, record, withdrawal of a line.

    An action that is None is not offered.
    """

    give: Give
    read: Read
    amend: Callable[[CaseReview], None] | None = None
    records: RecordActions | None = None
    withdraw: Withdraw | None = None


@fragment
def case_details(
    case: CaseFile, role: str, actions: ReviewActions, news: News = NOTHING_NEW
) -> None:
    """Draw the details of the case in tabs. Only the open tab is computed.

    The reader can answer the lines of advice that await an answer from ``role``. The rows in
    ``news`` are marked as new or changed.

    This fragment must not contain another fragment. If the outer fragment runs again before its
    output was sent, Streamlit drops this output, but still sends the output of the inner fragment.
    The browser then shows a blank page.
    """
    tabs: dict[str, Callable[[], None]] = {
        _("Reviews") + f" · {len(case.reviews)}": lambda: _reviews(case, role, actions, news),
        _("Items"): lambda: _items(case, news),
        _("Treatments") + f" · {len(case.treatments)}": lambda: _treatments(case, news),
        _("Contacts") + f" · {len(case.contacts)}": lambda: _contacts(case, news),
        _("Conditions and care") + f" · {len(case.conditions) + len(case.psychosocial)}": lambda: (
            _conditions(case, news)
        ),
        _("All facts"): lambda: _facts(case, news),
    }
    drawn = st.tabs(list(map(choice, tabs)), on_change="rerun", key="case_details")
    for tab, draw in zip(drawn, tabs.values(), strict=True):
        if tab.open:
            with tab:
                draw()


def _reviews(case: CaseFile, role: str, actions: ReviewActions, news: News) -> None:
    if not case.reviews:
        st.caption(_("No review yet. The first one that is signed will stand here."))
    newest_first = list(reversed(list(enumerate(case.reviews, 1))))
    shown = [
        one
        for rank, one in enumerate(newest_first)
        if rank < LATEST_REVIEWS or _awaits_something(one[1])
    ]
    for place, review in shown:
        _review(case, place, review, role, actions, news)
    if earlier := [one for one in newest_first if one not in shown]:
        with st.expander(
            ngettext("{n} earlier review", "{n} earlier reviews", len(earlier)),
            on_change="rerun",
            key="earlier_reviews",
        ) as opened:
            if opened.open:
                for place, review in earlier:
                    _review(case, place, review, role, actions, news)


def _awaits_something(review: CaseReview) -> bool:
    return any(is_open(review, line) for line in review.recommendations)


def _review(
    case: CaseFile, place: int, review: CaseReview, role: str, actions: ReviewActions, news: News
) -> None:
    with st.container(border=True, gap="small"):
        _review_head(case, place, review, role, actions)
        new_badge(news, "reviews", review.id)
        risk_line(review)
        st.text(legible(summary_in_words(review.summary)))
        since = None if review.superseded_by else scores_since(case, review.signed_on)
        for line in review.recommendations:
            advice_line(line, case.as_of, standing=review.superseded_by is None, scores=since)
            for answer in line.answers[-1:]:
                new_badge(news, "answers", answer.id)
            if is_asked(role, review, line, closed=not case.is_open):
                answer_controls(line, actions.give)
            if actions.withdraw is not None and can_withdraw(line):
                withdraw_control(line, actions.withdraw)
        delivery_lines(review.deliveries)


def _review_head(
    case: CaseFile, place: int, review: CaseReview, role: str, actions: ReviewActions
) -> None:
    """Draw the head of a review.

    Reviews are numbered in the order of their signing, as on the chart.
    """
    head = (
        f"**R{place}** · **{moment(review.signed_at)}** · {plain(signed_by(review, briefly=True))}"
    )
    if review.next_review_on:
        head += f" · {_('next review {day}', day=day(review.next_review_on))}"
    if review.supersedes:
        head += f" · {_('amends an earlier review')}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(head)
        if review.superseded_by:
            st.badge(_("superseded"), color="gray")
        elif actions.amend is not None:
            st.button(
                _("Amend"),
                key=f"amend_{review.id}",
                type="tertiary",
                on_click=actions.amend,
                args=(review,),
                width="content",
            )
        if case.identity.is_presented:
            letter_withheld()
        else:
            letter_menu(review.id, role, actions.read)
        if actions.records is not None:
            record_panel(review.id, actions.records)


def _items(case: CaseFile, news: News) -> None:
    item_tables(case, lambda form: _marked(news, "assessments", form.id))


def _treatments(case: CaseFile, news: News) -> None:
    if not case.treatments:
        st.caption(_("No treatment in this episode."))
        return
    adequacy = [_adequacy(case, one) for one in case.treatments]
    columns: dict[str, list[Any]] = {
        _("Drug"): [one.name for one in case.treatments],
        _("mg a day"): [dose_in_words(one) for one in case.treatments],
        **({_("Dose"): adequacy} if any(adequacy) else {}),
        _("From"): [day(one.started_on) for one in case.treatments],
        _("To"): [
            day(one.stopped_on) if one.stopped_on else _("current") for one in case.treatments
        ],
        _("Stopped because"): [one.stop_reason for one in case.treatments],
        _("Adherence"): [
            adherence_name(one.adherence) if one.adherence else None for one in case.treatments
        ],
        _("Side effects"): [one.side_effects for one in case.treatments],
    }
    marks = _marks(news, "treatments", case.treatments)
    wrapped_table(_latest_first(marks | columns), _("Treatment history, the latest first"))


def _latest_first(columns: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """Return the table of ``columns`` with the rows reversed. In ``columns``, the latest row is
    last.
    """
    return pd.DataFrame(columns, dtype=object).iloc[::-1]


def _marks(news: News, kind: str, rows: Sequence[Any]) -> dict[str, list[str]]:
    """Return a table column that marks each new or changed row of ``rows``.

    Return no column if no row is new or changed.
    """
    marks = [mark(news, kind, row.id) for row in rows]
    return {_("New"): marks} if any(marks) else {}


def _marked(news: News, kind: str, id_: object) -> str:
    new = mark(news, kind, id_)
    return f" · {new}" if new else ""


def dose_in_words(one: Treatment) -> str | None:
    """Return the daily dose in mg, with "as needed" if the drug is taken so.

    Return None if the dose is unknown and the drug is not taken as needed.
    """
    dose = "" if one.daily_dose_mg is None else number(one.daily_dose_mg)
    return " ".join(filter(None, (dose, _("as needed") if one.as_needed else ""))) or None


def _adequacy(case: CaseFile, one: Treatment) -> str | None:
    match missed_limit(case, one):
        case DoseLimit.ABOVE_MAXIMUM:
            return _("above maximum")
        case DoseLimit.BELOW_MINIMUM:
            return _("below minimum")
    return None


def _contacts(case: CaseFile, news: News) -> None:
    if not case.contacts:
        st.caption(_("No contact in this episode."))
        return
    columns: dict[str, list[Any]] = {
        _("When"): [moment(one.happened_at) for one in case.contacts],
        _("How"): [contact_kind_name(one.kind) for one in case.contacts],
        _("Kept"): [_("kept") if one.attended else _("✕ missed") for one in case.contacts],
        _("Minutes"): [None if one.minutes is None else str(one.minutes) for one in case.contacts],
        _("With"): [
            one.practitioner.family_name if one.practitioner else None for one in case.contacts
        ],
        _("Note"): [one.note for one in case.contacts],
    }
    marks = _marks(news, "contacts", case.contacts)
    wrapped_table(_latest_first(marks | columns), _("Contacts, the latest first"))


def _conditions(case: CaseFile, news: News) -> None:
    for one in case.conditions:
        onset = day(one.onset_on) if one.onset_on else _("onset unknown")
        end = f" – {day(one.resolved_on)}" if one.resolved_on else ""
        st.text(f"{one.code} {one.label} · {onset}{end}{_marked(news, 'conditions', one.id)}")
    for care in case.psychosocial:
        sessions = (
            f" · {ngettext('{n} session', '{n} sessions', care.sessions)}" if care.sessions else ""
        )
        end = f" – {day(care.ended_on)}" if care.ended_on else ""
        note = f" · {care.note}" if care.note else ""
        new = _marked(news, "psychosocial", care.id)
        st.text(
            f"{care_name(care.kind)} · {day(care.started_on)}{end}{sessions}{legible(note)}{new}"
        )
    if not case.conditions and not case.psychosocial:
        st.caption(_("No condition and no psychosocial care recorded."))


def _facts(case: CaseFile, news: News) -> None:
    """Draw the facts of the chart as a table, for readers who cannot see the chart."""
    wrapped_table(trajectory_table(case, partial(mark, news)), _("Every fact of the chart, by day"))
