"""The sites, the practitioners who work there, and the team of each patient.

The ids of practitioners are computed from the number of practitioners in each role. The team of a
patient is therefore known without reading a table.
"""

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from dashboard.demo import names
from dashboard.demo.forecast import FORECAST, FORECAST_PATIENTS, programme_start
from dashboard.demo.rows import Practitioner, PractitionerSite, Site
from dashboard.vocabulary import Role

SITES, NURSES, PSYCHIATRISTS, GPS = 12, 8, 8, 80
"""The numbers of sites and practitioners for the 2,910 patients of the forecast.

A larger registry has proportionally more sites, nurses and GPs. It has more psychiatrists only if
``MOST_OPEN_EPISODES`` requires it.
"""

OPEN_SHARE = 0.31
"""The share of patients who are in care on the day of the registry: about 900 of 2,910."""

MOST_OPEN_EPISODES = 400
"""The approximate maximum number of open episodes of a psychiatrist.

A larger registry has more psychiatrists.
"""

_KINDS = ("msp", "msp", "centre_sante", "msp", "cabinet_groupe", "centre_sante", "cabinet_isole")
_KIND_NAMES = {
    "msp": "MSP",
    "centre_sante": "Centre de santé",
    "cabinet_groupe": "Cabinet",
    "cabinet_isole": "Cabinet du Dr",
}
_MAIN_SITE_SHARE = 0.62
_NEIGHBOUR_SHARE = 0.2
_GIVEN_NAMES = names.YOUNGER_WOMEN + names.OLDER_WOMEN + names.YOUNGER_MEN
_GOLDEN = (math.sqrt(5) - 1) / 2


@dataclass(frozen=True)
class Team:
    """The site and the care team of one patient, by id."""

    site: int
    nurse: int
    psychiatrist: int
    gp: int


@dataclass(frozen=True)
class Staff:
    """The number of sites, and the number of practitioners in each role.

    Practitioners have ids from 1, in this order: psychiatrists, nurses, GPs, and two leads.
    ``psychiatrists`` need not be a whole number. The last psychiatrist then has only the fraction
    of a full caseload.
    """

    sites: int
    nurses: int
    psychiatrists: float
    gps: int

    @property
    def first_nurse(self) -> int:
        """The lowest id of a nurse."""
        return math.ceil(self.psychiatrists) + 1

    @property
    def first_gp(self) -> int:
        """The lowest id of a GP."""
        return self.first_nurse + self.nurses

    @property
    def first_lead(self) -> int:
        """The lowest id of a lead."""
        return self.first_gp + self.gps

    def role_of(self, practitioner: int) -> str:
        """Return the role of the practitioner with this id."""
        if practitioner >= self.first_lead:
            return Role.LEAD
        if practitioner >= self.first_gp:
            return Role.GP
        return Role.NURSE if practitioner >= self.first_nurse else Role.PSYCHIATRIST

    def sites_of_nurse(self, nurse: int) -> list[int]:
        """Return the ids of the sites of a nurse. ``nurse`` is not an id, but counts from 0."""
        first, end = (math.ceil(place * self.sites / self.nurses) for place in (nurse, nurse + 1))
        return list(range(first + 1, end + 1))

    def gps_of_site(self, site: int) -> range:
        """Return the ids of the GPs of a site."""
        return range(self.first_gp + site - 1, self.first_gp + self.gps, self.sites)


def staff_for(patients: int, caseload: int | None = None) -> Staff:
    """Return the numbers of sites and practitioners for a number of patients.

    ``caseload`` is the approximate number of open episodes of each psychiatrist. The last
    psychiatrist has the rest. If ``caseload`` is None, there are eight psychiatrists, or more if
    ``MOST_OPEN_EPISODES`` requires it.
    """
    scale = max(1.0, patients / FORECAST_PATIENTS)
    in_care = OPEN_SHARE * patients
    if caseload is None:
        psychiatrists = max(float(PSYCHIATRISTS), in_care / MOST_OPEN_EPISODES)
    else:
        psychiatrists = max(1.0, in_care / caseload)
    return Staff(
        sites=round(SITES * scale),
        nurses=round(NURSES * scale),
        psychiatrists=psychiatrists,
        gps=round(GPS * scale),
    )


def team_of(rng: Random, staff: Staff, patient: int, nurses_at_work: float) -> Team:
    """Return the team of a patient. ``patient`` is the number of the patient.

    Patients are divided evenly among the nurses who have begun work. ``nurses_at_work`` is the
    number of these nurses divided by the number of all nurses. A psychiatrist works with nurses of
    adjacent numbers. Some patients of a nurse belong to the next psychiatrist.
    """
    place = (patient * _GOLDEN) % 1.0 * nurses_at_work
    nurse = int(place * staff.nurses)
    sites = staff.sites_of_nurse(nurse)
    site = sites[0] if rng.random() < _MAIN_SITE_SHARE else sites[-1]
    if rng.random() < _NEIGHBOUR_SHARE:
        place = (place + 1 / staff.psychiatrists) % 1.0
    return Team(
        site=site,
        nurse=staff.first_nurse + nurse,
        psychiatrist=1 + int(place * staff.psychiatrists),
        gp=rng.choice(staff.gps_of_site(site)),
    )


def staff_rows(rng: Random, staff: Staff, as_of: date) -> Iterator[NamedTuple]:
    """Yield the rows of the sites, of the practitioners, and of the places where they work."""
    family_names = list(names.FAMILY_NAMES)
    rng.shuffle(family_names)
    yield from _sites(rng, staff, as_of)
    for id_ in range(1, staff.first_lead + 2):
        yield _practitioner(rng, staff, id_, family_names)
    yield from _places_of_work(staff)


def _practitioner(rng: Random, staff: Staff, id_: int, family_names: Sequence[str]) -> Practitioner:
    """Return the row of the practitioner with the id ``id_``.

    A family name is used again only after all family names have been used.
    """
    family_name = family_names[(id_ - 1) % len(family_names)]
    given_name = rng.choice(_GIVEN_NAMES)
    number = "" if id_ <= len(family_names) else str(id_)
    address = f"{ascii_name(given_name)}.{ascii_name(family_name)}{number}@mssante.example"
    role = staff.role_of(id_)
    return Practitioner(
        id=id_,
        role=role,
        family_name=family_name,
        given_name=given_name,
        # The number begins with 99, because real RPPS numbers begin with 1 or 8.
        rpps=f"99{id_:09d}" if role in (Role.PSYCHIATRIST, Role.GP) else None,
        secure_email=address if rng.random() < 0.95 else None,
        active=True,
    )


def _places_of_work(staff: Staff) -> Iterator[PractitionerSite]:
    """Yield the rows that assign sites to nurses and GPs, and four sites to the second lead.

    The first lead has no such row, which means access to all sites.
    """
    for nurse in range(staff.nurses):
        for site in staff.sites_of_nurse(nurse):
            yield PractitionerSite(staff.first_nurse + nurse, site)
    for site in range(1, staff.sites + 1):
        for gp in staff.gps_of_site(site):
            yield PractitionerSite(gp, site)
    for site in range(1, 5):
        yield PractitionerSite(staff.first_lead + 1, site)


def _sites(rng: Random, staff: Staff, as_of: date) -> Iterator[Site]:
    departments = list(names.DEPARTMENTS)
    for number in range(staff.sites):
        department = departments[number % len(departments)]
        kind = _KINDS[number % len(_KINDS)]
        opened_on = _work_begins(staff, number * staff.nurses // staff.sites, as_of)
        yield Site(
            id=number + 1,
            name=_site_name(rng, kind, names.DEPARTMENTS[department]),
            department=department,
            kind=kind,
            opened_on=opened_on - timedelta(days=int(rng.random() * 40)),
        )


def _site_name(rng: Random, kind: str, towns: tuple[str, ...]) -> str:
    if kind == "cabinet_isole":
        return f"{_KIND_NAMES[kind]} {rng.choice(names.FAMILY_NAMES)}, {rng.choice(towns)}"
    return f"{_KIND_NAMES[kind]} {rng.choice(names.PLACE_NAMES)}, {rng.choice(towns)}"


def _work_begins(staff: Staff, nurse: int, as_of: date) -> date:
    """Return the day on which a nurse begins work. This day is the first day of a period of the
    forecast.

    ``nurse`` counts from 0.
    """
    months = 0
    for period in FORECAST:
        if nurse < period.nurses / FORECAST[-1].nurses * staff.nurses:
            break
        months += period.months
    return programme_start(as_of) + timedelta(days=round(months * 30.44))


def ascii_name(name: str) -> str:
    """Return a name in lower-case ASCII letters and hyphens, for a mail address or a username."""
    decomposed = unicodedata.normalize("NFKD", name.replace("ı", "i").replace("ł", "l"))
    letters = [letter for letter in decomposed.lower() if letter.isascii() and letter != "'"]
    return "".join(letter if letter.isalpha() else "-" for letter in letters)
