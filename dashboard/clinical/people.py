"""People: practitioners, and patients with the details that identify them."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol
from unicodedata import combining, normalize

from dashboard.clinical.medication import age_on


class NamesNoPatient:
    """Base class of data whose texts never name a patient. These texts are shown unchanged on a
    shared screen.
    """

    __slots__ = ()


class Named(Protocol):
    """Somebody with an id and a name."""

    @property
    def id(self) -> int: ...
    @property
    def family_name(self) -> str: ...
    @property
    def given_name(self) -> str: ...


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


def folded(text: str) -> str:
    """Return the text in lower case and without accents, for searching and sorting names.

    A database may sort the letters with accents after z, and a reader may type a name without them.
    """
    spelled = text.casefold().replace("œ", "oe").replace("æ", "ae")
    return "".join(letter for letter in normalize("NFKD", spelled) if not combining(letter))


def in_order(person: Named) -> tuple[str, str, int]:
    """Return the key by which people are sorted: family name, given name, id."""
    return folded(person.family_name), folded(person.given_name), person.id
