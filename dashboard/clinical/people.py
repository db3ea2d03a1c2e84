"""People: practitioners, and patients with the traits that identify them."""

from dataclasses import dataclass
from datetime import date

from dashboard.clinical.medication import age_on


class NamesNoPatient:
    """Data without any patient's name in its texts. While presenting, the texts are shown
    unchanged.
    """

    __slots__ = ()


@dataclass(frozen=True)
class Person(NamesNoPatient):
    """A practitioner, by name."""

    id: int
    family_name: str
    given_name: str


@dataclass(frozen=True)
class Identity:
    """The identity of a patient: the details by which clinicians check that they have the right
    patient.

    On a shared screen (``deidentification``), the names are initials and ``age`` replaces the birth
    date. The phone number and the INS are None.
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
        """Whether this identity is de-identified for a shared screen."""
        return self.birth_date is None

    def age_on(self, day: date) -> int:
        """Return the age on a day in completed years; while presenting, the stored age."""
        return (self.age or 0) if self.birth_date is None else age_on(self.birth_date, day)
