"""Remarks on data of a case that are missing or implausible."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Remark:
    """A remark on a missing or odd value of a case: a code, the subject of the value, and its
    day.
    """

    code: str
    about: str | None = None
    day: date | None = None
