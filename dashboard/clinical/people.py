"""People: practitioners, and patients with the traits that identify them."""

from dataclasses import dataclass
from datetime import date

from dashboard.clinical.medication import age_on


class NamesNoPatient:
    """Data whose texts never name a patient; while presenting, they are shown unchanged."""

    __slots__ = ()


@dataclass(frozen=True)
class Person(NamesNoPatient):
    """A practitioner, by name."""

    id: int
    family_name: str
    given_name: str


@dataclass(frozen=True)
class Identity:
    """The identity of a patient: the traits that a decision is checked against.

    On a shared screen (``deidentification``) the names are initials, ``age`` replaces the birth
    date, and the phone number and INS are None.
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
        """Whether this is the identity shown on a shared screen."""
        return self.birth_date is None

    def age_on(self, day: date) -> int:
        """Return the age on a day in completed years; while presenting, the stored age."""
        return (self.age or 0) if self.birth_date is None else age_on(self.birth_date, day)
