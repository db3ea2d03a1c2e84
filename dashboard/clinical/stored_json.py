"""Types of fields that are read leniently from stored JSON.

What is not as it should be counts as not written: a draft of an older version is always read.
"""

from collections.abc import Container
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationError, ValidatorFunctionWrapHandler, WrapValidator


def storable(text: str) -> str:
    """Return the text without what a database cannot hold: null characters, halves of a letter."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")


def otherwise(default: Any) -> WrapValidator:
    """Read ``default`` where the value does not fit its type."""

    def read(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
        try:
            return validate(value)
        except ValidationError:
            return default

    return WrapValidator(read)


def among(allowed: Container[str], default: str | None = None) -> BeforeValidator:
    """Read ``default`` where the value is none of those that are allowed."""
    return BeforeValidator(
        lambda value: value if isinstance(value, str) and value in allowed else default
    )


def _text(value: Any) -> str:
    return storable(value) if isinstance(value, str) else ""


def _day(value: Any) -> date | None:
    """Return the day of ISO form alone: no number of seconds, which pydantic takes for one."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


Text = Annotated[str, BeforeValidator(_text)]
TextOrNone = Annotated[str | None, BeforeValidator(lambda value: _text(value) or None)]
DayOrNone = Annotated[date | None, BeforeValidator(_day)]
