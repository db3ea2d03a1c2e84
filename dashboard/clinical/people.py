"""People: practitioners, and patients with the details that identify them."""

from dataclasses import dataclass
from datetime import date

from dashboard.clinical.medication import age_on


class NamesNoPatient:
    """Base class of data whose texts never name a patient. These texts are shown unchanged on a
    shared screen.
    """

    __slots__ = ()


@dataclass(frozen=True)
class Person(NamesNoPatient):
    """A practitioner, with id and name."""

    id: int
    family_name: str
    given_name: str


@dataclass(frozen=True)
class Identity:
    """The identity of a patient: the details by which clinicians check that they have the right
    patient.

    On a shared screen (``deidentification``), the names are initials and ``age`` replaces the birth
    date. ``birth_date``, ``phone`` and ``ins`` (the national health identity) are then None.
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
        """Whether the identity is de-identified for a shared screen."""
        return self.birth_date is None

    def age_on(self, day: date) -> int:
        """Return the age on ``day``, in completed years. For a de-identified identity, which has no
        birth date, return the stored ``age``.
        """
        return (self.age or 0) if self.birth_date is None else age_on(self.birth_date, day)
