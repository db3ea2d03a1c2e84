"""Validators for fields of stored JSON. They replace an invalid value by a default instead of
raising an error, so that a draft of an older version can always be read.
"""

from collections.abc import Container
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationError, ValidatorFunctionWrapHandler, WrapValidator


def storable(text: str) -> str:
    """Return ``text`` without the characters that a database cannot store: null characters and lone
    surrogates.
    """
    return text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")


def otherwise(default: Any) -> WrapValidator:
    """Return a validator that replaces an invalid value with ``default``."""

    def read(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
        try:
            return validate(value)
        except ValidationError:
            return default

    return WrapValidator(read)


def among(allowed: Container[str], default: str | None = None) -> BeforeValidator:
    """Return a validator that replaces a value that is not in ``allowed`` with ``default``."""
    return BeforeValidator(
        lambda value: value if isinstance(value, str) and value in allowed else default
    )


def _text(value: Any) -> str:
    return storable(value) if isinstance(value, str) else ""


def _day(value: Any) -> date | None:
    """Return the day that a text in ISO form gives, otherwise None. A number is refused, because
    pydantic would read it as seconds.
    """
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


Text = Annotated[str, BeforeValidator(_text)]
TextOrNone = Annotated[str | None, BeforeValidator(lambda value: _text(value) or None)]
DayOrNone = Annotated[date | None, BeforeValidator(_day)]
