"""Remarks on data that is missing or outside its vocabulary."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Remark:
    """A missing or odd value of a case: a code, what it is about, and its day."""

    code: str
    about: str | None = None
    day: date | None = None
