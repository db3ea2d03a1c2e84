"""The form with which a psychiatrist writes and signs a review, beside the chart.

The form has the answer to the nurse, the summary, the risk of suicide, the lines of advice, the
settlement of earlier advice, the next review and the signing. It is one fragment, so that typing
redraws nothing else, except the chart after a change that the chart shows. Each run first reads and
saves the typed and chosen values. Then it draws the form.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.calendar import PARIS
from dashboard.clinical.advice.cautions import cautions
from dashboard.clinical.advice.drafts import (
    Changes,
    Draft,
    Elsewhere,
    Saved,
    Seen,
    SignedReview,
    proposed_to_replace,
)
from dashboard.clinical.advice.lines import (
    ACTIONS,
    KINDS,
    LONGEST_FIELD,
    LONGEST_SUMMARY,
    WITHOUT_DOSE,
    DraftLine,
    DraftReview,
    value_of,
)
from dashboard.clinical.advice.next_review import next_review_of
from dashboard.clinical.advice.prospect import Prospect, prospect_of
from dashboard.clinical.advice.settling import (
    Owed,
    can_leave_unchanged,
    completed,
    lacks_answer,
    owed_by,
)
from dashboard.clinical.case.case_file import CaseFile
from dashboard.clinical.case.missing import is_current
from dashboard.clinical.deidentification import Mask, masked
from dashboard.clinical.drug_names import DRUG_NAMES
from dashboard.components.advice.advice_problems import (
    caution_in_words,
    changes_in_words,
    elsewhere_in_words,
    problem_in_words,
    trouble_in_words,
)
from dashboard.components.advice.draft_fields import DraftFields, day_field, field_error
from dashboard.components.advice.drug_field import drug_field, newly_chosen
from dashboard.components.advice.letter_view import letter_preview, letter_withheld
from dashboard.components.advice.next_review_line import next_review_line
from dashboard.components.advice.question_line import question_line
from dashboard.components.advice.recommendation_form_state import (
    BY_NEED,
    ON_A_DAY,
    WEEKS_TO_NEXT_REVIEW,
    RecommendationFormState,
    Step,
    Wish,
    drugs_taken,
    taken_over,
)
from dashboard.components.advice.review_preview import review_preview
from dashboard.components.advice.risk_fields import risk_fields
from dashboard.components.advice.settlement_fields import settlement_fields
from dashboard.components.elements.autosave_text import form_of_texts, live_text
from dashboard.components.elements.countdown import countdown
from dashboard.components.elements.escaping import choice, legible, plain
from dashboard.components.elements.focus_first import focus_first
from dashboard.components.elements.form_widgets import inputs, widget
from dashboard.components.elements.fragment_rerun import rerun_fragments
from dashboard.components.elements.guarded import fragment
from dashboard.components.elements.scroll_into_view import in_view
from dashboard.letters.content import LetterContent
from dashboard.locale import _, ngettext
from dashboard.locale.formats import moment
from dashboard.vocabulary import OWNER_ROLES, MedicationAction, RecommendationKind
from dashboard.words.advice.lines import action_name, kind_name
from dashboard.words.meeting.meetings import not_signed_in_words
from dashboard.words.roles import role_name

_CLOSING = "closing_case"

Redraw = Callable[[], None] | None
"""A callback for widgets that redraws the form and the chart. It is None if no chart shows the
draft.
"""

END = "case_form_end"
"""The key of the container with the last buttons of the form.

The stylesheet ``in_sight.css`` keeps this container visible.
"""


@dataclass(frozen=True)
class Actions:
    """The actions of the form. Each action is one transaction.

    ``save`` raises the errors of ``dashboard.queries.advice.drafting``. ``sign`` raises the errors
    of ``dashboard.queries.advice.signing``.

    ``go_on`` opens the next case of the list; None if there is no next case. Its argument is the
    review that was just signed, or None. The page of the next case confirms the signature.

    ``chart`` is the key of the fragment that draws the chart; None if no chart shows the draft.
    """

    save: Callable[[Draft, DraftReview], Saved]
    discard: Callable[[Draft], None]
    changes: Callable[[Seen], Changes]
    sign: Callable[[Draft, Seen], SignedReview]
    letter: Callable[[Draft, str], LetterContent]
    go_on: Callable[[SignedReview | None], None] | None = None
    chart: str | None = None


def recommendation_form(case: CaseFile, draft: Draft, actions: Actions, mask: Mask) -> None:
    """Draw the form for ``case``. ``draft`` is the draft that the database holds now.

    While the screen is shared, ``mask`` removes identifying text from the draft on the screen. The
    saved and signed texts are not masked.
    """
    key = _key(case.episode_id)
    form = taken_over(st.session_state.get(key), case, draft)
    if draft.seen is not None:
        form.changes = actions.changes(draft.seen)
    st.session_state[key] = form
    fragment(_draw, key=key)(key, case, actions, mask)


def written_prospect(case: CaseFile, draft: Draft | None, mask: Mask) -> Prospect | None:
    """Return the course that the draft on the screen would set: doses, next score and next review.

    ``draft`` is the draft that the database holds. Return None if ``draft`` is None, or if the
    draft has no drug and no day of the next review.
    """
    if draft is None:
        return None
    form = st.session_state.get(_key(case.episode_id))
    content = draft.content if form is None or form.step is Step.ENDED else form.content
    return prospect_of(case, masked(content, mask))


def _key(episode_id: int) -> str:
    return f"advice/{episode_id}"


def sign_what_was_left(episode_id: int | None = None) -> SignedReview | None:
    """Sign the pending review "no change" of a case that the user has left during the countdown.

    ``episode_id`` is the episode that the user has opened instead, or None for another page. Return
    the signed review. Return None if no review was pending or the countdown ended long ago. Return
    None also if the review could not be signed, and say so. The draft is then kept.
    """
    left, sign = st.session_state.get(_CLOSING, (episode_id, None))
    form = st.session_state.get(_key(left))
    if left == episode_id or form is None:
        return None
    form.keep_closing(can_sign=True)
    if form.closes_at is None:
        return None
    sign()
    signed: SignedReview | None = form.signed
    if signed is None:
        st.toast(
            _("The review without change could not be signed: its draft is kept."),
            icon=":material/warning:",
        )
    return signed


def sign_and_say_what_was_left() -> None:
    """Sign the pending review "no change" of a case that the user has left for another page, and
    say that it was signed.
    """
    if sign_what_was_left() is not None:
        st.toast(_("The review without change was signed."), icon=":material/check:")


def forget_form(episode_id: int) -> None:
    """Delete the state of the form of this case.

    Call this function after another part of the page has signed the draft.
    """
    st.session_state.pop(_key(episode_id), None)


def _redraw(key: str, actions: Actions) -> Callable[[], None] | None:
    """Return a callback that redraws the form and then the chart after a change of a widget.

    Return None if no chart shows the draft.
    """
    if actions.chart is None:
        return None
    return partial(rerun_fragments, [key, actions.chart])


def _draw(key: str, case: CaseFile, actions: Actions, mask: Mask) -> None:
    form: RecommendationFormState = st.session_state[key]
    if form.step is Step.ENDED:
        if form.goes_on and actions.go_on is not None:
            actions.go_on(form.signed)
        # Rerun the page to read the case and its draft again.
        st.rerun(scope="app")
    form.take_up(case, inputs(), newly_chosen, actions.save)
    if form.stale:
        # Rerun the page to read the case and the saved draft again, because the case may have
        # changed.
        st.rerun(scope="app")
    owed = owed_by(case, form.draft.supersedes)
    form.grant_wish(case, owed, actions.save)
    with form_of_texts(key):
        _heading(form, case)
        with st.container(gap="small", key=f"{key}/notices"):
            _notices(key, form, mask)
        if form.is_folded:
            _folded(key, form, actions)
        elif form.step is Step.PREVIEWING:
            _preview(key, form, case, owed, actions, mask)
        else:
            _edit(key, form, case, owed, actions, mask)


def _heading(form: RecommendationFormState, case: CaseFile) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("### " + _("Recommendations"), anchors=False)
        if form.is_unsaved:
            st.badge(_("draft not saved"), color="orange", icon=":material/cloud_off:")
        elif form.draft.saved_at is not None:
            clock = form.draft.saved_at.astimezone(PARIS)
            st.caption(_("draft saved at {time}", time=f"{clock:%H:%M}"), width="content")
    amended = next((one for one in case.reviews if one.id == form.draft.supersedes), None)
    if amended is not None:
        # The user clicked a button beside the amended review, which may be far below the form. So
        # scroll to the form.
        in_view(form.key("amendment_begins"))
        when = moment(amended.signed_at)
        st.info(
            _("Amends the review of {time}; that one stays readable.", time=when),
            icon=":material/edit_note:",
        )


def _notices(key: str, form: RecommendationFormState, mask: Mask) -> None:
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


def _folded(key: str, form: RecommendationFormState, actions: Actions) -> None:
    """Draw the buttons for the next steps after a review was signed."""
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        if actions.go_on is not None:
            st.button(_("Next case"), key=f"{key}/go_on", type="primary", on_click=form.go_on)
        st.button(_("Write another review"), key=f"{key}/unfold", on_click=form.unfold)


def _elsewhere_notice(
    key: str, form: RecommendationFormState, elsewhere: Elsewhere, mask: Mask
) -> None:
    with st.container(border=True, gap="small"):
        st.markdown(elsewhere_in_words(elsewhere))
        for replaced in elsewhere.replaced:
            st.caption(_("Replaced by what stands here:"))
            st.text(legible(mask(replaced.value)))
        st.button(_("Understood"), key=f"{key}/understood", on_click=form.understand)


def _changes_notice(key: str, form: RecommendationFormState, mask: Mask) -> None:
    with st.container(border=True, gap="small"):
        st.markdown(":material/new_releases: " + _("Since this draft was begun:"))
        for text in changes_in_words(form.changes):
            st.text(legible(mask(text)))
        st.button(
            _("I have taken this into account"),
            key=f"{key}/taken_into_account",
            on_click=form.acknowledge,
        )


def _edit(
    key: str,
    form: RecommendationFormState,
    case: CaseFile,
    owed: Owed,
    actions: Actions,
    mask: Mask,
) -> None:
    errors = _errors(form, case.as_of, owed)
    fields = DraftFields(partial(widget, form), form.key, errors, mask, case.as_of)
    if owed.questions:
        _answer(key, form, owed, errors, mask)
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
            add = partial(form.add_line, RecommendationKind.SAFETY, case.as_of)
            risk_fields(fields, form.content, owed, add)
    redraw = _redraw(key, actions)
    found = cautions(form.content, case, owed)
    for position, line in enumerate(form.content.lines):
        place = f"{key}/{line.id}"
        with st.container(border=True, gap="xxsmall", key=place):
            if line.id == form.added:
                focus_first(place)
            _line(key, form, case, line, position, errors, mask, redraw)
            _cautions(mask(caution_in_words(one)) for one in found if one.line_id == line.id)
    field_error(errors.get("lines"))
    _add(key, form, owed, case, actions)
    settlement_fields(fields, form.content, owed)
    _next_review(form, case, errors.get("next_review_on"), redraw)
    if errors:
        count = len(errors)
        field_error(
            ngettext("{n} field to complete above.", "{n} fields to complete above.", count)
        )
    _end(key, form, case)


def _answer(
    key: str, form: RecommendationFormState, owed: Owed, errors: dict[str, str], mask: Mask
) -> None:
    """Draw the questions of the nurse and the field for the answer."""
    with st.container(border=True, gap="xxsmall", key=f"{key}/question"):
        for question in owed.questions:
            question_line(question)
        live_text(
            _("Answer to the nurse"),
            form.content.answer,
            key=form.key("answer"),
            longest=LONGEST_FIELD,
            rows=2,
            error=errors.get("answer"),
            mask=mask,
        )
        if lacks_answer(form.content, owed):
            st.button(
                _("Leave unanswered"),
                key=f"{key}/leave_unanswered",
                type="tertiary",
                on_click=form.leave_unanswered,
            )


def _shows_risk(form: RecommendationFormState, owed: Owed) -> bool:
    return owed.risk_decision or form.content.risk is not None or form.stating_risk


def _errors(form: RecommendationFormState, today: date, owed: Owed) -> dict[str, str]:
    """Return the error of each field in words, by the name of the field."""
    return {one.field: problem_in_words(one) for one in form.problems(today, owed)}


def _add(
    key: str, form: RecommendationFormState, owed: Owed, case: CaseFile, actions: Actions
) -> None:
    with st.container(horizontal=True, key=f"{key}/add"):
        # The key of the menu contains the ids of the lines. So the key changes when a line is
        # added, and Streamlit closes the menu.
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
                        on_click=form.add_line,
                        args=(kind, case.as_of),
                    )
        if not _shows_risk(form, owed):
            st.button(
                _("State the risk of suicide"),
                key=f"{key}/state_risk",
                type="tertiary",
                on_click=form.state_risk,
            )
        changes_nothing = not form.content.lines and not form.content.settlements
        if changes_nothing and can_leave_unchanged(owed):
            st.button(
                _("Seen, no change"),
                key=f"{key}/no_change",
                on_click=form.wish_for,
                args=(Wish.NO_CHANGE,),
            )
        if form.draft.saved_at is not None:
            with st.popover(_("Discard the draft")):
                st.text(_("What is written here will be gone."))
                st.button(
                    _("Discard it"),
                    key=f"{key}/discard",
                    on_click=form.discard,
                    args=(actions.discard,),
                )


def _line(
    key: str,
    form: RecommendationFormState,
    case: CaseFile,
    line: DraftLine,
    position: int,
    errors: dict[str, str],
    mask: Mask,
    redraw: Redraw,
) -> None:
    path = f"lines/{line.id}"
    head, action = _cells(1, 1)
    with head:
        _head(key, form, line, position)
    if line.kind in ACTIONS:
        with action:
            _action(form, line, redraw)
            field_error(errors.get(f"{path}/action"))
    if line.kind == RecommendationKind.MEDICATION:
        _medication(form, case, line, errors, mask, redraw)
    else:
        _text(form, line, "detail", _("What is to be done"), errors, mask, rows=2)
    who, due = _cells(1, 1)
    with who:
        _owner(form, line)
        field_error(errors.get(f"{path}/owner_role"))
    with due:
        _day(form, f"{path}/due_on", _("By"), case.as_of)
        field_error(errors.get(f"{path}/due_on"))


def _cautions(texts: Iterable[str]) -> None:
    """Draw the cautions about a line of advice, each once. The preview asks to confirm them."""
    for text in dict.fromkeys(texts):
        st.markdown(f":small[:material/warning: {plain(text)}]")


def _cells(*widths: int) -> list[DeltaGenerator]:
    """Return columns with a small gap, so that an error is close to its field."""
    return [column.container(gap="xxsmall") for column in st.columns(widths, gap="small")]


def _head(key: str, form: RecommendationFormState, line: DraftLine, position: int) -> None:
    """Draw the number and the kind of a line of advice as a button.

    The button opens a menu with the actions on this line.
    """
    label = f"{position + 1} · {kind_name(line.kind)}"
    with st.popover(label, key=f"{key}/{line.id}/{position}"):
        st.button(
            _("Move up"),
            key=f"{key}/{line.id}/up",
            icon=":material/arrow_upward:",
            type="tertiary",
            disabled=position == 0,
            on_click=form.move_up,
            args=(line.id,),
        )
        st.button(
            _("Remove"),
            key=f"{key}/{line.id}/remove",
            icon=":material/close:",
            type="tertiary",
            on_click=form.remove,
            args=(line.id,),
        )


def _action(form: RecommendationFormState, line: DraftLine, redraw: Redraw) -> None:
    st.selectbox(
        _("What to do"),
        ACTIONS[line.kind],
        index=_place(ACTIONS[line.kind], line.action),
        key=widget(form, f"lines/{line.id}/action", line.action),
        format_func=action_name,
        placeholder=_("what to do"),
        on_change=redraw,
        label_visibility="collapsed",
    )


def _place(options: tuple[str, ...], chosen: str | None) -> int | None:
    return options.index(chosen) if chosen in options else None


def _medication(
    form: RecommendationFormState,
    case: CaseFile,
    line: DraftLine,
    errors: dict[str, str],
    mask: Mask,
    redraw: Redraw,
) -> None:
    if line.action == MedicationAction.SWITCH:
        with st.container(gap="xxsmall"):
            current = [row.name for row in case.treatments if is_current(row, case.as_of)]
            label = _("Drug that is replaced")
            _drug(form, line, "replaced_drug_name", label, current, mask, redraw)
            field_error(errors.get(f"lines/{line.id}/replaced_drug_name"))
    drug, dose = _cells(3, 2)
    with drug:
        _drug(form, line, "drug_name", _("Drug"), [*drugs_taken(case)], mask, redraw)
        field_error(errors.get(f"lines/{line.id}/drug_name"))
    with dose:
        _text(form, line, "dose", _("mg a day"), errors, mask, decimal=True, on_change=redraw)
    how, otherwise = _cells(1, 1)
    with how:
        _text(form, line, "titration", _("Steps and intervals"), errors, mask, on_change=redraw)
    with otherwise:
        if line.action not in WITHOUT_DOSE:
            _text(form, line, "alternative", _("If it does not work"), errors, mask)


def _drug(
    form: RecommendationFormState,
    line: DraftLine,
    name: str,
    label: str,
    first: list[str],
    mask: Mask,
    redraw: Redraw,
) -> None:
    """Draw the field for a drug. ``first`` are the names at the top of its list."""
    path = f"lines/{line.id}/{name}"
    chosen = value_of(form.content, path)
    if mask(chosen) != chosen:
        # If the name of the drug is masked, draw it as text. A field would send the name to the
        # browser.
        st.text(legible(mask(chosen)))
        return
    names = tuple(dict.fromkeys((*first, *DRUG_NAMES)))
    drug_field(label, chosen, names, key=form.key(path), on_change=redraw)


def _text(
    form: RecommendationFormState,
    line: DraftLine,
    name: str,
    label: str,
    errors: dict[str, str],
    mask: Mask,
    *,
    rows: int = 1,
    decimal: bool = False,
    on_change: Redraw = None,
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
        on_change=on_change,
    )


def _owner(form: RecommendationFormState, line: DraftLine) -> None:
    st.selectbox(
        _("Who does it"),
        OWNER_ROLES,
        index=_place(OWNER_ROLES, line.owner_role),
        key=widget(form, f"lines/{line.id}/owner_role", line.owner_role),
        format_func=role_name,
    )


def _day(
    form: RecommendationFormState, path: str, label: str, today: date, redraw: Redraw = None
) -> None:
    value = value_of(form.content, path)
    day_field(widget(form, path, value), label, value, today, redraw)


def _next_review(
    form: RecommendationFormState, case: CaseFile, error: str | None, redraw: Redraw
) -> None:
    st.segmented_control(
        _("Next review in"),
        (BY_NEED, *WEEKS_TO_NEXT_REVIEW, ON_A_DAY),
        default=form.next_review_in,
        key=widget(form, "weeks", form.next_review_in),
        format_func=lambda weeks: choice(_weeks_in_words(weeks)),
        # Because of ``required``, a second click on the chosen interval does not clear it.
        required=True,
        on_change=redraw,
    )
    if form.next_review_in == ON_A_DAY:
        _day(form, "next_review_on", _("On"), case.as_of, redraw)
    next_review_line(
        next_review_of(case, form.content, form.draft.supersedes),
        with_day=form.next_review_in != ON_A_DAY,
    )
    field_error(error)


def _weeks_in_words(weeks: int) -> str:
    if weeks == BY_NEED:
        return _("by the need")
    if weeks == ON_A_DAY:
        return _("on a day")
    return ngettext("{n} wk", "{n} wk", weeks)


def _end(key: str, form: RecommendationFormState, case: CaseFile) -> None:
    with st.container(horizontal=True, gap="small", key=END):
        st.button(
            _("Preview and sign"),
            key=f"{key}/preview",
            type="primary",
            on_click=form.wish_for,
            args=(Wish.PREVIEW,),
        )
        with_drug = proposed_to_replace(case)
        st.button(
            _("+ Medication"),
            key=f"{key}/add_drug",
            help=_("Adds a recommendation on the drug that the patient takes, or on another."),
            on_click=form.change_drug,
            args=(with_drug, case.as_of),
        )
        st.button(
            _("+ Psychotherapy"),
            key=f"{key}/add_psychotherapy",
            on_click=form.add_line,
            args=(RecommendationKind.PSYCHOTHERAPY, case.as_of),
        )


# Functions for the preview and the signing.


def _preview(
    key: str,
    form: RecommendationFormState,
    case: CaseFile,
    owed: Owed,
    actions: Actions,
    mask: Mask,
) -> None:
    # The clicked button is below a form that may be longer than the window. So scroll to the
    # preview.
    in_view(f"{key}/preview_begins")
    draft = replace(form.draft, content=completed(form.draft.content, owed))
    review_preview(case, masked(draft.content, mask), owed)
    if case.identity.is_presented:
        letter_withheld()
    else:
        letter_preview(key, lambda role: actions.letter(draft, role))
    found = [mask(caution_in_words(one)) for one in cautions(form.content, case, owed)]
    confirmed = [_confirmed(form, text) for text in dict.fromkeys(found)]
    if not all(confirmed):
        st.caption(_("Confirm each point above to sign."))
    disabled = not all(confirmed) or bool(form.changes) or form.is_unsaved
    form.keep_closing(can_sign=not found and not disabled)
    st.session_state[_CLOSING] = case.episode_id, partial(form.sign, draft, case, actions.sign)
    with st.container(key=END, gap="xxsmall"):
        if form.closes_at is not None:
            countdown(
                _("Seen without change: signed in {n} s."),
                form.closes_at,
                partial(form.sign, draft, case, actions.sign),
                key=f"{key}/countdown/{form.closes_at:%H%M%S}",
            )
        _sign_buttons(key, form, case, draft, actions, disabled=disabled)


def _sign_buttons(
    key: str,
    form: RecommendationFormState,
    case: CaseFile,
    draft: Draft,
    actions: Actions,
    *,
    disabled: bool,
) -> None:
    with st.container(horizontal=True):
        if actions.go_on is not None:
            st.button(
                _("Sign and next"),
                key=f"{key}/sign_and_next",
                help=_("Signs, sends the letters, and opens the next case."),
                type="primary",
                icon=":material/send:",
                disabled=disabled,
                on_click=form.sign,
                args=(draft, case, actions.sign),
                kwargs={"goes_on": True},
            )
        st.button(
            _("Sign and send"),
            key=f"{key}/sign",
            help=_("Signs, sends the letters, and stays on this case."),
            type="secondary" if actions.go_on else "primary",
            disabled=disabled,
            on_click=form.sign,
            args=(draft, case, actions.sign),
        )
        back = _("Undo") if form.closes_at else _("Go on writing")
        st.button(back, key=f"{key}/write", on_click=form.go_on_writing)


def _confirmed(form: RecommendationFormState, text: str) -> bool:
    with st.container(border=True, gap="small"):
        st.markdown(f":material/warning: {plain(text)}")
        return st.checkbox(_("I have checked this and keep it"), key=form.key(f"confirmed/{text}"))
