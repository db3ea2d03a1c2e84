"""Writing a review beside the chart: summary, lines of advice, next review; then signing it.

The form is one fragment, so that typing redraws nothing else. What is written stands in
the session as plain data; at the beginning of each run, before anything is drawn, it is
saved to the draft if it has changed. Signing is one callback with the draft as it was
previewed, so that a second click signs the same thing.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.clinical.advice import (
    ACTIONS,
    FURTHEST_DAYS,
    KINDS,
    LONGEST_FIELD,
    LONGEST_SUMMARY,
    OWNER_ROLES,
    USUAL_OWNER,
    WITHOUT_DOSE,
    DraftLine,
    DraftReview,
    fields_of,
    moved_up,
    problems,
    says_the_same,
    value_of,
    with_kind,
    with_line,
    with_value,
)
from dashboard.clinical.case_file import CaseFile
from dashboard.clinical.cautions import cautions
from dashboard.clinical.drafts import (
    AlreadyAmended,
    ChangedMeanwhile,
    Changes,
    Draft,
    DraftChanged,
    Elsewhere,
    NotReady,
    NotYours,
    Saved,
    Seen,
    SignedReview,
    seen_in,
)
from dashboard.clinical.drug_names import DRUG_NAMES, atc_code_of
from dashboard.components.advice_problems import (
    caution_in_words,
    changes_in_words,
    problem_in_words,
)
from dashboard.components.advice_words import action_name, kind_name, owner_name
from dashboard.components.live_text import kept, live_text, newly_typed
from dashboard.components.plain import legible, plain
from dashboard.components.review_preview import review_preview
from dashboard.locale import _, ngettext
from dashboard.locale.formats import PARIS, moment

WEEKS_TO_NEXT_REVIEW = (1, 2, 4, 8)
USUAL_WEEKS = 4
USUAL_DUE_DAYS = 14
"""A new line is proposed for two weeks from now, the next review in four [proposal]."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Acts:
    """What the page lets the form do. Each is one transaction.

    ``save`` and ``sign`` raise what ``dashboard.queries.drafts`` and ``signing`` raise.
    """

    save: Callable[[Draft, DraftReview], Saved]
    discard: Callable[[Draft], None]
    changes: Callable[[Seen], Changes]
    sign: Callable[[Draft, Seen], SignedReview]


def recommendation_form(case: CaseFile, draft: Draft, acts: Acts) -> None:
    """Draw the form for this case; ``draft`` is the draft as the database has it now."""
    key = f"advice/{case.episode_id}"
    _take_over(key, case, draft, acts)
    st.fragment(_form, key=key)(key, case, acts)


@dataclass(frozen=True)
class _State:
    """The form between two runs. ``draft`` is as saved, ``content`` as it stands.

    ``trouble`` is why nothing was signed; ``wish`` is what was clicked, to be done once
    what was typed with it has been taken up.
    """

    draft: Draft
    content: DraftReview
    changes: Changes = Changes()  # noqa: RUF009 - frozen
    elsewhere: Elsewhere | None = None
    signed: SignedReview | None = None
    trouble: str | None = None
    wish: str | None = None
    checked: bool = False
    previewing: bool = False
    unsaved: bool = False


def _take_over(key: str, case: CaseFile, draft: Draft, acts: Acts) -> None:
    """Begin with the draft, or go on where this window is, unless another has written since."""
    state = st.session_state.get(key)
    signed = st.session_state.pop(f"{key}/signed", None)
    if state is None:
        state = _State(draft, draft.content, signed=signed)
    elif not _same(state.draft, draft) and not state.unsaved:
        state = _State(draft, draft.content, elsewhere=_elsewhere(state.draft, draft))
    if draft.begun_at is not None and draft.seen is not None:
        state = replace(state, changes=acts.changes(draft.seen))
    st.session_state[key] = state


def _same(one: Draft, other: Draft) -> bool:
    return (one.idempotency_key, one.saved_at) == (other.idempotency_key, other.saved_at)


def _elsewhere(known: Draft, now: Draft) -> Elsewhere | None:
    """What another window has done to the draft, if this one had begun it."""
    if known.saved_at is None or now.supersedes != known.supersedes:
        return None
    if now.saved_at is None:
        return Elsewhere("discarded")
    return Elsewhere("changed", now.saved_at)


def _form(key: str, case: CaseFile, acts: Acts) -> None:
    if key not in st.session_state:
        # Signed or discarded: the page reads the case anew.
        st.rerun(scope="app")
    _take_up(key, case, acts)
    _grant_wish(key, case, acts)
    state: _State = st.session_state[key]
    _heading(state, case)
    with st.container(gap="small", key=f"{key}/notices"):
        _notices(key, state, acts)
    if state.previewing:
        _preview(key, state, case, acts)
    else:
        _edit(key, state, case, acts)


# What was typed or chosen, on its way to the draft.


def _take_up(key: str, case: CaseFile, acts: Acts) -> None:
    """Take what was typed since the last run, and save the draft if it has changed."""
    state: _State = st.session_state[key]
    typed = {}
    for field, longest in _texts(state.content):
        text = newly_typed(_key(state, field), longest)
        if text is not None:
            typed[field] = text
    content = state.content
    for field, text in typed.items():
        content = with_value(content, field, text)
    if not typed and not state.unsaved and content == state.draft.content:
        return
    state = _saved(replace(state, content=content), case, acts)
    st.session_state[key] = state
    if not state.unsaved and state.draft.saved_at is not None:
        for field in typed:
            kept(_key(state, field), state.draft.saved_at)


def _texts(content: DraftReview) -> list[tuple[str, int]]:
    """The fields that are typed, with the longest text that each takes."""
    return [("summary", LONGEST_SUMMARY)] + [
        (f"lines/{line.id}/{name}", LONGEST_FIELD)
        for line in content.lines
        for name in fields_of(line)
    ]


def _key(state: _State, field: str) -> str:
    return f"{state.draft.idempotency_key}/{field}"


def _saved(state: _State, case: CaseFile, acts: Acts) -> _State:
    draft = state.draft
    if draft.seen is None:
        draft = replace(draft, seen=seen_in(case))
    try:
        saved = acts.save(draft, state.content)
    except NotYours:
        return replace(state, unsaved=True, trouble="not_yours")
    except Exception as error:
        # Whatever the reason, what was typed stays on the screen and is saved at the next
        # occasion. The message of a database's error would name it in the log.
        _log.error("A draft could not be saved: %s", type(error).__name__)
        return replace(state, unsaved=True)
    return replace(
        state,
        draft=saved.draft,
        content=saved.draft.content,
        elsewhere=saved.elsewhere or state.elsewhere,
        unsaved=False,
        signed=None,
    )


def _change(key: str, change: Callable[..., DraftReview], *args: Any) -> None:
    """As a callback: change what stands in the form."""
    if key in st.session_state:
        state: _State = st.session_state[key]
        st.session_state[key] = replace(state, content=change(state.content, *args))


def _chosen(key: str, field: str, widget: str) -> None:
    """As a callback: take a field from its widget."""
    _change(key, with_value, field, st.session_state[widget])


def _set(key: str, **values: Any) -> None:
    """As a callback: note something about the form."""
    if key in st.session_state:
        st.session_state[key] = replace(st.session_state[key], **values)


def _controlled(widget: str, value: Any) -> str:
    """The widget's key, with the value that stands in the draft."""
    if st.session_state.get(widget, _Unset) != value:
        st.session_state[widget] = value
    return widget


class _Unset:
    """No value yet."""


# Wishes: what was clicked, once what was typed with it is taken up.


def _grant_wish(key: str, case: CaseFile, acts: Acts) -> None:
    state: _State = st.session_state[key]
    if state.wish is None:
        return
    if state.wish == "no_change":
        state = _saved(_without_change(state, case), case, acts)
    found = problems(state.content, case.as_of)
    st.session_state[key] = replace(state, wish=None, checked=bool(found), previewing=not found)


def _without_change(state: _State, case: CaseFile) -> _State:
    content = replace(
        state.content,
        outcome="no_change",
        summary=state.content.summary.strip() or _("Seen, no change."),
        next_review_on=state.content.next_review_on or case.as_of + timedelta(weeks=USUAL_WEEKS),
    )
    return replace(state, content=content)


# Drawing.


def _heading(state: _State, case: CaseFile) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("##### " + _("Recommendations"), anchors=False)
        if state.unsaved:
            st.badge(_("draft not saved"), color="orange", icon=":material/cloud_off:")
        elif state.draft.saved_at is not None:
            clock = state.draft.saved_at.astimezone(PARIS)
            st.caption(_("draft saved at {time}", time=f"{clock:%H:%M}"), width="content")
    amended = next((one for one in case.reviews if one.id == state.draft.supersedes), None)
    if amended is not None:
        st.info(
            _(
                "Amends the review of {time}; that one stays readable.",
                time=moment(amended.signed_at),
            ),
            icon=":material/edit_note:",
        )


def _notices(key: str, state: _State, acts: Acts) -> None:
    if state.signed is not None:
        st.success(
            _("Signed and sent on {time}.", time=moment(state.signed.signed_at)),
            icon=":material/task_alt:",
        )
    if state.trouble is not None:
        st.error(_trouble_in_words(state.trouble), icon=":material/error:")
    if state.elsewhere is not None:
        _elsewhere_notice(key, state.elsewhere)
    if state.changes:
        _changes_notice(key, state)


def _trouble_in_words(trouble: str) -> str:
    return {
        "not_yours": _(
            "This episode is closed, or no longer one of yours. Nothing was signed; what is"
            " written here stays."
        ),
        "not_signed": _(
            "It is not certain that this was signed: the database did not answer. Sign again:"
            " it makes one review, not two."
        ),
        "amended": _(
            "Somebody else has amended this review meanwhile. Nothing was signed: read the"
            " new one, and amend that."
        ),
        "draft_changed": _(
            "The draft was changed in another window. Nothing was signed: look at it again."
        ),
        "signed_otherwise": _(
            "This draft was already signed in another window, with another text. What stands"
            " here was not sent: it is a new draft."
        ),
    }[trouble]


def _elsewhere_notice(key: str, elsewhere: Elsewhere) -> None:
    clock = f"{elsewhere.at.astimezone(PARIS):%H:%M}" if elsewhere.at else ""
    with st.container(border=True, gap="small"):
        st.markdown(
            {
                "changed": _("This draft was changed in another window at {time}."),
                "signed": _(
                    "This draft was signed in another window at {time}. What is written here"
                    " since is a new draft."
                ),
                "discarded": _("This draft was signed or discarded in another window."),
            }[elsewhere.what].format(time=clock)
        )
        for replaced in elsewhere.replaced:
            st.caption(_("Replaced by what stands here:"))
            st.text(legible(replaced.value))
        st.button(
            _("Understood"),
            key=f"{key}/understood",
            on_click=_set,
            args=(key,),
            kwargs={"elsewhere": None},
        )


def _changes_notice(key: str, state: _State) -> None:
    with st.container(border=True, gap="small"):
        st.markdown(":material/new_releases: " + _("Since this draft was begun:"))
        for text in changes_in_words(state.changes):
            st.text(legible(text))
        st.button(
            _("I have taken this into account"),
            key=f"{key}/taken_into_account",
            on_click=_acknowledge,
            args=(key,),
        )


def _acknowledge(key: str) -> None:
    state: _State = st.session_state[key]
    seen = (state.draft.seen or Seen()) | state.changes.seen
    draft = replace(state.draft, seen=seen)
    st.session_state[key] = replace(state, draft=draft, changes=Changes(), unsaved=True)


def _edit(key: str, state: _State, case: CaseFile, acts: Acts) -> None:
    errors = _errors(state, case.as_of)
    live_text(
        _("Summary"),
        state.content.summary,
        key=_key(state, "summary"),
        longest=LONGEST_SUMMARY,
        rows=3,
        error=errors.get("summary"),
    )
    for position, line in enumerate(state.content.lines):
        with st.container(border=True, gap="xxsmall", key=f"{key}/{line.id}"):
            _line(key, state, case, line, position, errors)
    _error(errors.get("lines"))
    with st.container(horizontal=True):
        st.button(
            _("Add a recommendation"),
            key=f"{key}/add",
            icon=":material/add:",
            on_click=_add_line,
            args=(key, case.as_of),
        )
        if not state.content.lines:
            st.button(
                _("Seen, no change"),
                key=f"{key}/no_change",
                on_click=_set,
                args=(key,),
                kwargs={"wish": "no_change"},
            )
    _next_review(key, state, case.as_of)
    _error(errors.get("next_review_on"))
    if errors:
        _error(
            ngettext("{n} field to complete above.", "{n} fields to complete above.", len(errors))
        )
    _end(key, state, acts)


def _errors(state: _State, today: date) -> dict[str, str]:
    """What is wrong with each field, once a preview has been asked for."""
    if not state.checked:
        return {}
    return {one.field: problem_in_words(one) for one in problems(state.content, today)}


def _error(text: str | None) -> None:
    if text is not None:
        st.caption(f":red[{plain(text)}]")


def _add_line(key: str, today: date) -> None:
    """As a callback: one more line, of the commonest kind."""
    line = DraftLine(
        uuid4().hex[:8],
        owner_role=USUAL_OWNER["medication"],
        due_on=today + timedelta(days=USUAL_DUE_DAYS),
    )
    _change(key, lambda draft: replace(draft, outcome="reviewed", lines=(*draft.lines, line)))


def _without(draft: DraftReview, line_id: str) -> DraftReview:
    return replace(draft, lines=tuple(one for one in draft.lines if one.id != line_id))


def _line(
    key: str,
    state: _State,
    case: CaseFile,
    line: DraftLine,
    position: int,
    errors: dict[str, str],
) -> None:
    path = f"lines/{line.id}"
    menu, kind, action = _cells(3, 5, 5)
    with menu:
        _menu(key, line, position)
    with kind:
        _kind(key, state, line)
    with action:
        _action(key, state, line)
        _error(errors.get(f"{path}/action"))
    if line.kind == "medication":
        _medication(key, state, case, line, errors)
    else:
        _text(state, line, "detail", _("What is to be done"), errors, rows=2)
    who, due = _cells(3, 2)
    with who:
        _owner(key, state, line)
        _error(errors.get(f"{path}/owner_role"))
    with due:
        _day(key, state, f"{path}/due_on", _("By"), case.as_of)
        _error(errors.get(f"{path}/due_on"))


def _cells(*widths: int) -> list[DeltaGenerator]:
    """Columns in which what is wrong stands close under its field."""
    return [column.container(gap="xxsmall") for column in st.columns(widths, gap="small")]


def _menu(key: str, line: DraftLine, position: int) -> None:
    widget = f"{key}/{line.id}/menu"
    names = {"up": _("Move up"), "remove": _("Remove")}
    st.menu_button(
        _("No. {n}", n=position + 1),
        ["up", "remove"] if position else ["remove"],
        key=widget,
        type="tertiary",
        format_func=lambda choice: names[choice],
        on_click=_menu_chosen,
        args=(key, line.id, widget),
    )


def _menu_chosen(key: str, line_id: str, widget: str) -> None:
    _change(key, moved_up if st.session_state[widget] == "up" else _without, line_id)


def _kind(key: str, state: _State, line: DraftLine) -> None:
    widget = _controlled(_key(state, f"lines/{line.id}/kind"), line.kind)
    st.selectbox(
        _("What it is about"),
        KINDS,
        key=widget,
        format_func=kind_name,
        label_visibility="collapsed",
        on_change=_kind_chosen,
        args=(key, line.id, widget),
    )


def _kind_chosen(key: str, line_id: str, widget: str) -> None:
    _change(key, with_kind, line_id, st.session_state[widget])


def _action(key: str, state: _State, line: DraftLine) -> None:
    if line.kind not in ACTIONS:
        return
    field = f"lines/{line.id}/action"
    widget = _controlled(_key(state, field), line.action)
    st.selectbox(
        _("What to do"),
        ACTIONS[line.kind],
        index=None,
        key=widget,
        format_func=action_name,
        placeholder=_("what to do"),
        label_visibility="collapsed",
        on_change=_chosen,
        args=(key, field, widget),
    )


def _medication(
    key: str, state: _State, case: CaseFile, line: DraftLine, errors: dict[str, str]
) -> None:
    drug, dose = _cells(3, 2)
    with drug:
        _drug(key, state, case, line)
        _error(errors.get(f"lines/{line.id}/drug_name"))
    with dose:
        _text(state, line, "dose", _("mg a day"), errors, decimal=True)
    how, otherwise = _cells(1, 1)
    with how:
        _text(state, line, "titration", _("Steps and intervals"), errors)
    with otherwise:
        if line.action not in WITHOUT_DOSE:
            _text(state, line, "alternative", _("If it does not work"), errors)


def _drug(key: str, state: _State, case: CaseFile, line: DraftLine) -> None:
    taken = {row.name: row.atc_code for row in case.treatments}
    written = [line.drug_name] if line.drug_name else []
    widget = _controlled(_key(state, f"lines/{line.id}/drug_name"), line.drug_name or None)
    st.selectbox(
        _("Drug"),
        list(dict.fromkeys((*taken, *DRUG_NAMES, *written))),
        index=None,
        key=widget,
        placeholder=_("choose, or write another"),
        accept_new_options=True,
        on_change=_drug_chosen,
        args=(key, line.id, widget, taken),
    )


def _drug_chosen(key: str, line_id: str, widget: str, taken: dict[str, str]) -> None:
    name = (st.session_state[widget] or "")[:LONGEST_FIELD]
    code = atc_code_of(name, also=taken)
    _change(key, lambda draft: with_line(draft, line_id, drug_name=name, atc_code=code))


def _text(
    state: _State,
    line: DraftLine,
    name: str,
    label: str,
    errors: dict[str, str],
    *,
    rows: int = 1,
    decimal: bool = False,
) -> None:
    field = f"lines/{line.id}/{name}"
    live_text(
        label,
        value_of(state.content, field),
        key=_key(state, field),
        longest=LONGEST_FIELD,
        rows=rows,
        error=errors.get(field),
        decimal=decimal,
    )


def _owner(key: str, state: _State, line: DraftLine) -> None:
    field = f"lines/{line.id}/owner_role"
    widget = _controlled(_key(state, field), line.owner_role)
    st.segmented_control(
        _("Who does it"),
        OWNER_ROLES,
        key=widget,
        format_func=owner_name,
        on_change=_chosen,
        args=(key, field, widget),
    )


def _day(key: str, state: _State, field: str, label: str, today: date) -> None:
    value = value_of(state.content, field)
    widget = _controlled(_key(state, field), value)
    furthest = today + timedelta(days=FURTHEST_DAYS)
    st.date_input(
        label,
        value=None,
        key=widget,
        format="DD/MM/YYYY",
        # A draft may be older than its dates; the form says so rather than break.
        min_value=min(value or today, today),
        max_value=max(value or furthest, furthest),
        on_change=_chosen,
        args=(key, field, widget),
    )


def _next_review(key: str, state: _State, today: date) -> None:
    weeks, day = _cells(3, 2)
    chosen = state.content.next_review_on
    days = (chosen - today).days if chosen else 0
    widget = _controlled(
        _key(state, "weeks"),
        days // 7 if days % 7 == 0 and days // 7 in WEEKS_TO_NEXT_REVIEW else None,
    )
    with weeks:
        st.segmented_control(
            _("Next review in"),
            WEEKS_TO_NEXT_REVIEW,
            key=widget,
            format_func=lambda n: ngettext("{n} wk", "{n} wk", n),
            on_change=_weeks_chosen,
            args=(key, widget, today),
        )
    with day:
        _day(key, state, "next_review_on", _("or on"), today)


def _weeks_chosen(key: str, widget: str, today: date) -> None:
    weeks = st.session_state[widget]
    day = today + timedelta(weeks=weeks) if weeks else None
    _change(key, with_value, "next_review_on", day)


def _end(key: str, state: _State, acts: Acts) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.button(
            _("Preview and sign"),
            key=f"{key}/preview",
            type="primary",
            on_click=_set,
            args=(key,),
            kwargs={"wish": "preview", "trouble": None},
        )
        if state.draft.saved_at is not None:
            with st.popover(_("Discard the draft"), type="tertiary"):
                st.text(_("What is written here will be gone."))
                st.button(
                    _("Discard it"),
                    key=f"{key}/discard",
                    on_click=_discard,
                    args=(key, state.draft, acts),
                )


def _discard(key: str, draft: Draft, acts: Acts) -> None:
    acts.discard(draft)
    st.session_state.pop(key, None)


# Reading it once more, and signing.


def _preview(key: str, state: _State, case: CaseFile, acts: Acts) -> None:
    review_preview(case, state.content)
    confirmed = [_caution(key, state, text) for text in _cautions(state, case)]
    if not all(confirmed):
        st.caption(_("Confirm each point above to sign."))
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.button(
            _("Sign and send"),
            key=f"{key}/sign",
            type="primary",
            icon=":material/send:",
            disabled=not all(confirmed) or bool(state.changes) or state.unsaved,
            on_click=_sign,
            args=(key, replace(state.draft, content=state.content), case, acts),
        )
        st.button(
            _("Go on writing"),
            key=f"{key}/write",
            on_click=_set,
            args=(key,),
            kwargs={"previewing": False},
        )


def _cautions(state: _State, case: CaseFile) -> list[str]:
    """The cautions that ask for a confirmation; the others are shown at once."""
    asking = []
    for caution in cautions(state.content, case):
        if caution.asks_confirmation:
            asking.append(caution_in_words(caution))
        else:
            st.caption(plain(caution_in_words(caution)))
    return asking


def _caution(key: str, state: _State, text: str) -> bool:
    with st.container(border=True, gap="small"):
        st.markdown(f":material/warning: {plain(text)}")
        return st.checkbox(
            _("I have checked this and keep it"), key=f"{_key(state, 'caution')}/{text}"
        )


def _sign(key: str, draft: Draft, case: CaseFile, acts: Acts) -> None:
    """As a callback: sign what was previewed. A second click gets the answer of the first."""
    try:
        signed = acts.sign(draft, seen_in(case) | (draft.seen or Seen()))
    except ChangedMeanwhile as told:
        _set(key, changes=told.changes)
    except NotReady:
        _set(key, previewing=False, checked=True)
    except DraftChanged:
        _set(key, previewing=False, unsaved=True, trouble="draft_changed")
    except AlreadyAmended:
        _set(key, trouble="amended")
    except NotYours:
        _set(key, trouble="not_yours")
    except Exception as error:
        _log.error("A review could not be signed: %s", type(error).__name__)
        _set(key, trouble="not_signed")
    else:
        _end_signed(key, draft, signed)


def _end_signed(key: str, draft: Draft, signed: SignedReview) -> None:
    if says_the_same(signed.content, draft.content):
        st.session_state.pop(key, None)
        st.session_state[f"{key}/signed"] = signed
    else:
        _set(key, previewing=False, unsaved=True, trouble="signed_otherwise")
