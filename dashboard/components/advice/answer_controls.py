"""The controls for the answer to a recommendation: its outcome, and a reason if the outcome
requires one.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID, uuid5

import streamlit as st

from dashboard.clinical.advice.answering import needs_reason
from dashboard.clinical.advice.drafts import NotYours, OutcomeUnknown
from dashboard.clinical.advice.inbox import NotWanted, Superseded
from dashboard.clinical.advice.lines import ANSWERS, LONGEST_FIELD
from dashboard.clinical.case.case_file import Recommendation
from dashboard.components.elements.autosave_text import held_text, live_text
from dashboard.components.elements.escaping import choice
from dashboard.locale import _
from dashboard.vocabulary import AnswerOutcome
from dashboard.words.advice.lines import outcome_name
from dashboard.words.advice.settlements import not_wanted_in_words

WITHOUT_REASON = (AnswerOutcome.ACKNOWLEDGED, AnswerOutcome.DONE)
"""The answers that need only one click, unless the recommendation requires a text.

Every other answer has a text field.
"""

Give = Callable[[UUID, str, str | None, UUID], object]
"""A function that records an answer.

Its arguments are the id of the recommendation, the outcome, the reason and the idempotency key.
"""

_ANSWERS = UUID("7a3f9a52-94f5-4b61-8a3c-2f1f9ad0c3f4")
_log = logging.getLogger(__name__)


@dataclass
class _Sending:
    """The state of the button that sends an answer with a reason.

    The callback of the button only sets ``wanted``, and the next run of the page sends the answer.
    Streamlit may end a callback early if the callback uses the session state.
    """

    wanted: bool = False


def answer_key(line: Recommendation) -> str:
    """Return the key of the widgets for the next answer to ``line``.

    The key changes each time an answer is recorded, and when a review sends an answered line again.
    The choice is then empty, so the same answer can be given once more.
    """
    again = "/again" if line.answers and not line.read_since_sent else ""
    return f"answer/{line.id}/{len(line.answers)}{again}"


def answer_controls(line: Recommendation, give: Give) -> None:
    """Draw the five possible answers to the recommendation ``line``.

    When an answer is recorded, the page is redrawn. Call the function within a fragment, so that
    typing a reason does not redraw the page.
    """
    key = answer_key(line)
    outcome = st.segmented_control(
        _("Your answer"),
        ANSWERS,
        key=f"{key}/outcome",
        format_func=lambda outcome: choice(outcome_name(outcome)),
        label_visibility="collapsed",
        # Because of ``required``, a second click on the chosen answer does not clear it.
        required=True,
    )
    if outcome in WITHOUT_REASON and not needs_reason(line.kind, outcome):
        _send(key, line, outcome, None, give)
    elif outcome is not None:
        _with_reason(key, line, outcome, give)


def _with_reason(key: str, line: Recommendation, outcome: str, give: Give) -> None:
    sending = st.session_state.setdefault(f"{key}/sending", _Sending())
    reason = held_text(f"{key}/reason", LONGEST_FIELD)
    missing = sending.wanted and needs_reason(line.kind, outcome) and not reason.strip()
    label, error = _reason_in_words(outcome)
    live_text(
        label,
        reason,
        key=f"{key}/reason",
        longest=LONGEST_FIELD,
        error=error if missing else None,
        held=True,
    )
    st.button(_("Send the answer"), key=f"{key}/send", on_click=_want, args=(sending,))
    if sending.wanted and not missing:
        _send(key, line, outcome, reason.strip() or None, give)
    sending.wanted = False


def _reason_in_words(outcome: str) -> tuple[str, str]:
    """Return the label of the field for the text of an answer, and the error if the text is
    missing.
    """
    return {
        AnswerOutcome.DONE: (_("What was found"), _("Say what was found.")),
        AnswerOutcome.DECLINED: (_("Why"), _("Say why.")),
    }.get(AnswerOutcome(outcome), (_("Why, or what instead"), ""))


def _want(sending: _Sending) -> None:
    sending.wanted = True


def _send(key: str, line: Recommendation, outcome: str, reason: str | None, give: Give) -> None:
    """Record the answer. A retry with the same ``key``, ``outcome`` and ``reason`` records nothing
    more.

    The choice stays on the page if the same answer was already recorded, because nothing is stored
    then. It is sent once, or the page would be redrawn without end.
    """
    given = f"{key}/given"
    if st.session_state.get(given) == (outcome, reason):
        return
    try:
        give(line.id, outcome, reason, uuid5(_ANSWERS, f"{key}/{outcome}/{reason}"))
    except Superseded:
        st.error(_("This review was amended meanwhile: answer the new one."))
    except NotWanted:
        st.error(not_wanted_in_words())
    except OutcomeUnknown:
        st.error(
            _(
                "It is not certain that the answer was recorded: the database did not answer."
                " Answer again: it is recorded once."
            )
        )
    except NotYours:
        st.error(_("This case is no longer one of yours."))
    except Exception as error:
        _log.error("An answer could not be recorded: %s", type(error).__name__)
        st.error(_("The answer was not recorded. Try again."))
    else:
        st.session_state[given] = (outcome, reason)
        st.rerun(scope="app")
