"""The rows of the review list: a table in the browser, with one row for each patient.

A click on a row, or the Enter key, opens the case. The up and down keys move between the rows. The
space bar, or the right key, shows the complete texts of a row below the row.

The caller reads the opened case (``opened_episode``) before it draws the rows again
(``review_rows``).
"""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any
from zlib import compress, crc32

import streamlit as st

from dashboard.clinical.caseload.review_list import ReviewListRow
from dashboard.clinical.caseload.rules import Tier
from dashboard.clinical.instruments import INSTRUMENTS
from dashboard.components.elements.colours import TIER_COLOURS
from dashboard.components.elements.escaping import legible
from dashboard.components.elements.patient_name import patient_name
from dashboard.locale import _, language, ngettext, speaking
from dashboard.locale.formats import short_day, signed
from dashboard.vocabulary import Role
from dashboard.words.access.cover import on_behalf_of
from dashboard.words.case.remarks import oddity_in_words
from dashboard.words.caseload.places import (
    need_in_brief,
    need_in_words,
    place_in_brief,
    place_in_words,
)
from dashboard.words.caseload.reasons import in_words, tier_name

SEARCH_FIELD = "searched_name"
"""The key of the text field that filters the rows by name."""


def review_rows(
    rows: Sequence[ReviewListRow],
    today: date,
    *,
    key: str,
    marked: int | None = None,
    searched: str = "",
    kept: frozenset[int] = frozenset(),
    can_open: bool = True,
) -> None:
    """Draw the rows in the order of ``rows``, down to the lower edge of the window.

    ``marked`` is the episode that was open last. ``kept`` are the episodes whose rows have not
    moved down the list, although their rank is worse now. The rows of all these episodes are
    marked. ``searched`` is the name by which the rows were filtered. If ``can_open`` is False, no
    case can be opened from its row.
    """
    encoded = _last_encoded(rows, today, key)
    about = {
        "version": crc32(encoded),
        "marked": marked,
        "searched": searched,
        "kept": sorted(kept),
        "can_open": can_open,
        "list": key,
        "search_field": SEARCH_FIELD,
        "highest": INSTRUMENTS["phq9"].maximum,
        "words": _words(),
    }
    # Pass the data as bytes, which Streamlit sends unchanged. So a list that has not changed is not
    # serialised again. A zero byte separates the settings from the rows, because JSON never
    # contains one.
    _ROWS(
        key=key,
        data=json.dumps(about).encode() + b"\0" + encoded,
        on_opened_change=_nothing,
    )


def opened_episode(key: str) -> int | None:
    """Return the id of the episode whose row was opened since the last run, or None if no row was
    opened.
    """
    state = st.session_state.get(key)
    opened = state.get("opened") if state else None
    return int(opened["episode"]) if isinstance(opened, dict) else None


def _nothing() -> None:
    """Do nothing. Streamlit passes on the opened row only if there is a callback. The next run
    reads the row.
    """


def _last_encoded(rows: Sequence[ReviewListRow], today: date, key: str) -> bytes:
    """Return the rows as compressed JSON.

    If the rows, the day and the language have not changed, return the bytes of the last run.
    """
    what = (today, language())
    last = st.session_state.get(f"{key}/encoded")
    if last is None or last[1] != what or last[0] != rows:
        last = (list(rows), what, _encoded(rows, today))
        st.session_state[f"{key}/encoded"] = last
    encoded: bytes = last[2]
    return encoded


def _encoded(rows: Sequence[ReviewListRow], today: date) -> bytes:
    # Read the language once for all rows. Otherwise it would be read for each of about a thousand
    # texts.
    with speaking(language()):
        said = [row_in_words(row, today) for row in rows]
    return compress(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode())


def row_in_words(row: ReviewListRow, today: date) -> dict[str, Any]:
    """Return the data of a row for the browser.

    Include only data that is visible, because the browser would receive hidden data too.
    """
    return {
        "id": row.episode_id,
        "rank": row.rank,
        "patient": legible(patient_name(row.identity)),
        "under": f"{_years(row.age)} · {_weeks(row.weeks_in_care)}",
        "tier": int(row.tier),
        "need": need_in_brief(row.place.needed),
        "need_fact": need_in_words(row.place.needed, today),
        "for": _for_whom(row),
        "odd": [legible(oddity_in_words(one)) for one in row.odd],
        "undelivered": _undelivered(row),
        "why": _reasons(row, today),
        "place": place_in_words(row.rank, row.place, row.reasons, today),
        "place_brief": place_in_brief(row.place, row.reasons, today),
        "phq9": row.phq9,
        "phq9_change": _change(row.phq9_change),
        "phq9_recent": row.phq9_recent,
        "gad7": row.gad7,
        "gad7_change": _change(row.gad7_change),
        "item9": row.item9,
        "late": row.place.lateness,
        "contact": _days_since(row.last_contact, today),
        "review": _days_since(row.last_review, today),
        "nurse": legible(row.nurse.family_name) if row.nurse else None,
        "site": legible(row.site) if row.site else None,
    }


def _reasons(row: ReviewListRow, today: date) -> list[tuple[int, str, bool]]:
    """Return each reason: its tier, its text, and whether an earlier text contains this text. Then
    only the expanded row shows it.
    """
    said: list[tuple[int, str, bool]] = []
    for one in row.reasons:
        text = in_words(one, today)
        again = any(text.casefold() in other.casefold() for _tier, other, _again in said)
        said.append((int(one.tier), text, again))
    return said


def _undelivered(row: ReviewListRow) -> str:
    """Return the warning that a letter could not be delivered.

    Return an empty text if no failed letter is left to settle. A letter that waits to be sent has
    not failed.
    """
    if row.undelivered_on is None:
        return ""
    return _("letter of {day} not delivered", day=short_day(row.undelivered_on))


def _for_whom(row: ReviewListRow) -> str:
    """Return the mark of a patient whom the reader sees only because of a cover.

    Return an empty text for any other patient.
    """
    covered = row.covered
    if covered is None:
        return ""
    role = Role.NURSE if covered.id == row.nurse_id else Role.PSYCHIATRIST
    return legible(on_behalf_of(covered, role))


def _years(age: int) -> str:
    return ngettext("{n} year", "{n} years", age)


def _weeks(weeks: int) -> str:
    return ngettext("{n} week", "{n} weeks", weeks)


def _change(points: int | None) -> str | None:
    return None if points is None else signed(points)


def _days_since(day: date | None, today: date) -> str | None:
    return None if day is None else _("{n} d", n=(today - day).days)


def _words() -> dict[str, Any]:
    return {
        "table": _("Review list, one row per patient, the most urgent first"),
        "tiers": [
            {"name": f"{int(tier)} {tier_name(tier)}", "tone": TIER_COLOURS[tier]} for tier in Tier
        ],
        "columns": {
            "rank": ["#", ""],
            "patient": [_("Patient"), ""],
            "tier": [
                _("Tier and need"),
                _("Tier: how urgent it is. Need: how ill the patient is, as far as known"),
            ],
            "why": [_("Why"), ""],
            "place": [_("Why this place"), ""],
            "phq9": ["PHQ-9", _("Latest score, change since the baseline, and item 9")],
            "recent": [
                _("12 weeks"),
                _("PHQ-9 of the last 12 weeks; the line marks the cut-off, 10"),
            ],
            "gad7": ["GAD-7", _("Latest score, and change since the baseline")],
            "contact": [_("Contact"), _("Days since the last attended contact")],
            "review": [_("Review"), _("Days since the last signed review")],
            "nurse": [_("Nurse"), ""],
            "site": [_("Site"), ""],
            "more": [_("More"), ""],
        },
        "item9": {
            "positive": [_("● item 9"), _("Item 9 positive")],
            "negative": [_("○ item 9"), _("Item 9 negative")],
            "unknown": [_("? item 9"), _("Item 9 unknown: a total without items")],
        },
        "late": [
            _("Lateness"),
            _("Days since the last review, counted faster the higher the need; due from 56"),
        ],
        "no_reason": _("No rule applies."),
        "last_open": _("open last"),
        "kept": _("New rank: {rank}. The row moves there when you sort again."),
        "show": _("Show the whole row of {name}"),
        "scores": _("PHQ-9 of 12 weeks: {scores}"),
    }


_HTML = """
<div class="list"><table><thead></thead><tbody></tbody></table></div>
"""

_ROWS = st.components.v2.component(
    "case_review_rows",
    html=_HTML,
    css=Path(__file__).with_suffix(".css").read_text(encoding="utf-8"),
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
)
