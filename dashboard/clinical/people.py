"""People: practitioners, and patients with the traits that identify them."""

from dataclasses import dataclass
from datetime import date

from dashboard.clinical.medication import age_on


class NamesNoPatient:
    """Data whose texts never name a patient, and so are shown as they are while presenting."""

    __slots__ = ()


@dataclass(frozen=True)
class Person(NamesNoPatient):
    """A practitioner, by name."""

    id: int
    family_name: str
    given_name: str


@dataclass(frozen=True)
class Identity:
    """Who the patient is: the traits that a decision is checked against.

    On a shared screen (``deidentification``) the names are initials, ``age`` stands in the place of
    the birth date, and the numbers are none.
    """

    patient_id: int
    family_name: str
    given_name: str
    birth_date: date | None
    sex: str
    ins: str | None
    phone: str | None
    age: int | None = None

    @property
    def is_presented(self) -> bool:
        """Whether this is what a shared screen shows."""
        return self.birth_date is None

    def age_on(self, day: date) -> int:
        """Completed years on a day; presented, those on the day of the file."""
        return (self.age or 0) if self.birth_date is None else age_on(self.birth_date, day)
