"""The conditions of a patient besides the psychiatric diagnosis, with pregnancy and long QT
syndrome.
"""

from datetime import date, timedelta
from random import Random

from dashboard.demo.record import Record
from dashboard.demo.rows import Condition
from dashboard.demo.stays import Stay
from dashboard.vocabulary import Sex

LONG_QT = "I45.8"
PREGNANCY = "Z33"

_Found = tuple[str, str, date | None, date | None]
"""The ICD-10 code, the label, the day of onset and the day of resolution of a condition."""


def conditions_of(record: Record, stay: Stay) -> list[Condition]:
    """Return the conditions that the patient has besides the psychiatric diagnosis."""
    rng, patient = record.rng, record.patient
    age = (stay.enrolled_on - patient.birth_date).days / 365.25
    found: list[_Found] = [
        (code, label, _long_ago(rng, stay), None)
        for share, common_from, code, label in _OTHER_CONDITIONS
        if rng.random() < (share if age >= common_from else share / 4)
    ]
    if rng.random() < 0.004:
        found.append((LONG_QT, "Syndrome du QT long", _long_ago(rng, stay), None))
    if patient.sex == Sex.FEMALE and 19 < age < 43 and rng.random() < 0.045:
        found.append(_pregnancy(rng, stay))
    return [Condition(record.next_id(), patient.id, *one) for one in found]


def _long_ago(rng: Random, stay: Stay) -> date | None:
    if rng.random() < 0.3:
        return None
    return stay.enrolled_on - timedelta(days=200 + int(rng.random() * 4000))


def _pregnancy(rng: Random, stay: Stay) -> _Found:
    """Return a pregnancy.

    Its onset in the registry is the day on which the pregnancy becomes known, in about the second
    month. The birth is 215 days later.
    """
    told = (stay.last_day - stay.enrolled_on).days + 100
    onset_on = stay.last_day - timedelta(days=int(rng.random() * told))
    birth = onset_on + timedelta(days=215)
    return PREGNANCY, "Grossesse", onset_on, birth if birth <= stay.last_day else None


# Each condition is given as a share of patients (0 to 1), an age in years, a code and a label. The
# share applies to patients of this age or older. In younger patients, the condition is only a
# quarter as frequent.
_OTHER_CONDITIONS = (
    (0.13, 45, "I10", "Hypertension essentielle"),
    (0.06, 45, "E11.9", "Diabète de type 2 sans complication"),
    (0.05, 30, "E03.9", "Hypothyroïdie"),
    (0.09, 25, "M54.5", "Lombalgie basse"),
    (0.06, 18, "G43.9", "Migraine"),
    (0.05, 18, "J45.9", "Asthme"),
    (0.04, 35, "E66.9", "Obésité"),
    (0.03, 40, "G47.3", "Apnée du sommeil"),
    (0.04, 18, "F17.2", "Dépendance au tabac"),
    (0.025, 25, "F10.1", "Usage d’alcool nocif pour la santé"),
    (0.02, 35, "M79.7", "Fibromyalgie"),
    (0.015, 60, "I25.9", "Cardiopathie ischémique chronique"),
)
