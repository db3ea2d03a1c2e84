"""The container for the rows of one patient, with its ids and its random generator."""

from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import NamedTuple

from dashboard.demo.pictures import Picture
from dashboard.demo.rows import Patient
from dashboard.demo.staff import Team
from dashboard.demo.stays import Stay

_IDS_PER_PATIENT = 1000
_UUID_4 = (4 << 76) | (2 << 62)
_UUID_BITS = (1 << 128) - 1 - (0xF << 76) - (0x3 << 62)


def chance_of(seed: int, what: object) -> Random:
    """Return a random generator for one patient or one part of the registry, named by ``what``."""
    # The seed is a string, because Python's generator then gives the same numbers on every machine.
    return Random(f"{seed}/{what}")  # noqa: S311  # nosec B311


def uuid_of(rng: Random) -> str:
    """Return a UUID of version 4, made with ``rng``, as 32 hexadecimal digits."""
    return f"{rng.getrandbits(128) & _UUID_BITS | _UUID_4:032x}"


@dataclass
class Record:
    """The rows of one patient, in the order in which they are made.

    Each patient has a separate random generator and a separate range of ids. The rows of a patient
    therefore do not depend on the other patients, or on the order in which patients are made.
    """

    rng: Random
    patient: Patient
    team: Team
    rows: list[NamedTuple] = field(default_factory=list)
    _ids: int = 0

    def next_id(self) -> int:
        """Return a new id that is higher than all previous ids of the patient."""
        self._ids += 1
        return self.patient.id * _IDS_PER_PATIENT + self._ids

    def uuid(self) -> str:
        """Return a UUID of version 4 from the patient's own random generator."""
        return uuid_of(self.rng)


@dataclass(frozen=True)
class Episode:
    """An episode that is being made: its id, its dates (``stay``), and the patient's state at
    entry.
    """

    id: int
    stay: Stay
    picture: Picture

    def days_since_enrolment(self, day: date) -> int:
        """Return the number of days from enrolment to ``day``. It is negative before enrolment."""
        return (day - self.stay.enrolled_on).days
