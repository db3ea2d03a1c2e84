"""Remarks on data: missing, or outside its vocabulary."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Remark:
    """Something missing or odd: a code, on what it bears, and the day it is about."""

    code: str
    about: str | None = None
    day: date | None = None
