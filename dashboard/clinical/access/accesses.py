"""Rows of the access log that a medical lead or the patient may read, and unusual accesses."""

from dataclasses import dataclass
from datetime import datetime

MANY_AN_HOUR = 30
"""Accesses are reported as unusual if one person opens at least this many patients' records within
one clock hour. Fewer records are opened in a meeting, because it takes minutes for each patient
[proposal].
"""

MOST_A_MINUTE = 60
"""Largest number of patients' records that one person can open within a minute. After that, the
person has to wait. The limit is one record a second, and nobody can read a record that fast
[proposal].
"""

NIGHT = (22, 6)
"""The hours of the day at which the night begins and ends, in Paris time. Accesses at night are
reported as unusual [proposal].
"""

AROUND_DAYS = 30
"""The reason for an access is searched within this number of days before and after the access. A
review, an agenda, a question or an answer about the patient is a reason [proposal].
"""

AT_LEAST_WITHOUT = 5
"""Accesses without a reason are reported if one person has opened the records of at least this many
patients without a reason. One or two such patients are normal in everyday work [proposal].
"""

SETTLED_DAYS = 7
"""Days from an access until it is checked for a reason. The review that explains an access may be
signed later than the access.
"""


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
    """Unusual accesses by one person. The medical lead should ask that person about them, because
    they may be legitimate.

    ``kind`` is ``many`` (many patients in an hour), ``night`` (at night) or ``without`` (without a
    reason). ``number`` counts the patients. ``cases`` are the episode ids of at most 20 of these
    patients.
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
