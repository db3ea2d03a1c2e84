"""The fields of a draft on the screen. Each field is one widget with its error below it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import streamlit as st

from dashboard.clinical.advice.lines import FURTHEST_DAYS, LONGEST_FIELD
from dashboard.clinical.deidentification import Mask
from dashboard.components.elements.autosave_text import live_text
from dashboard.components.elements.escaping import plain


@dataclass(frozen=True)
class DraftFields:
    """The functions and values that draw the fields of one draft.

    A field is named as in ``lines.Problem``. ``widget`` makes the widget of a field show a value
    and returns the key of this widget. ``key`` returns the key of any other element. ``errors``
    maps the name of a field to its error in words.
    """

    widget: Callable[[str, Any], str]
    key: Callable[[str], str]
    errors: Mapping[str, str]
    mask: Mask
    today: date

    def day(self, field: str, label: str, value: date | None) -> None:
        """Draw a field for a day that is today or later."""
        day_field(self.widget(field, value), label, value, self.today)
        self.error(field)

    def text(self, field: str, label: str, value: str) -> None:
        """Draw a field for one line of text. The text is saved while the user types."""
        live_text(
            label,
            value,
            key=self.key(field),
            longest=LONGEST_FIELD,
            rows=1,
            error=self.errors.get(field),
            mask=self.mask,
        )

    def error(self, field: str) -> None:
        """Draw the error of a field, if it has one."""
        field_error(self.errors.get(field))


def day_field(
    key: str,
    label: str,
    value: date | None,
    today: date,
    on_change: Callable[[], None] | None = None,
) -> None:
    """Draw the field for a day.

    ``key`` is the key of the widget, and ``value`` is the day that the widget shows.
    """
    furthest = today + timedelta(days=FURTHEST_DAYS)
    st.date_input(
        label,
        value=value,
        key=key,
        format="DD/MM/YYYY",
        on_change=on_change,
        # Include ``value`` in the limits, because Streamlit raises an error for a value outside the
        # limits. In an old draft, ``value`` may be a past day.
        min_value=min(value or today, today),
        max_value=max(value or furthest, furthest),
    )


def field_error(text: str | None) -> None:
    """Draw the error ``text`` below its field. Draw nothing if ``text`` is None."""
    if text is not None:
        st.markdown(f":small[:red[{plain(text)}]]")
