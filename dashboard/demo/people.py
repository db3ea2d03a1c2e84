"""The identities of synthetic patients. Their numbers cannot belong to a real person."""

from datetime import date, timedelta
from random import Random

from dashboard.demo import names
from dashboard.demo.rows import Patient
from dashboard.vocabulary import Sex

_WOMEN = 0.66
_YOUNGER_FROM = 1975
_DEPARTMENTS = tuple(names.DEPARTMENTS)


def person(rng: Random, number: int, as_of: date) -> Patient:
    """Return a random adult patient with the id ``number``, for a registry on ``as_of``."""
    sex = Sex.FEMALE if rng.random() < _WOMEN else Sex.MALE
    birth_date = as_of - timedelta(days=int(365.25 * rng.triangular(21.5, 88, 38)))
    family_name = rng.choice(names.FAMILY_NAMES)
    return Patient(
        id=number,
        family_name=family_name,
        given_name=_given_name(rng, sex, birth_date),
        birth_date=birth_date,
        sex=sex if rng.random() < 0.998 else "unknown",
        ins=_ins(rng, sex, birth_date) if rng.random() < 0.95 else None,
        phone=_phone(rng) if rng.random() < 0.97 else None,
    )


def _given_name(rng: Random, sex: str, birth_date: date) -> str:
    if birth_date.year < _YOUNGER_FROM:
        return rng.choice(names.OLDER_WOMEN if sex == Sex.FEMALE else names.OLDER_MEN)
    return rng.choice(names.YOUNGER_WOMEN if sex == Sex.FEMALE else names.YOUNGER_MEN)


def _ins(rng: Random, sex: str, birth_date: date) -> str:
    """Return a national health number (INS) of fifteen digits.

    It begins with 0, which no real number does.
    """
    sex_digit = 2 if sex == Sex.FEMALE else 1
    department = rng.choice(_DEPARTMENTS)
    return f"0{sex_digit}{birth_date:%y%m}{department}{int(rng.random() * 10**7):07d}"


def _phone(rng: Random) -> str:
    """Return a random phone number that the French regulator has reserved for fiction."""
    start = "01 99 00" if rng.random() < 0.2 else "06 39 98"
    return f"{start} {int(rng.random() * 100):02d} {int(rng.random() * 100):02d}"
