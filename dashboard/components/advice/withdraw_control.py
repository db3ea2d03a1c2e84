"""The button that withdraws a line of advice between two reviews.

The button asks for a reason, which the recipients will read.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import streamlit as st

from dashboard.clinical.advice.drafts import NotYours
from dashboard.clinical.advice.lines import LONGEST_FIELD
from dashboard.clinical.advice.standing_advice import NotOpen
from dashboard.clinical.case.case_file import Recommendation
from dashboard.components.elements.autosave_text import held_text, live_text
from dashboard.locale import _

Withdraw = Callable[[UUID, str], object]
"""A function that withdraws a recommendation.

Its arguments are the id of the recommendation and the reason."""

_log = logging.getLogger(__name__)


@dataclass
class _Wish:
    """The state of the button that withdraws a recommendation. The next run reads this state."""

    wanted: bool = False


def withdraw_control(line: Recommendation, withdraw: Withdraw) -> None:
    """Draw the button that withdraws a recommendation. The button asks for the reason.

    After the withdrawal, the whole page is redrawn. Call the function within a fragment, so that
    typing the reason does not redraw the page.
    """
    key = f"withdraw/{line.id}"
    wish = st.session_state.setdefault(key, _Wish())
    with st.popover(_("Withdraw"), icon=":material/undo:", key=f"{key}/open"):
        reason = held_text(f"{key}/reason", LONGEST_FIELD)
        missing = wish.wanted and not reason.strip()
        live_text(
            _("Why it is withdrawn"),
            reason,
            key=f"{key}/reason",
            longest=LONGEST_FIELD,
            error=_("Say why.") if missing else None,
            held=True,
        )
        st.caption(_("Nurse and GP are told. To replace it, write a review."))
        st.button(_("Withdraw it"), key=f"{key}/withdraw", on_click=_want, args=(wish,))
        if wish.wanted and not missing:
            _do(line, reason, withdraw)
    wish.wanted = False


def _want(wish: _Wish) -> None:
    wish.wanted = True


def _do(line: Recommendation, reason: str, withdraw: Withdraw) -> None:
    """Withdraw the recommendation. A retry after a lost response changes nothing."""
    try:
        withdraw(line.id, reason)
    except NotOpen:
        st.error(_("This recommendation was answered or settled meanwhile: nothing was withdrawn."))
    except NotYours:
        st.error(_("This case is no longer one of yours."))
    except Exception as error:
        _log.error("A line could not be withdrawn: %s", type(error).__name__)
        st.error(_("The recommendation was not withdrawn. Try again."))
    else:
        st.rerun(scope="app")
