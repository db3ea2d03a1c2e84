"""Remarks on missing or implausible data of a case."""

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
