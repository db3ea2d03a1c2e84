"""The keyboard shortcuts of a case: to the previous and next case, to the form, to the tabs."""

from dashboard.components.elements.keyboard import Effect, Shortcut, keyboard
from dashboard.locale import _


def case_keys(episode_id: int) -> None:
    """Make the keys act on the page of this case, and draw the button that lists the keys."""
    form = f"advice/{episode_id}"
    keyboard(
        (
            Shortcut("j", _("next case"), ("next_case", f"{form}/go_on")),
            Shortcut("k", _("previous case"), ("previous_case",)),
            Shortcut("r", _("add a recommendation"), (f"{form}/add",)),
            Shortcut("n", _("seen, no change"), (f"{form}/no_change",)),
            Shortcut(
                "Ctrl+Enter",
                _("preview, then sign and next"),
                (f"{form}/sign_and_next", f"{form}/sign", f"{form}/preview"),
            ),
            Shortcut("[", _("previous tab"), ("case_details",), Effect.PREVIOUS_TAB),
            Shortcut("]", _("next tab"), ("case_details",), Effect.NEXT_TAB),
        ),
        key="case_keys",
    )
