"""Equal steps of a dose, as they are written in a line of advice, such as "50 mg every 7 days"."""

import re
from dataclasses import dataclass
from decimal import Decimal

_STEPS = re.compile(
    r"(?P<mg>\d{1,4}(?:[.,]\d{1,2})?) *mg\D{0,24}?(?P<every>\d{1,2}) *"
    r"(?P<unit>j|jours?|d|days?|s|sem\w*|w|wk|weeks?)\b",
    re.IGNORECASE,
)
_NOTHING_ELSE = re.compile(
    r"\s*\+?\s*(?P<mg>\d{1,4}(?:[.,]\d{1,2})?)\s*mg\s*"
    r"(?:/|par|per|tous les|toutes les|chaque|every|each)\s*(?P<every>\d{1,2})?\s*"
    r"(?P<unit>j|jours?|d|days?|s|sem\.?|semaines?|w|wk|weeks?)\s*\.?\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class EqualSteps:
    """Steps of ``dose`` mg, one every ``every`` days, or weeks if ``in_weeks`` is true."""

    dose: Decimal
    every: int
    in_weeks: bool

    @property
    def days(self) -> int:
        """The number of days between two steps."""
        return self.every * 7 if self.in_weeks else self.every


def steps_in(titration: str) -> EqualSteps | None:
    """Return the equal steps that the text ``titration`` names; None if it names none."""
    return _read(_STEPS.search(titration))


def steps_alone(titration: str) -> EqualSteps | None:
    """Return the equal steps of a text that says nothing else, such as "50 mg / 7 j".

    Return None for any other text.
    """
    return _read(_NOTHING_ELSE.fullmatch(titration))


def _read(found: re.Match[str] | None) -> EqualSteps | None:
    if found is None:
        return None
    dose, every = Decimal(found["mg"].replace(",", ".")), int(found["every"] or 1)
    if dose == 0 or every == 0:
        return None
    return EqualSteps(dose, every, found["unit"][0].lower() in "sw")
