"""The fields of a draft on the screen: a widget each, and under it what is wrong with it."""

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
    """The fields of one draft, by the names that ``advice.Problem`` gives them.

    ``widget`` gives the key of the widget of a field that is to show a value, ``key`` the key of
    anything else. ``errors`` says what is wrong, in words.
    """

    widget: Callable[[str, Any], str]
    key: Callable[[str], str]
    errors: Mapping[str, str]
    mask: Mask
    today: date

    def day(self, field: str, label: str, value: date | None) -> None:
        """Draw a day that is to come."""
        day_field(self.widget(field, value), label, value, self.today)
        self.error(field)

    def text(self, field: str, label: str, value: str) -> None:
        """Draw a text of one line, which is saved while it is typed."""
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
        """Draw what is wrong with a field, if anything is."""
        field_error(self.errors.get(field))


def day_field(key: str, label: str, value: date | None, today: date) -> None:
    """Draw the widget of a day, whose key is made to show this value."""
    furthest = today + timedelta(days=FURTHEST_DAYS)
    st.date_input(
        label,
        value=value,
        key=key,
        format="DD/MM/YYYY",
        # A draft may be older than its dates; the form says so rather than break.
        min_value=min(value or today, today),
        max_value=max(value or furthest, furthest),
    )


def field_error(text: str | None) -> None:
    """Draw what is wrong with a field, under it."""
    if text is not None:
        st.markdown(f":small[:red[{plain(text)}]]")
