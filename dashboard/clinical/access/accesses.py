"""Data types and limits for the access log: rows that a medical lead or a patient may read, and
unusual accesses.
"""

from dataclasses import dataclass
from datetime import datetime

MANY_AN_HOUR = 30
"""Smallest number of patients whose records one person opens within a clock hour (such as 14:00 to
15:00) for which the accesses are reported as unusual [proposal]. Meetings stay below this number,
because each patient takes minutes.
"""

MOST_A_MINUTE = 60
"""Largest number of patients' records that one person can open within a minute. After that, the
person has to wait. Nobody can read so many records within a minute [proposal].
"""

NIGHT = (22, 6)
"""The hours of the day at which the night begins and ends, in Paris time. Accesses at night are
reported as unusual [proposal].
"""

AROUND_DAYS = 30
"""Number of days before and after an access in which the database looks for the reason for the
access. A reason is a review, an agenda, a question or an answer about the same patient [proposal].
"""

AT_LEAST_WITHOUT = 5
"""Accesses without a reason are reported if one person has opened the records of at least this many
patients without a reason. One or two such patients are normal in everyday work [proposal].
"""

SETTLED_DAYS = 7
"""Days from an access until the database checks whether the access had a reason. The review that
explains an access is often signed some days later.
"""

MOST_LISTED = 5_000
"""Maximum number of rows that a medical lead reads at once. Only the latest rows are listed."""


@dataclass(frozen=True)
class Access:
    """One row of the access log about one patient. The row does not name the patient."""

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
    """Unusual accesses by one person. They may be legitimate, so the medical lead should ask the
    person about them.

    ``kind`` is ``many`` (many patients within an hour), ``night`` (at night) or ``without``
    (without a reason). ``number`` is the number of patients. ``cases`` are the episode ids of at
    most 20 of these patients.
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
