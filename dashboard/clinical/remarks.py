"""Remarks on data that is missing or outside its vocabulary."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Remark:
    """A value that is missing or odd: a code, its subject, and its day."""

    code: str
    about: str | None = None
    day: date | None = None
