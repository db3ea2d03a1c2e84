"""Rows of the access log as a medical lead, or a patient, may read them."""

from dataclasses import dataclass
from datetime import datetime

MANY_AN_HOUR = 30
"""Number of different patients' records opened by one person within an hour from which it is
unusual. A meeting takes minutes for each patient and opens fewer [proposal].
"""

MOST_A_MINUTE = 60
"""Most different patients' records that one person opens within a minute before having to wait.
Nobody reads a record in a second [proposal].
"""

NIGHT = (22, 6)
"""The hours, in Paris, at which the night begins in the evening and ends in the morning
[proposal].
"""

AROUND_DAYS = 30
"""Days before and after an access in which a review, agenda, question or answer explains it
[proposal].
"""

AT_LEAST_WITHOUT = 5
"""Number of patients opened without such a reason from which it is shown. One or two are everyday
work [proposal].
"""

SETTLED_DAYS = 7
"""Days after which an access is judged; until then the record may still be reviewed."""


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
    """Accesses of one person that should be asked about; they need not be wrong.

    ``kind`` is ``many``, ``night`` or ``without``. ``number`` counts patients, and ``cases`` are
    the numbers of some of their cases.
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
