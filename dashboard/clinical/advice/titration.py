"""Equal steps of a dose, as they are written in a line of advice, such as "50 mg every 7 days"."""

import re
from dataclasses import dataclass
from decimal import Decimal

_NOTHING_ELSE = re.compile(
    r"\s*\+?\s*(?P<mg>\d{1,4}(?:[.,]\d{1,2})?)\s*mg\s*"
    r"(?:/|par|per|tous les|toutes les|chaque|every|each)\s*(?P<every>\d{1,2})?\s*"
    r"(?P<unit>j|jours?|d|days?|s|sem\.?|semaines?|w|wk|weeks?)\s*\.?\s*",
    re.IGNORECASE,
)
_WITH_WORDS = re.compile(
    r"\s*(?:(?:par |en )?paliers? de |by |in steps of )?(?P<steps>.*?)"
    r"(?:[,;]? *(?:selon (?:la )?tolérance|si bien toléré|as tolerated)\.?\s*)?",
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


def steps_alone(titration: str) -> EqualSteps | None:
    """Return the equal steps of a text that says nothing else, such as "50 mg / 7 j".

    Return None for any other text, and for a dose per day, such as "25 mg/j".
    """
    found = _NOTHING_ELSE.fullmatch(titration)
    if found is None:
        return None
    dose, every = Decimal(found["mg"].replace(",", ".")), int(found["every"] or 1)
    in_weeks = found["unit"][0].lower() in "sw"
    # "25 mg/j" and "25 mg every day" are daily doses. Steps of one day are not recognized, because
    # they are written in the same way.
    is_daily_dose = every == 1 and not in_weeks
    if dose == 0 or every == 0 or is_daily_dose:
        return None
    return EqualSteps(dose, every, in_weeks)


def steps_with_words(titration: str) -> EqualSteps | None:
    """Return the equal steps of a text that says nothing else than usual words around them, such as
    "par paliers de 50 mg / 7 j, selon tolérance". Return None for any other text.
    """
    found = _WITH_WORDS.fullmatch(titration)
    return None if found is None else steps_alone(found["steps"])
