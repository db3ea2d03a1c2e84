"""The review list on screen: tiers with their counts, filters, and the table."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any
from unicodedata import combining, normalize

import pyarrow as pa
import streamlit as st

from dashboard.clinical.caseload.need import Need
from dashboard.clinical.caseload.review_list import ReviewListRow
from dashboard.clinical.caseload.rules import RULES, Reason, Tier
from dashboard.clinical.instruments import INSTRUMENTS
from dashboard.clinical.remarks import Remark
from dashboard.components.elements.colours import TIER_COLOURS
from dashboard.components.elements.escaping import legible, plain
from dashboard.components.elements.guarded import fragment
from dashboard.components.elements.patient_name import patient_name
from dashboard.components.elements.url_state import pills, several_of
from dashboard.locale import _, language, ngettext, speaking
from dashboard.locale.formats import labelled
from dashboard.vocabulary import Role
from dashboard.words.access.cover import titled
from dashboard.words.case.remarks import oddity_in_words
from dashboard.words.caseload.places import NEED_SHAPES, need_in_words, need_name, place_in_words
from dashboard.words.caseload.reasons import in_words, rule_name, tier_meaning, tier_name

ROW_HEIGHT = 58
"""The height of a row in pixels, for three lines of text.

Streamlit does not wrap text in a row lower than four times the font size.
"""

_SHOWN = "review_list_shown"
_DRAWN = "review_list_drawn"


@fragment
def review_table(
    rows: Sequence[ReviewListRow], today: date, open_case: Callable[[int, list[int]], None]
) -> None:
    """Draw the list. A click on a row calls ``open_case`` with the episode and the order shown.

    A change of the filters reruns only this fragment. The order and the figures stay as they were
    when the page was opened.
    """
    if (chosen := _chosen()) is not None:
        # The case is opened before drawing, because another page then replaces this one.
        open_case(chosen, st.session_state[_SHOWN][1])
    if not rows:
        st.info(_("No open episode. Patients appear here on the day they are enrolled."))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        tiers = _tiers(rows)
        count = st.container(width="content")
    shown = _filtered(rows, tiers)
    count.caption(_counted(len(shown), len(rows)))
    if not shown:
        st.info(_("No patient matches these filters."))
        return
    order = [row.episode_id for row in shown]
    drawn = _table(
        _last_drawn(rows, shown, order, today),
        key=_shown(order),
        open_key=_open_key(_shown(order)),
        on_select="rerun",
        selection_mode="single-row",
    )
    if drawn.selection.rows:
        # The row was chosen before this run created the table.
        open_case(order[drawn.selection.rows[0]], order)


def _shown(order: list[int]) -> str:
    """Store the order shown; return the key of its table.

    The browser sends the chosen row as a position. Each order has a key of its own. So a click on
    an outdated table opens nothing, and never another patient.
    """
    key = f"review_list_rows/{hash(tuple(order))}"
    st.session_state[_SHOWN] = (key, order)
    return key


def _chosen() -> int | None:
    """Return the episode of the chosen row; None if no row was chosen."""
    if _SHOWN not in st.session_state:
        return None
    shown: tuple[str, list[int]] = st.session_state[_SHOWN]
    key, order = shown
    if clicked := st.session_state.get(_open_key(key)):
        row: int = clicked.row
        return order[row]
    table = st.session_state.get(key)
    return order[table.selection.rows[0]] if table and table.selection.rows else None


def _open_key(table: str) -> str:
    """Return the key of the column of names in a table. A click on a name opens the case.

    For the keyboard, the box before a row opens the case too, but Streamlit delays it by a sixth of
    a second.
    """
    return f"{table}/open"


def list_in_hand(
    rows: Sequence[ReviewListRow],
    in_hand: int | None,
    today: date,
    open_case: Callable[[int, list[int]], None],
) -> None:
    """Draw the list for a shared screen: the counts by tier, and the case that was opened last.

    ``in_hand`` is the id of its episode.
    """
    counts = Counter(row.tier for row in rows)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        for tier in Tier:
            st.badge(
                plain(f"{int(tier)} {tier_name(tier)} · {counts[tier]}"),
                color=TIER_COLOURS[tier],
            )
        st.caption(_counted(len(rows), len(rows)), width="content")
    st.caption(_("While you present, the list shows the case in hand alone."))
    order = [row.episode_id for row in rows]
    shown = [row for row in rows if row.episode_id == in_hand]
    if shown:
        _table(_drawn(shown, today), key="review_list_in_hand")
        ways = [(_("Open this case"), shown[0].episode_id)]
    else:
        ways = [(_("Open the first case of the list"), episode) for episode in order[:1]]
    for label, episode in ways:
        if st.button(label, icon=":material/open_in_new:"):
            open_case(episode, order)


def _table(rows: pa.Table, *, key: str, open_key: str | None = None, **options: Any) -> Any:
    """Draw the rows in their order. If ``open_key`` is given, the names can be clicked."""
    return st.dataframe(
        rows,
        column_config=_columns(open_key),
        height=min(rows.num_rows, 9) * ROW_HEIGHT + 35,
        row_height=ROW_HEIGHT,
        hide_index=True,
        placeholder="–",
        key=key,
        alt=_("Review list, one row per patient, the most urgent first"),
        **options,
    )


def _tiers(rows: Sequence[ReviewListRow]) -> list[int]:
    """Draw the tiers with their counts as the first filter; return the chosen tiers."""
    counts = Counter(row.tier for row in rows)
    return pills(
        _("Tier"),
        {int(tier): f"{tier} {tier_name(tier)} · {counts[tier]}" for tier in Tier},
        "tier",
        explained="  \n".join(
            labelled(f"{tier} {tier_name(tier)}", tier_meaning(tier)) for tier in Tier
        ),
    )


def _filtered(rows: Sequence[ReviewListRow], tiers: list[int]) -> list[ReviewListRow]:
    need, nurse, site, rule, name = st.columns([2, 2, 3, 3, 3])
    with need:
        named = {int(one): f"{NEED_SHAPES[one]} {need_name(one)}" for one in reversed(Need)}
        needs = several_of(_("Need"), named, "need")
    with nurse:
        nurses = several_of(
            _("Nurse"),
            _by_name((row.nurse_id, _nurse(row)) for row in rows),
            "nurse",
        )
    with site:
        sites = several_of(_("Site"), _by_name((row.site_id, row.site) for row in rows), "site")
    with rule:
        holding = {reason.rule.id for row in rows for reason in row.reasons}
        names = {rule_id: rule_name(rule_id) for rule_id in RULES if rule_id in holding}
        rules = several_of(_("Rule"), names, "rule")
    with name:
        # The searched name is not kept in the address, because an address must not identify a
        # patient.
        searched = st.text_input(
            _("Name"),
            type="search",
            live=True,
            placeholder=_("Name"),
            label_visibility="collapsed",
            key="searched_name",
            persist_state="session",
        )
    sought = _plain(searched) if searched else ""
    return [
        row
        for row in rows
        if (not tiers or row.tier in tiers)
        and (not needs or row.need in needs)
        and (not nurses or row.nurse_id in nurses)
        and (not sites or row.site_id in sites)
        and (not rules or any(reason.rule.id in rules for reason in row.reasons))
        and (not sought or sought in _plain(patient_name(row.identity)))
    ]


def _by_name(named: Iterable[tuple[int | None, str | None]]) -> dict[int | None, str]:
    names = {id_: str(name) for id_, name in named}
    return dict(sorted(names.items(), key=lambda item: item[1]))


def _counted(shown: int, total: int) -> str:
    patients = ngettext("{n} patient", "{n} patients", total)
    return (
        patients if shown == total else _("{shown} of {patients}", shown=shown, patients=patients)
    )


def _last_drawn(
    rows: Sequence[ReviewListRow], shown: Sequence[ReviewListRow], order: list[int], today: date
) -> pa.Table:
    """Return the shown rows as a table.

    If nothing has changed, return the table of the last run.
    """
    what = (order, today, language())
    kept = st.session_state.get(_DRAWN)
    if kept is None or kept[1] != what or kept[0] != rows:
        kept = (rows, what, _drawn(shown, today))
        st.session_state[_DRAWN] = kept
    return kept[2]


def _drawn(rows: Sequence[ReviewListRow], today: date) -> pa.Table:
    """Return the rows as an Arrow table with only the drawn columns.

    Hidden columns are left out because they would be sent too. Streamlit sends tables as Arrow.
    Building Arrow from a DataFrame would take longer than everything else here.
    """
    # The language is read once, instead of once for each of a thousand texts.
    with speaking(language()):
        return pa.table(_in_words(rows, today))


def _in_words(rows: Sequence[ReviewListRow], today: date) -> dict[str, pa.Array]:
    tiers = {tier: [f"{tier} {tier_name(tier)}"] for tier in Tier}
    item9 = {state: _item9_words(state) for state in ("positive", "negative", "unknown", None)}
    return {
        "rank": _numbers(row.rank for row in rows),
        "patient": _texts(f"{legible(patient_name(row.identity))}, {row.age}" for row in rows),
        "tier": pa.array([tiers[row.tier] for row in rows], pa.list_(pa.string())),
        "need": _texts(need_in_words(row.place.needed) for row in rows),
        "why": _texts(
            _for_whom(row) + _oddities(row.odd) + _why(row.reasons, today) for row in rows
        ),
        "place": _texts(place_in_words(row.rank, row.place, row.reasons, today) for row in rows),
        "phq9": _numbers(row.phq9 for row in rows),
        "phq9_change": _numbers(row.phq9_change for row in rows),
        "phq9_recent": pa.array([row.phq9_recent for row in rows], pa.list_(pa.int64())),
        "gad7": _numbers(row.gad7 for row in rows),
        "gad7_change": _numbers(row.gad7_change for row in rows),
        "item9": _texts(item9[row.item9] for row in rows),
        "late": _numbers(row.place.lateness for row in rows),
        "weeks": _numbers(row.weeks_in_care for row in rows),
        "contact": _numbers(_days_since(row.last_contact, today) for row in rows),
        "review": _numbers(_days_since(row.last_review, today) for row in rows),
        "nurse": _texts(legible(name) if (name := _nurse(row)) else None for row in rows),
        "site": _texts(row.site and legible(row.site) for row in rows),
    }


def _nurse(row: ReviewListRow) -> str | None:
    return row.nurse.family_name if row.nurse else None


def _texts(values: Iterable[str | None]) -> pa.Array:
    return pa.array(list(values), pa.string())


def _numbers(values: Iterable[int | None]) -> pa.Array:
    return pa.array(list(values), pa.int64())


def _for_whom(row: ReviewListRow) -> str:
    """Return the mark of a patient whom the reader sees because of a cover for a colleague."""
    covered = row.covered
    if covered is None:
        return ""
    who = titled(covered, Role.NURSE if covered.id == row.nurse_id else Role.PSYCHIATRIST)
    return f"⇄ {legible(_('for {who}', who=who))} · "


def _oddities(odd: Sequence[Remark]) -> str:
    """Return the marks for codes of the episode that are unknown to the dashboard."""
    return "".join(f"⚠ {legible(oddity_in_words(one))} · " for one in odd)


def _why(reasons: Sequence[Reason], today: date) -> str:
    """Return the reasons that fit into a row, most urgent first, and the number of reasons left
    out.
    """
    words = ""
    for place, reason in enumerate(reasons):
        longer = f"{words} · {in_words(reason, today)}" if words else in_words(reason, today)
        if words and len(longer) > LETTERS_OF_REASONS:
            return f"{words} · +{len(reasons) - place}"
        words = longer
    return words


def _plain(text: str) -> str:
    """Return the text without accents and capitals, for searching."""
    return "".join(one for one in normalize("NFD", text.casefold()) if not combining(one))


def _item9_words(state: str | None) -> str | None:
    if state is None:
        return None
    return {"positive": _("● positive"), "negative": _("○ negative"), "unknown": _("? unknown")}[
        state
    ]


def _days_since(day: date | None, today: date) -> int | None:
    return None if day is None else (today - day).days


def _columns(open_key: str | None) -> dict[str, Any]:
    config = st.column_config
    tiers = [f"{tier} {tier_name(tier)}" for tier in Tier]
    return {
        "rank": config.NumberColumn("#", width=38),
        "patient": config.TextColumn(_("Patient"), width=136)
        if open_key is None
        else config.ButtonColumn(
            _("Patient"), width=136, type="tertiary", alignment="left", key=open_key
        ),
        "tier": config.MultiselectColumn(
            _("Tier"), width=92, options=tiers, color=list(TIER_COLOURS.values())
        ),
        "need": config.TextColumn(
            _("Need"), width=92, help=_("How ill the patient is, as far as it is known")
        ),
        "why": config.TextColumn(_("Why"), width=224),
        "place": config.TextColumn(_("Why this place"), width=224),
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
            _("Item 9"), width=72, help=_("Of the latest PHQ-9; unknown: a total without items")
        ),
        "late": config.NumberColumn(
            _("Lateness"),
            width=64,
            help=_("Days since the last review, weighted by need; 56: just due"),
        ),
        "weeks": config.NumberColumn(_("Weeks"), width=44, help=_("Weeks since enrolment")),
        "contact": config.NumberColumn(
            _("Contact"), width=56, format=_("%d d"), help=_("Days since the last contact kept")
        ),
        "review": config.NumberColumn(
            _("Review"), width=54, format=_("%d d"), help=_("Days since the last signed review")
        ),
        "nurse": config.TextColumn(_("Nurse"), width=68),
        "site": config.TextColumn(_("Site"), width=150),
    }


LETTERS_OF_REASONS = 84
"""The number of characters that fit in the three lines of the reasons' column."""
