"""The rows of one patient, in the order in which they are made."""

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
    """Return a random generator for one patient, or for one part of the registry."""
    # The seed is a text, because Python's generator then gives the same numbers on every machine.
    return Random(f"{seed}/{what}")  # noqa: S311  # nosec B311


def uuid_of(rng: Random) -> str:
    """Return a UUID of version 4 from this generator, as 32 hexadecimal digits."""
    return f"{rng.getrandbits(128) & _UUID_BITS | _UUID_4:032x}"


@dataclass
class Record:
    """One patient's rows.

    Each patient has a separate random generator and separate ids. So a patient's story does not
    depend on the other patients, or on the order in which they are made.
    """

    rng: Random
    patient: Patient
    team: Team
    rows: list[NamedTuple] = field(default_factory=list)
    _ids: int = 0

    def next_id(self) -> int:
        """Return an id that no other row has. It is higher than the previous ids of the patient."""
        self._ids += 1
        return self.patient.id * _IDS_PER_PATIENT + self._ids

    def uuid(self) -> str:
        """Return a UUID of version 4 from the patient's own generator."""
        return uuid_of(self.rng)


@dataclass(frozen=True)
class Episode:
    """An episode in the making: its id, its stay in the programme, the patient's state at entry."""

    id: int
    stay: Stay
    picture: Picture

    def days_since_enrolment(self, day: date) -> int:
        """Return the days from enrolment to a day; negative before it."""
        return (day - self.stay.enrolled_on).days
