"""Writing a review beside the chart: summary, lines of advice, next review; then signing it.

The form is one fragment, so that typing redraws nothing else. What is written stands in
the session as plain data; at the beginning of each run, before anything is drawn, what was
typed or chosen is taken up and saved to the draft.

Streamlit may end a run, and a callback too, at any use of ``st``, the session state
included, when the next click arrives; what the callback was about to do is then lost. So
callbacks here touch nothing of Streamlit's: they note a wish on the form, which each run
grants before it draws. What was chosen is found by comparing each widget with what it
showed, as often as need be. Signing is one callback with the draft as it was previewed, so
that a second click signs the same thing.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.calendar import PARIS
from dashboard.clinical.advice.cautions import cautions
from dashboard.clinical.advice.drafts import (
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
    proposed_to_replace,
    seen_in,
)
from dashboard.clinical.advice.lines import (
    ACTIONS,
    KINDS,
    LONGEST_FIELD,
    LONGEST_SUMMARY,
    WITHOUT_DOSE,
    DraftLine,
    DraftReview,
    fields_of,
    moved_up,
    new_line,
    says_the_same,
    value_of,
    with_line,
    with_risk,
    with_settlement,
    with_value,
    without_line,
)
from dashboard.clinical.advice.settling import (
    Owed,
    can_leave_unchanged,
    completed,
    owed_by,
    problems,
    unchanged,
)
from dashboard.clinical.case.case_file import CaseFile
from dashboard.clinical.case.missing import is_current
from dashboard.clinical.deidentification import Mask, masked
from dashboard.clinical.drug_names import DRUG_NAMES, atc_code_of
from dashboard.clinical.meeting.meetings import AlreadyDecided, MeetingItem
from dashboard.components.advice.advice_problems import (
    caution_in_words,
    changes_in_words,
    elsewhere_in_words,
    problem_in_words,
    trouble_in_words,
)
from dashboard.components.advice.draft_fields import DraftFields, day_field
from dashboard.components.advice.draft_fields import field_error as _error
from dashboard.components.advice.drug_field import drug_field, newly_chosen
from dashboard.components.advice.letter_view import letter_preview, letter_withheld
from dashboard.components.advice.review_preview import review_preview
from dashboard.components.advice.risk_fields import risk_fields
from dashboard.components.advice.settlement_fields import settlement_fields
from dashboard.components.elements.autosave_text import form_of_texts, kept, live_text, newly_typed
from dashboard.components.elements.escaping import choice, legible, plain
from dashboard.components.elements.guarded import fragment
from dashboard.components.elements.scroll_into_view import in_view
from dashboard.letters.content import LetterContent
from dashboard.locale import _, ngettext
from dashboard.locale.formats import moment
from dashboard.vocabulary import (
    OWNER_ROLES,
    MedicationAction,
    Outcome,
    RecommendationKind,
    SettlementKind,
)
from dashboard.words.advice.lines import action_name, kind_name
from dashboard.words.meeting.meetings import not_signed_in_words
from dashboard.words.roles import role_name

WEEKS_TO_NEXT_REVIEW = (1, 2, 4, 8)

ON_A_DAY = 0
"""In the place of a number of weeks: the day is chosen in the calendar."""

BY_NEED = -1
"""In the place of a number of weeks: no day is set, and the interval of the need counts."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Acts:
    """What the page lets the form do. Each is one transaction.

    ``save`` and ``sign`` raise what ``dashboard.queries.advice.drafts`` and ``signing`` raise.
    """

    save: Callable[[Draft, DraftReview], Saved]
    discard: Callable[[Draft], None]
    changes: Callable[[Seen], Changes]
    sign: Callable[[Draft, Seen], SignedReview]
    letter: Callable[[Draft, str], LetterContent]


def recommendation_form(case: CaseFile, draft: Draft, acts: Acts, mask: Mask) -> None:
    """Draw the form for this case; ``draft`` is the draft as the database has it now.

    ``mask`` takes from what is shown of the draft what a shared screen must not show; what
    is saved and signed is the draft as it was written.
    """
    key = f"advice/{case.episode_id}"
    _take_over(key, case, draft, acts)
    fragment(_draw, key=key)(key, case, acts, mask)


def forget_form(episode_id: int) -> None:
    """Begin the form of this case anew: its draft was signed beside it."""
    st.session_state.pop(f"advice/{episode_id}", None)


@dataclass
class _Form:
    """The form between two runs. ``draft`` is as saved, ``content`` as it stands.

    ``shown`` is what each widget has last shown. ``trouble`` is why nothing was signed.
    ``decided`` says that the meeting has put the case off. ``wish`` is what was clicked.
    ``stating_risk`` shows the fields of the risk, though nothing asks for it. ``stale`` says that
    the case is to be read anew. ``ended`` says that the draft is gone, signed or discarded.
    """

    draft: Draft
    content: DraftReview
    next_review_in: int = BY_NEED
    shown: dict[str, Any] = field(default_factory=dict)
    changes: Changes = field(default_factory=Changes)
    elsewhere: Elsewhere | None = None
    signed: SignedReview | None = None
    trouble: str | None = None
    decided: MeetingItem | None = None
    wish: str | None = None
    checked: bool = False
    previewing: bool = False
    unsaved: bool = False
    stating_risk: bool = False
    stale: bool = False
    ended: bool = False

    def key(self, name: str) -> str:
        """The key of a widget: another draft has other widgets."""
        return f"{self.draft.idempotency_key}/{name}"


def _take_over(key: str, case: CaseFile, draft: Draft, acts: Acts) -> None:
    """Begin with the draft, or go on where this window is, unless another has written since."""
    form: _Form | None = st.session_state.get(key)
    if form is None or form.ended:
        form = _begun(draft, case, signed=form.signed if form else None)
    elif not _same(form.draft, draft) and not form.unsaved:
        form = _begun(draft, case, elsewhere=_elsewhere(form.draft, draft))
    if draft.seen is not None:
        form.changes = acts.changes(draft.seen)
    form.stale = False
    st.session_state[key] = form


def _begun(draft: Draft, case: CaseFile, **values: Any) -> _Form:
    weeks = _weeks(draft.content, case.as_of)
    return _Form(draft, draft.content, next_review_in=weeks, **values)


def _weeks(content: DraftReview, today: date) -> int:
    """Return in how many weeks the next review is; on a day, or by the need where none is set."""
    if content.next_review_on is None:
        return BY_NEED
    weeks, days = divmod((content.next_review_on - today).days, 7)
    return weeks if days == 0 and weeks in WEEKS_TO_NEXT_REVIEW else ON_A_DAY


def _same(one: Draft, other: Draft) -> bool:
    return (one.idempotency_key, one.saved_at) == (other.idempotency_key, other.saved_at)


def _elsewhere(known: Draft, now: Draft) -> Elsewhere | None:
    """What another window has done to the draft, if this one had begun it."""
    if known.saved_at is None or now.supersedes != known.supersedes:
        return None
    if now.saved_at is None:
        return Elsewhere("discarded")
    return Elsewhere("changed", now.saved_at)


def _draw(key: str, case: CaseFile, acts: Acts, mask: Mask) -> None:
    form: _Form = st.session_state[key]
    if form.ended:
        # The page reads the case and its draft anew.
        st.rerun(scope="app")
    _take_up(form, case, acts)
    if form.stale:
        # What is saved now is shown with the case as it is now.
        st.rerun(scope="app")
    owed = owed_by(case, form.draft.supersedes)
    _grant_wish(form, case, owed, acts)
    with form_of_texts(key):
        _heading(form, case)
        with st.container(gap="small", key=f"{key}/notices"):
            _notices(key, form, mask)
        if form.previewing:
            _preview(key, form, case, owed, acts, mask)
        else:
            _edit(key, form, case, owed, acts, mask)


# What was typed or chosen, on its way to the draft.


def _take_up(form: _Form, case: CaseFile, acts: Acts) -> None:
    """Take what was typed and chosen since the last run, and save the draft if it changed."""
    typed = _typed(form)
    for name, text in typed.items():
        form.content = with_value(form.content, name, text)
    _take_choices(form, case)
    _take_drugs(form, case)
    if not typed and not form.unsaved and form.content == form.draft.content:
        return
    _save(form, case, acts)
    if not form.unsaved and form.draft.saved_at is not None:
        for name in typed:
            kept(form.key(name), form.draft.saved_at)


def _typed(form: _Form) -> dict[str, str]:
    found = {}
    for name, longest in _texts(form.content):
        text = newly_typed(form.key(name), longest)
        if text is not None:
            found[name] = text
    return found


def _texts(content: DraftReview) -> list[tuple[str, int]]:
    """The fields that are typed, with the longest text that each takes."""
    lines = [f"lines/{line.id}/{name}" for line in content.lines for name in fields_of(line)]
    reasons = [f"settlements/{one.id}/reason" for one in content.settlements]
    short = [*lines, *reasons, "risk/reason"]
    return [("summary", LONGEST_SUMMARY), *((name, LONGEST_FIELD) for name in short)]


def _take_choices(form: _Form, case: CaseFile) -> None:
    for name, shown in list(form.shown.items()):
        value = st.session_state.get(form.key(name), shown)
        if value != shown:
            _choose(form, case, name, value)
            form.shown[name] = value


def _take_drugs(form: _Form, case: CaseFile) -> None:
    for line in form.content.lines:
        for of in ("", "replaced_"):
            drug = newly_chosen(form.key(f"lines/{line.id}/{of}drug_name"), LONGEST_FIELD)
            if drug is not None:
                code = atc_code_of(drug, also=_taken(case))
                values = {f"{of}drug_name": drug, f"{of}atc_code": code}
                form.content = with_line(form.content, line.id, **values)


def _choose(form: _Form, case: CaseFile, name: str, value: Any) -> None:
    """Put what was chosen in a widget into the draft."""
    if name == "weeks":
        form.next_review_in = value
        if value != ON_A_DAY:
            on = None if value == BY_NEED else case.as_of + timedelta(weeks=value)
            form.content = replace(form.content, next_review_on=on)
    elif name == "risk/level":
        form.content = with_risk(form.content, value, case.as_of)
        form.stating_risk = True
    elif name.startswith("settlements/"):
        _settle(form, name, value)
    else:
        form.content = with_value(form.content, name, value)
    if name.endswith("/action") and value == MedicationAction.SWITCH:
        _propose_replaced(form, case, name.split("/")[1])


def _propose_replaced(form: _Form, case: CaseFile, line_id: str) -> None:
    line, drug = form.content.line(line_id), proposed_to_replace(case)
    if line is None or line.replaced_drug_name or drug is None or drug.atc_code == line.atc_code:
        return
    form.content = with_line(
        form.content, line_id, replaced_drug_name=drug.name, replaced_atc_code=drug.atc_code
    )


def _settle(form: _Form, name: str, value: Any) -> None:
    """Whoever gives a line a day keeps it; whoever names another line replaces it by that."""
    _part, recommendation_id, field_name = name.split("/")
    values = {field_name: value}
    if field_name == "due_on":
        values["kind"] = SettlementKind.KEPT
    if field_name == "replaced_by":
        values["kind"] = SettlementKind.REPLACED
    form.content = with_settlement(form.content, recommendation_id, **values)


def _widget(form: _Form, name: str, value: Any) -> str:
    """The key of the widget of a field, which is to show this value, also its default.

    A value that is set is sent to the browser once, in a run that may be ended before it
    arrives; the default is sent each time. So only what differs from it is set.
    """
    widget = form.key(name)
    if st.session_state.get(widget, value) != value:
        st.session_state[widget] = value
    form.shown[name] = value
    return widget


def _save(form: _Form, case: CaseFile, acts: Acts) -> None:
    draft = form.draft if form.draft.seen else replace(form.draft, seen=seen_in(case))
    try:
        saved = acts.save(draft, form.content)
    except NotYours:
        form.unsaved, form.trouble = True, "not_yours"
    except Exception as error:
        # Whatever the reason, what was typed stays on the screen and is saved at the next
        # occasion. The message of a database's error would name it in the log.
        _log.error("A draft could not be saved: %s", type(error).__name__)
        form.unsaved = True
    else:
        if saved.elsewhere:
            form.next_review_in = _weeks(saved.draft.content, case.as_of)
        form.draft, form.content = saved.draft, saved.draft.content
        form.elsewhere = saved.elsewhere or form.elsewhere
        form.unsaved, form.signed = False, None


# Wishes: what was clicked, once what was typed with it is taken up.


def _wish(form: _Form, wish: str) -> None:
    form.wish, form.trouble, form.decided = wish, None, None


def _grant_wish(form: _Form, case: CaseFile, owed: Owed, acts: Acts) -> None:
    if form.wish is None:
        return
    if form.wish == Outcome.NO_CHANGE:
        form.content = unchanged(without_change(form.content), owed)
        form.next_review_in = _weeks(form.content, case.as_of)
        _save(form, case, acts)
    found = problems(form.content, case.as_of, owed)
    form.wish, form.checked, form.previewing = None, bool(found), not found


def without_change(content: DraftReview) -> DraftReview:
    """A review that says that all goes on as it is, with what was written of it already."""
    return replace(
        content,
        outcome=Outcome.NO_CHANGE,
        summary=content.summary.strip() or _("Seen, without change."),
    )


def _add_line(form: _Form, kind: str, today: date) -> None:
    line = new_line(uuid4().hex[:8], kind, today)
    form.content = replace(
        form.content, outcome=Outcome.REVIEWED, lines=(*form.content.lines, line)
    )


def _move_up(form: _Form, line_id: str) -> None:
    form.content = moved_up(form.content, line_id)


def _remove(form: _Form, line_id: str) -> None:
    form.content = without_line(form.content, line_id)


def _understand(form: _Form) -> None:
    form.elsewhere = None


def _acknowledge(form: _Form) -> None:
    seen = (form.draft.seen or Seen()) | form.changes.seen
    form.draft, form.changes, form.unsaved = replace(form.draft, seen=seen), Changes(), True
    form.stale = True


def _state_risk(form: _Form) -> None:
    form.stating_risk = True


def _go_on_writing(form: _Form) -> None:
    form.previewing = False


def _discard(form: _Form, acts: Acts) -> None:
    acts.discard(form.draft)
    form.ended = True


# Drawing.


def _heading(form: _Form, case: CaseFile) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("##### " + _("Recommendations"), anchors=False)
        if form.unsaved:
            st.badge(_("draft not saved"), color="orange", icon=":material/cloud_off:")
        elif form.draft.saved_at is not None:
            clock = form.draft.saved_at.astimezone(PARIS)
            st.caption(_("draft saved at {time}", time=f"{clock:%H:%M}"), width="content")
    amended = next((one for one in case.reviews if one.id == form.draft.supersedes), None)
    if amended is not None:
        # Its button stands beside the review, which may be far below.
        in_view(form.key("amendment_begins"))
        when = moment(amended.signed_at)
        st.info(
            _("Amends the review of {time}; that one stays readable.", time=when),
            icon=":material/edit_note:",
        )


def _notices(key: str, form: _Form, mask: Mask) -> None:
    if form.signed is not None:
        when = moment(form.signed.signed_at)
        st.success(_("Signed and sent on {time}.", time=when), icon=":material/task_alt:")
    if form.trouble is not None:
        st.error(trouble_in_words(form.trouble), icon=":material/error:")
    if form.decided is not None:
        st.error(plain(not_signed_in_words(form.decided)), icon=":material/event_repeat:")
    if form.elsewhere is not None:
        _elsewhere_notice(key, form, form.elsewhere, mask)
    if form.changes:
        _changes_notice(key, form, mask)


def _elsewhere_notice(key: str, form: _Form, elsewhere: Elsewhere, mask: Mask) -> None:
    with st.container(border=True, gap="small"):
        st.markdown(elsewhere_in_words(elsewhere))
        for replaced in elsewhere.replaced:
            st.caption(_("Replaced by what stands here:"))
            st.text(legible(mask(replaced.value)))
        st.button(_("Understood"), key=f"{key}/understood", on_click=_understand, args=(form,))


def _changes_notice(key: str, form: _Form, mask: Mask) -> None:
    with st.container(border=True, gap="small"):
        st.markdown(":material/new_releases: " + _("Since this draft was begun:"))
        for text in changes_in_words(form.changes):
            st.text(legible(mask(text)))
        st.button(
            _("I have taken this into account"),
            key=f"{key}/taken_into_account",
            on_click=_acknowledge,
            args=(form,),
        )


def _edit(key: str, form: _Form, case: CaseFile, owed: Owed, acts: Acts, mask: Mask) -> None:
    errors = _errors(form, case.as_of, owed)
    fields = DraftFields(partial(_widget, form), form.key, errors, mask, case.as_of)
    live_text(
        _("Summary"),
        form.content.summary,
        key=form.key("summary"),
        longest=LONGEST_SUMMARY,
        rows=3,
        error=errors.get("summary"),
        mask=mask,
    )
    if _shows_risk(form, owed):
        with st.container(border=True, gap="xxsmall", key=f"{key}/risk"):
            add = partial(_add_line, form, RecommendationKind.SAFETY, case.as_of)
            risk_fields(fields, form.content, owed, add)
    for position, line in enumerate(form.content.lines):
        with st.container(border=True, gap="xxsmall", key=f"{key}/{line.id}"):
            _line(key, form, case, line, position, errors, mask)
    _error(errors.get("lines"))
    _add(key, form, owed, case.as_of)
    settlement_fields(fields, form.content, owed)
    _next_review(form, case.as_of, errors.get("next_review_on"))
    if errors:
        count = len(errors)
        _error(ngettext("{n} field to complete above.", "{n} fields to complete above.", count))
    _end(key, form, acts)


def _shows_risk(form: _Form, owed: Owed) -> bool:
    return owed.risk_decision or form.content.risk is not None or form.stating_risk


def _errors(form: _Form, today: date, owed: Owed) -> dict[str, str]:
    """What is wrong with each field, once a preview has been asked for."""
    if not form.checked:
        return {}
    return {one.field: problem_in_words(one) for one in problems(form.content, today, owed)}


def _add(key: str, form: _Form, owed: Owed, today: date) -> None:
    with st.container(horizontal=True):
        # Another key once a line is added: the menu has done its work and closes.
        lines = "/".join(line.id for line in form.content.lines)
        menu = st.popover(
            _("Add a recommendation"),
            icon=":material/add:",
            key=f"{key}/add/{lines}",
            on_change="rerun",
        )
        if menu.open:
            with menu, st.container(gap="xxsmall"):
                for kind in KINDS:
                    st.button(
                        kind_name(kind),
                        key=f"{key}/add/{kind}",
                        type="tertiary",
                        on_click=_add_line,
                        args=(form, kind, today),
                    )
        if not _shows_risk(form, owed):
            st.button(
                _("State the risk of suicide"),
                key=f"{key}/state_risk",
                type="tertiary",
                on_click=_state_risk,
                args=(form,),
            )
        changes_nothing = not form.content.lines and not form.content.settlements
        if changes_nothing and can_leave_unchanged(owed):
            st.button(
                _("Seen, no change"),
                key=f"{key}/no_change",
                on_click=_wish,
                args=(form, Outcome.NO_CHANGE),
            )


def _line(
    key: str,
    form: _Form,
    case: CaseFile,
    line: DraftLine,
    position: int,
    errors: dict[str, str],
    mask: Mask,
) -> None:
    path = f"lines/{line.id}"
    head, action = _cells(1, 1)
    with head:
        _head(key, form, line, position)
    if line.kind in ACTIONS:
        with action:
            _action(form, line)
            _error(errors.get(f"{path}/action"))
    if line.kind == RecommendationKind.MEDICATION:
        _medication(form, case, line, errors, mask)
    else:
        _text(form, line, "detail", _("What is to be done"), errors, mask, rows=2)
    who, due = _cells(1, 1)
    with who:
        _owner(form, line)
        _error(errors.get(f"{path}/owner_role"))
    with due:
        _day(form, f"{path}/due_on", _("By"), case.as_of)
        _error(errors.get(f"{path}/due_on"))


def _cells(*widths: int) -> list[DeltaGenerator]:
    """Columns in which what is wrong stands close under its field."""
    return [column.container(gap="xxsmall") for column in st.columns(widths, gap="small")]


def _head(key: str, form: _Form, line: DraftLine, position: int) -> None:
    """The line's number and kind; behind it, what can be done with the line."""
    label = f"{position + 1} · {kind_name(line.kind)}"
    with st.popover(label, key=f"{key}/{line.id}/{position}"):
        st.button(
            _("Move up"),
            key=f"{key}/{line.id}/up",
            icon=":material/arrow_upward:",
            type="tertiary",
            disabled=position == 0,
            on_click=_move_up,
            args=(form, line.id),
        )
        st.button(
            _("Remove"),
            key=f"{key}/{line.id}/remove",
            icon=":material/close:",
            type="tertiary",
            on_click=_remove,
            args=(form, line.id),
        )


def _action(form: _Form, line: DraftLine) -> None:
    st.selectbox(
        _("What to do"),
        ACTIONS[line.kind],
        index=_place(ACTIONS[line.kind], line.action),
        key=_widget(form, f"lines/{line.id}/action", line.action),
        format_func=action_name,
        placeholder=_("what to do"),
        label_visibility="collapsed",
    )


def _place(options: tuple[str, ...], chosen: str | None) -> int | None:
    return options.index(chosen) if chosen in options else None


def _medication(
    form: _Form, case: CaseFile, line: DraftLine, errors: dict[str, str], mask: Mask
) -> None:
    if line.action == MedicationAction.SWITCH:
        with st.container(gap="xxsmall"):
            current = [row.name for row in case.treatments if is_current(row, case.as_of)]
            _drug(form, line, "replaced_drug_name", _("Drug that is replaced"), current, mask)
            _error(errors.get(f"lines/{line.id}/replaced_drug_name"))
    drug, dose = _cells(3, 2)
    with drug:
        _drug(form, line, "drug_name", _("Drug"), [*_taken(case)], mask)
        _error(errors.get(f"lines/{line.id}/drug_name"))
    with dose:
        _text(form, line, "dose", _("mg a day"), errors, mask, decimal=True)
    how, otherwise = _cells(1, 1)
    with how:
        _text(form, line, "titration", _("Steps and intervals"), errors, mask)
    with otherwise:
        if line.action not in WITHOUT_DOSE:
            _text(form, line, "alternative", _("If it does not work"), errors, mask)


def _drug(
    form: _Form, line: DraftLine, name: str, label: str, first: list[str], mask: Mask
) -> None:
    """The field of a drug; ``first`` are the names that stand first in its list."""
    path = f"lines/{line.id}/{name}"
    chosen = value_of(form.content, path)
    if mask(chosen) != chosen:
        # What a shared screen must not show is not sent, and so cannot be changed there.
        st.text(legible(mask(chosen)))
        return
    drug_field(label, chosen, tuple(dict.fromkeys((*first, *DRUG_NAMES))), key=form.key(path))


def _taken(case: CaseFile) -> dict[str, str]:
    """The drugs that this patient takes or took, with their codes."""
    return {row.name: row.atc_code for row in case.treatments}


def _text(
    form: _Form,
    line: DraftLine,
    name: str,
    label: str,
    errors: dict[str, str],
    mask: Mask,
    *,
    rows: int = 1,
    decimal: bool = False,
) -> None:
    path = f"lines/{line.id}/{name}"
    live_text(
        label,
        value_of(form.content, path),
        key=form.key(path),
        longest=LONGEST_FIELD,
        rows=rows,
        error=errors.get(path),
        decimal=decimal,
        mask=mask,
    )


def _owner(form: _Form, line: DraftLine) -> None:
    st.selectbox(
        _("Who does it"),
        OWNER_ROLES,
        index=_place(OWNER_ROLES, line.owner_role),
        key=_widget(form, f"lines/{line.id}/owner_role", line.owner_role),
        format_func=role_name,
    )


def _day(form: _Form, path: str, label: str, today: date) -> None:
    value = value_of(form.content, path)
    day_field(_widget(form, path, value), label, value, today)


def _next_review(form: _Form, today: date, error: str | None) -> None:
    st.segmented_control(
        _("Next review in"),
        (BY_NEED, *WEEKS_TO_NEXT_REVIEW, ON_A_DAY),
        default=form.next_review_in,
        key=_widget(form, "weeks", form.next_review_in),
        format_func=lambda weeks: choice(_weeks_in_words(weeks)),
        # A second click on what is chosen leaves it chosen.
        required=True,
    )
    if form.next_review_in == ON_A_DAY:
        _day(form, "next_review_on", _("On"), today)
    _error(error)


def _weeks_in_words(weeks: int) -> str:
    if weeks == BY_NEED:
        return _("by the need")
    if weeks == ON_A_DAY:
        return _("on a day")
    return ngettext("{n} wk", "{n} wk", weeks)


def _end(key: str, form: _Form, acts: Acts) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.button(
            _("Preview and sign"),
            key=f"{key}/preview",
            type="primary",
            on_click=_wish,
            args=(form, "preview"),
        )
        if form.draft.saved_at is not None:
            with st.popover(_("Discard the draft")):
                st.text(_("What is written here will be gone."))
                st.button(
                    _("Discard it"), key=f"{key}/discard", on_click=_discard, args=(form, acts)
                )


# Reading it once more, and signing.


def _preview(key: str, form: _Form, case: CaseFile, owed: Owed, acts: Acts, mask: Mask) -> None:
    # Its button stands below a form that may be longer than the window.
    in_view(f"{key}/preview_begins")
    draft = replace(form.draft, content=completed(form.draft.content, owed))
    review_preview(case, masked(draft.content, mask), owed)
    if case.identity.is_presented:
        letter_withheld()
    else:
        letter_preview(key, lambda role: acts.letter(draft, role))
    found = [mask(caution_in_words(one)) for one in cautions(form.content, case)]
    confirmed = [_confirmed(form, text) for text in dict.fromkeys(found)]
    if not all(confirmed):
        st.caption(_("Confirm each point above to sign."))
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.button(
            _("Sign and send"),
            key=f"{key}/sign",
            type="primary",
            icon=":material/send:",
            disabled=not all(confirmed) or bool(form.changes) or form.unsaved,
            on_click=_sign,
            args=(form, draft, case, acts),
        )
        st.button(_("Go on writing"), key=f"{key}/write", on_click=_go_on_writing, args=(form,))


def _confirmed(form: _Form, text: str) -> bool:
    with st.container(border=True, gap="small"):
        st.markdown(f":material/warning: {plain(text)}")
        return st.checkbox(_("I have checked this and keep it"), key=form.key(f"confirmed/{text}"))


def _sign(form: _Form, draft: Draft, case: CaseFile, acts: Acts) -> None:
    """As a callback: sign what was previewed. A second click gets the answer of the first."""
    try:
        signed = acts.sign(draft, seen_in(case) | (draft.seen or Seen()))
    except ChangedMeanwhile as told:
        form.changes = told.changes
    except NotReady:
        # The case may ask for more by now than the screen shows.
        form.previewing, form.checked, form.stale = False, True, True
    except DraftChanged:
        form.previewing, form.unsaved, form.trouble = False, True, "draft_changed"
    except AlreadyAmended:
        form.trouble = "amended"
    except AlreadyDecided as told:
        form.previewing, form.decided = False, told.item
    except NotYours:
        form.trouble = "not_yours"
    except Exception as error:
        _log.error("A review could not be signed: %s", type(error).__name__)
        form.trouble = "not_signed"
    else:
        _end_signed(form, draft, signed)


def _end_signed(form: _Form, draft: Draft, signed: SignedReview) -> None:
    if says_the_same(signed.content, draft.content):
        form.signed, form.ended = signed, True
    else:
        form.previewing, form.unsaved, form.trouble = False, True, "signed_otherwise"
