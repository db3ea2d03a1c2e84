"""What is written down of one patient, in the order in which it is told."""

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
    """A source of chance of its own for one patient, or one part of the registry."""
    # Seeded with a text, Python's generator gives the same on every machine.
    return Random(f"{seed}/{what}")  # noqa: S311  # nosec B311


def uuid_of(rng: Random) -> str:
    """A UUID of version 4, drawn from this source of chance."""
    return f"{rng.getrandbits(128) & _UUID_BITS | _UUID_4:032x}"


@dataclass
class Record:
    """One patient's rows. Chance and ids are the patient's own, so each patient's story
    is the same whoever else is told of, and in whatever order."""

    rng: Random
    patient: Patient
    team: Team
    rows: list[NamedTuple] = field(default_factory=list)
    _ids: int = 0

    def next_id(self) -> int:
        """An id that no other row has; a later call gives a higher one."""
        self._ids += 1
        return self.patient.id * _IDS_PER_PATIENT + self._ids

    def uuid(self) -> str:
        """A UUID of version 4, drawn from the patient's own chance."""
        return uuid_of(self.rng)


@dataclass(frozen=True)
class Episode:
    """An episode being told: its id, its course through the programme, what the patient has."""

    id: int
    stay: Stay
    picture: Picture

    def days_since_enrolment(self, day: date) -> int:
        return (day - self.stay.enrolled_on).days
