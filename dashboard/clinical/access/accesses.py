"""Rows of the access log as a medical lead or a patient may read them, and unusual accesses."""

from dataclasses import dataclass
from datetime import datetime

MANY_AN_HOUR = 30
"""A person who opens the records of this many patients within an hour is reported as unusual. A
meeting takes minutes for each patient and opens fewer [proposal].
"""

MOST_A_MINUTE = 60
"""Largest number of patients' records that one person can open within a minute; then the person has
to wait. Nobody reads a record in a second [proposal].
"""

NIGHT = (22, 6)
"""The hours at which the night begins and ends, in Paris time [proposal]."""

AROUND_DAYS = 30
"""An access has a reason if there is a review, agenda, question or answer within this many days
before or after it [proposal].
"""

AT_LEAST_WITHOUT = 5
"""Accesses without such a reason are reported if they concern at least this many patients. One or
two are everyday work [proposal].
"""

SETTLED_DAYS = 7
"""Days to wait before an access is checked for a reason. The review that explains it may come later
than the access.
"""


@dataclass(frozen=True)
class Access:
    """One row of the access log about one patient. It does not name the patient."""

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
    """Unusual accesses of one person. The medical lead should ask about them; they may be
    legitimate.

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
