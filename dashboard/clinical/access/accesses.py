"""Who opened what: rows of the access log as a medical lead, or a patient, may read them."""

from dataclasses import dataclass
from datetime import datetime

MANY_AN_HOUR = 30
"""Different patients' records opened by one person within an hour: more than a meeting goes
through, which takes minutes for each [proposal]."""

MOST_A_MINUTE = 60
"""Different patients' records that one person opens within a minute before they have to wait:
nobody reads one in a second [proposal]."""

NIGHT = (22, 6)
"""From this hour of the evening to this one of the morning, in Paris [proposal]."""

AROUND_DAYS = 30
"""A record opened with no review, agenda, question or answer within so many days before and
after [proposal]."""

AT_LEAST_WITHOUT = 5
"""From so many such patients on it is shown: one or two are everyday work [proposal]."""

SETTLED_DAYS = 7
"""What was opened less than so many days ago may still be reviewed: it is not judged."""


@dataclass(frozen=True)
class Access:
    """One row of the log about one patient, without the patient."""

    at: datetime
    practitioner_id: int | None
    family_name: str
    given_name: str
    role: str | None
    action: str
    why: str | None
    address: str | None


@dataclass(frozen=True)
class Unusual:
    """Accesses of one person that somebody should ask about; not that they were wrong.

    ``kind`` is ``many``, ``night`` or ``without``; ``number`` counts patients, and ``cases``
    are the numbers of some of their cases.
    """

    kind: str
    practitioner_id: int
    family_name: str
    given_name: str
    role: str
    first_at: datetime
    last_at: datetime
    number: int
    cases: tuple[int, ...]
