"""Remarks on data that is missing or outside its vocabulary."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Remark:
    """A remark on a missing or odd value of a case: a code, the subject, and the day of the
    value.
    """

    code: str
    about: str | None = None
    day: date | None = None
