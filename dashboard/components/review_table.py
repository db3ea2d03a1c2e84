"""The review list as it is drawn: tiers with their counts, filters, and the table."""

from collections.abc import Callable
from datetime import date
from typing import Any
from unicodedata import combining, normalize

import pandas as pd
import streamlit as st

from dashboard.clinical.instruments import INSTRUMENTS
from dashboard.clinical.rules import RULES, Tier
from dashboard.components.colours import TIER_COLOURS
from dashboard.components.plain import choice
from dashboard.components.reason_words import in_words, rule_name, tier_meaning, tier_name
from dashboard.locale import _, language, ngettext, speaking
from dashboard.locale.formats import full_name

ROW_HEIGHT = 58
"""In pixels: three lines of text. Streamlit wraps none in a row below four times the font."""


@st.fragment
def review_table(
    rows: pd.DataFrame, today: date, open_case: Callable[[int, list[int]], None]
) -> None:
    """Draw the list; choosing a row calls ``open_case`` with the episode and the order shown.

    ``rows`` has the columns of ``queries.review_list``. Filtering runs this fragment alone:
    the order and the figures stay those of the moment the page was opened.
    """
    if rows.empty:
        st.info(_("No open episode. Patients appear here on the day they are enrolled."))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        tiers = _tiers(rows)
        count = st.container(width="content")
    shown = _filtered(rows, tiers)
    count.caption(_counted(len(shown), len(rows)))
    if shown.empty:
        st.info(_("No patient matches these filters."))
        return
    chosen = st.dataframe(
        _drawn(shown, today),
        column_config=_columns(),
        height=min(len(shown), 9) * ROW_HEIGHT + 35,
        row_height=ROW_HEIGHT,
        hide_index=True,
        placeholder="–",
        on_select="rerun",
        selection_mode="single-row",
        key="review_list_rows",
        alt=_("Review list, one row per patient, the most urgent first"),
    )
    if chosen.selection.rows:
        order = shown.episode_id.tolist()
        open_case(order[chosen.selection.rows[0]], order)


def _tiers(rows: pd.DataFrame) -> list[int]:
    """The tiers with their counts, which are also the first filter. Chosen ones, or none."""
    counts = rows.tier.value_counts()
    options = [int(tier) for tier in Tier]
    _from_address("tier", options)
    chosen = st.pills(
        _("Tier"),
        options,
        selection_mode="multi",
        format_func=lambda tier: choice(f"{tier} {tier_name(tier)} · {counts.get(tier, 0)}"),
        label_visibility="collapsed",
        help="  \n".join(f"{tier} {tier_name(tier)} : {tier_meaning(tier)}" for tier in Tier),
        key="tier",
        persist_state="session",
    )
    _to_address("tier", chosen)
    return chosen


def _filtered(rows: pd.DataFrame, tiers: list[int]) -> pd.DataFrame:
    nurse, site, rule, name = st.columns([2, 3, 3, 3])
    with nurse:
        nurses = _choice(_("Nurse"), _by_name(rows.nurse_id, rows.nurse), key="nurse")
    with site:
        sites = _choice(_("Site"), _by_name(rows.site_id, rows.site), key="site")
    with rule:
        holding = {rule_id for found in rows.reasons for rule_id, _since in found}
        names = {rule_id: rule_name(rule_id) for rule_id in RULES if rule_id in holding}
        rules = _choice(_("Rule"), names, key="rule")
    with name:
        # Not in the address: a name must not be there.
        searched = st.text_input(
            _("Name"),
            type="search",
            live=True,
            placeholder=_("Name"),
            label_visibility="collapsed",
            key="searched_name",
            persist_state="session",
        )
    keep = pd.Series(data=True, index=rows.index)
    for column, wanted in (("tier", tiers), ("nurse_id", nurses), ("site_id", sites)):
        if wanted:
            keep &= rows[column].isin(wanted)
    if rules:
        keep &= rows.reasons.map(lambda found: any(rule_id in rules for rule_id, _since in found))
    if searched:
        keep &= _names(rows).map(lambda known: _plain(searched) in _plain(known))
    return rows[keep]


def _choice(label: str, names: dict[Any, str], key: str) -> list[Any]:
    """The ids that are chosen among these names."""
    _from_address(key, list(names))
    chosen = st.multiselect(
        label,
        list(names),
        format_func=lambda one: names.get(one, str(one)),
        placeholder=label,
        label_visibility="collapsed",
        key=key,
        persist_state="session",
    )
    _to_address(key, chosen)
    return chosen


def _by_name(ids: pd.Series, names: pd.Series) -> dict[int, str]:
    named = dict(zip(ids, names, strict=True))
    return dict(sorted(named.items(), key=lambda item: str(item[1])))


def _from_address(key: str, options: list[Any]) -> None:
    """Begin with what the address names, by id: it can be kept, and reloaded."""
    if key not in st.session_state:
        named = st.query_params.get_all(key)
        st.session_state[key] = [option for option in options if str(option) in named]
    else:
        # What nobody has any more cannot be chosen: a nurse who has left the list.
        kept = [option for option in st.session_state[key] if option in options]
        if kept != st.session_state[key]:
            st.session_state[key] = kept


def _to_address(key: str, chosen: list[Any]) -> None:
    named = [str(option) for option in chosen]
    if named != st.query_params.get_all(key):
        st.query_params[key] = named


def _counted(shown: int, total: int) -> str:
    patients = ngettext("{n} patient", "{n} patients", total)
    return (
        patients if shown == total else _("{shown} of {patients}", shown=shown, patients=patients)
    )


def _drawn(rows: pd.DataFrame, today: date) -> pd.DataFrame:
    """Only the columns that are drawn: what is hidden would still be sent."""
    # Asked once, not at each of a thousand texts.
    with speaking(language()):
        return _in_words(rows, today)


def _in_words(rows: pd.DataFrame, today: date) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "rank": rows["rank"].astype("Int64"),
            "patient": _names(rows) + rows.age.map(lambda age: f", {age}"),
            "tier": rows.tier.map(lambda tier: [f"{tier} {tier_name(tier)}"]),
            "why": rows.why.map(lambda why: _why([in_words(one, today) for one in why])),
            "phq9": rows.phq9.astype("Int64"),
            "phq9_change": rows.phq9_change.astype("Int64"),
            "phq9_recent": rows.phq9_recent,
            "gad7": rows.gad7.astype("Int64"),
            "gad7_change": rows.gad7_change.astype("Int64"),
            "item9": rows.item9.map(_item9_words),
            "weeks": rows.weeks_in_care.astype("Int64"),
            "contact": rows.last_contact.map(lambda last: _days_since(last, today)).astype("Int64"),
            "review": rows.last_review.map(lambda last: _days_since(last, today)).astype("Int64"),
            "nurse": rows.nurse,
            "site": rows.site,
        }
    )


def _why(reasons: list[str]) -> str:
    """As many reasons as a row holds, the most urgent first, and how many more there are."""
    kept = reasons[:1]
    for reason in reasons[1:]:
        if len(" · ".join([*kept, reason])) > LETTERS_OF_REASONS:
            break
        kept.append(reason)
    more = len(reasons) - len(kept)
    return " · ".join(kept) + (f" · +{more}" if more else "")


def _names(rows: pd.DataFrame) -> pd.Series:
    return rows[["family_name", "given_name"]].agg(lambda name: full_name(*name), axis=1)


def _plain(text: str) -> str:
    """Without accents and capitals, for searching."""
    return "".join(one for one in normalize("NFD", text.casefold()) if not combining(one))


def _item9_words(state: str | None) -> str | None:
    if state is None:
        return None
    return {"positive": _("● positive"), "negative": _("○ negative"), "unknown": _("? unknown")}[
        state
    ]


def _days_since(day: date | None, today: date) -> int | None:
    return None if day is None else (today - day).days


def _columns() -> dict[str, object]:
    config = st.column_config
    tiers = [f"{tier} {tier_name(tier)}" for tier in Tier]
    return {
        "rank": config.NumberColumn("#", width=38),
        "patient": config.TextColumn(_("Patient"), width=130),
        "tier": config.MultiselectColumn(
            _("Tier"), width=102, options=tiers, color=list(TIER_COLOURS.values())
        ),
        "why": config.TextColumn(_("Why"), width=272),
        "phq9": config.NumberColumn("PHQ-9", width=50),
        "phq9_change": config.NumberColumn(
            "±", width=40, format="%+d", help=_("PHQ-9: change since the baseline")
        ),
        "phq9_recent": config.LineChartColumn(
            _("12 weeks"), width=80, y_min=0, y_max=INSTRUMENTS["phq9"].maximum
        ),
        "gad7": config.NumberColumn("GAD-7", width=50),
        "gad7_change": config.NumberColumn(
            "±", width=40, format="%+d", help=_("GAD-7: change since the baseline")
        ),
        "item9": config.TextColumn(
            _("Item 9"), width=74, help=_("Of the latest PHQ-9; unknown: a total without items")
        ),
        "weeks": config.NumberColumn(_("Weeks"), width=46, help=_("Weeks since enrolment")),
        "contact": config.NumberColumn(
            _("Contact"), width=56, format=_("%d d"), help=_("Days since the last contact kept")
        ),
        "review": config.NumberColumn(
            _("Review"), width=54, format=_("%d d"), help=_("Days since the last signed review")
        ),
        "nurse": config.TextColumn(_("Nurse"), width=78),
        "site": config.TextColumn(_("Site"), width=150),
    }


LETTERS_OF_REASONS = 100
"""What three lines of the reasons' column hold."""
