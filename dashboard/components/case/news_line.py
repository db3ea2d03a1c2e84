"""The news in a case since the reader last opened it: one line of text, and marks in the tables."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import streamlit as st

from dashboard.calendar import PARIS
from dashboard.clinical.case.case_file import CaseFile
from dashboard.clinical.case.drug_news import DrugNews, DrugNewsKind, drug_news
from dashboard.clinical.case.last_look import News
from dashboard.components.charts.panel import value_in_words
from dashboard.components.elements.escaping import plain
from dashboard.locale import _, ngettext
from dashboard.locale.formats import day, number, short_day
from dashboard.words.case.screening import answers_in_words

PLAIN_YEAR_DAYS = 300
"""The minimum age, in days, of a date that is written with its year."""

MARK = "●"


def news_line(case: CaseFile, news: News, take_back: Callable[[], None]) -> None:
    """Draw the line of news. Its button calls ``take_back``, which marks the case as not looked at.

    When the reader opens a case for the first time, nothing is drawn, unless rows arrive while the
    case is open.
    """
    if news.since is None or not (news or news.can_take_back or news.taken_back):
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(plain(news_in_words(case, news)), width="content")
        if news and news.can_take_back:
            st.button(
                _("Mark as not looked at"),
                key=f"news/{case.episode_id}/take_back",
                type="tertiary",
                icon=":material/undo:",
                on_click=take_back,
                width="content",
            )


def news_in_words(case: CaseFile, news: News) -> str:
    """Return the news in words, such as "New since 12/11: PHQ-9 17, 1 contact, 2 answers"."""
    when = _since(news, case.as_of)
    if not news:
        return _("Nothing new {since}.", since=when)
    said = _("New {since}: {news}", since=when, news=", ".join(_parts(case, news)))
    if news.taken_back:
        return said + " · " + _("marked again when you next look")
    return said


def mark(news: News, kind: str, id_: object) -> str:
    """Return the mark of a table row: "new", "changed", or an empty text."""
    if news.has_arrived(kind, id_):
        return f"{MARK} {_('new')}"
    return f"{MARK} {_('changed')}" if news.has_changed(kind, id_) else ""


def new_badge(news: News, kind: str, id_: object) -> None:
    """Draw the mark "new" or "changed" of an element that is not in a table.

    Draw nothing if the element is neither new nor changed.
    """
    if news.marks(kind, id_):
        st.badge(mark(news, kind, id_), color="blue")


def _since(news: News, today: date) -> str:
    since = news.since
    if since is None:
        return ""
    here = since.astimezone(PARIS)
    if here.date() == today:
        return _("since {time} today", time=f"{here:%H:%M}")
    is_plain = (today - here.date()).days < PLAIN_YEAR_DAYS
    return _("since {day}", day=short_day(here.date()) if is_plain else day(here.date()))


def _parts(case: CaseFile, news: News) -> Iterator[str]:
    """Yield the news in words. Flags and questions come first.

    Scores, contacts, drugs, conditions, psychosocial care, reviews and answers follow in this
    order.
    """
    yield from _flags(case, news)
    if questions := _count(case.questions, news, "questions"):
        yield ngettext("{n} question", "{n} questions", questions)
    yield from _scores(case, news)
    yield from _contacts(case, news)
    yield from map(_drug_in_words, drug_news(case, news))
    for one in case.conditions:
        if news.marks("conditions", one.id):
            yield _("{label} ended", label=one.label) if one.resolved_on else one.label
    yield from _cares(case, news)
    if reviews := _count(case.reviews, news, "reviews"):
        yield ngettext("{n} review", "{n} reviews", reviews)
    if answers := len(news.arrived.get("answers", ())):
        yield ngettext("{n} answer", "{n} answers", answers)


def _flags(case: CaseFile, news: News) -> Iterator[str]:
    fresh = [flag for flag in case.flags if news.marks("flags", flag.id)]
    standing = sum(flag.cleared_at is None for flag in fresh)
    if standing:
        yield ngettext("{n} flag", "{n} flags", standing)
    if cleared := len(fresh) - standing:
        yield ngettext("{n} flag cleared", "{n} flags cleared", cleared)


def _cares(case: CaseFile, news: News) -> Iterator[str]:
    fresh = [care for care in case.psychosocial if news.marks("psychosocial", care.id)]
    ongoing = sum(care.ended_on is None for care in fresh)
    if ongoing:
        yield ngettext("{n} psychosocial care", "{n} psychosocial cares", ongoing)
    if ended := len(fresh) - ongoing:
        yield ngettext("{n} psychosocial care ended", "{n} psychosocial cares ended", ended)


def _count(rows: tuple[Any, ...], news: News, kind: str) -> int:
    return sum(news.marks(kind, row.id) for row in rows)


def _scores(case: CaseFile, news: News) -> Iterator[str]:
    """Yield the new scores of each questionnaire, latest last, such as "PHQ-9 19 → 17"."""
    forms = [form for form in case.assessments if news.marks("assessments", form.id)]
    for label in dict.fromkeys(form.label for form in forms):
        same = [form for form in forms if form.label == label]
        if not same[0].has_severity:
            yield from (f"{label} ({answers_in_words(one.instrument, one.items)})" for one in same)
            continue
        yield f"{label} {' → '.join(map(value_in_words, same))}"


def _contacts(case: CaseFile, news: News) -> Iterator[str]:
    fresh = [one for one in case.contacts if news.marks("contacts", one.id)]
    kept = sum(one.attended for one in fresh)
    if kept:
        yield ngettext("{n} contact", "{n} contacts", kept)
    if missed := len(fresh) - kept:
        yield ngettext("{n} missed contact", "{n} missed contacts", missed)


def _drug_in_words(one: DrugNews) -> str:
    before, after = (None if dose is None else number(dose) for dose in (one.before, one.after))
    match one.kind:
        case DrugNewsKind.STOPPED:
            return _("{drug} stopped", drug=one.name)
        case DrugNewsKind.CHANGED:
            return _("{drug} changed", drug=one.name)
        case DrugNewsKind.DOSE_CHANGED:
            return _("{drug} {before} → {after} mg", drug=one.name, before=before, after=after)
        case DrugNewsKind.STARTED if after is not None:
            return _("{drug} {dose} mg started", drug=one.name, dose=after)
        case DrugNewsKind.STARTED:
            return _("{drug} started", drug=one.name)
