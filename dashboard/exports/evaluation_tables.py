"""The tables of the data set for evaluators, with the name and the type of each field.

Days are counted from enrolment, which is day 0. Earlier days are negative. No table holds a date, a
name or a free text.
"""

from dataclasses import dataclass
from typing import Literal

FieldType = Literal["string", "integer", "number", "boolean"]


@dataclass(frozen=True)
class Field:
    """A column of a table. ``required`` is true if no cell of the column is empty."""

    name: str
    type: FieldType
    required: bool = False


@dataclass(frozen=True)
class Table:
    """A table of the data set. The values of the fields in ``key`` identify a row."""

    name: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]

    @property
    def heads(self) -> tuple[str, ...]:
        """Return the names of the columns."""
        return tuple(field.name for field in self.fields)


def _table(name: str, key: int, *fields: Field) -> Table:
    return Table(name, tuple(field.name for field in fields[:key]), fields)


def _text(name: str, *, required: bool = False) -> Field:
    return Field(name, "string", required)


def _whole(name: str, *, required: bool = False) -> Field:
    return Field(name, "integer", required)


_EPISODE = _text("episode", required=True)
_REVIEW = _whole("review", required=True)

TABLES = (
    _table(
        "episodes",
        1,
        _EPISODE,
        _text("person", required=True),
        _text("site"),
        _text("age_band"),
        _text("sex"),
        _text("diagnosis"),
        _text("status", required=True),
        _text("closed_reason"),
        _whole("referred_day", required=True),
        _whole("consented_day"),
        _whole("closed_day"),
        _whole("horizon_days", required=True),
    ),
    _table(
        "sequences",
        2,
        _EPISODE,
        _whole("sequence", required=True),
        _text("kind", required=True),
        _whole("starts_day", required=True),
        _whole("ends_day", required=True),
    ),
    _table(
        "scores",
        2,
        _EPISODE,
        _whole("form", required=True),
        _text("instrument", required=True),
        _whole("day", required=True),
        _whole("total"),
        _whole("item9"),
    ),
    _table(
        "contacts",
        2,
        _EPISODE,
        _whole("contact", required=True),
        _whole("day", required=True),
        _text("kind", required=True),
        Field("attended", "boolean", required=True),
        _whole("minutes"),
    ),
    _table(
        "reviews",
        2,
        _EPISODE,
        _REVIEW,
        _whole("day", required=True),
        _text("outcome", required=True),
        _text("risk_level"),
        _whole("next_review_day"),
        Field("amends", "boolean", required=True),
    ),
    _table(
        "recommendations",
        3,
        _EPISODE,
        _REVIEW,
        _whole("line", required=True),
        _text("kind", required=True),
        _text("action"),
        _text("atc_code"),
        Field("daily_dose_mg", "number"),
        _text("owner_role", required=True),
        _whole("due_day"),
    ),
    _table(
        "answers",
        4,
        _EPISODE,
        _REVIEW,
        _whole("line", required=True),
        _whole("answer", required=True),
        _whole("day", required=True),
        _text("outcome", required=True),
    ),
    _table(
        "medications",
        2,
        _EPISODE,
        _whole("medication", required=True),
        _text("atc_code", required=True),
        Field("daily_dose_mg", "number"),
        Field("as_needed", "boolean", required=True),
        _whole("starts_day", required=True),
        _whole("ends_day"),
        _text("adherence"),
    ),
    _table(
        "psychosocial_care",
        2,
        _EPISODE,
        _whole("care", required=True),
        _text("kind", required=True),
        _whole("starts_day", required=True),
        _whole("ends_day"),
        _whole("sessions"),
    ),
    _table(
        "waits",
        1,
        _EPISODE,
        _whole("referral_to_enrolment", required=True),
        _whole("enrolment_to_first_contact"),
        _whole("enrolment_to_first_review"),
    ),
)
"""The tables about episodes. The first table lists all episodes. Every other table refers to it,
directly or through another table.
"""

INDICATOR_TABLE = Table(
    "indicators",
    ("indicator", "site"),
    (
        _text("axis", required=True),
        _text("indicator", required=True),
        _text("site"),
        _text("formula_fr", required=True),
        _text("formula_en", required=True),
        _text("source", required=True),
        _whole("numerator"),
        _whole("measured"),
        _whole("eligible"),
        Field("rate", "number"),
        Field("low_95", "number"),
        Field("high_95", "number"),
    ),
)
"""The table of the indicators over the whole period, or in its last month for a snapshot. It has
rows for all sites together and for each site. The figures of a site with too few cases are empty.
"""
