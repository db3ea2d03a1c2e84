"""The diagnoses of patients and their severity at entry."""

from dataclasses import dataclass
from itertools import accumulate
from random import Random

from dashboard.demo.stays import Stay
from dashboard.vocabulary import SequenceKind


@dataclass(frozen=True)
class Diagnosis:
    """A diagnosis with its relative frequency ``weight`` and its mean scores at entry.

    ``phq9`` and ``gad7`` are the means of patients in classic care. ``problems`` are texts for the
    problem that the patient presents.
    """

    weight: float
    code: str | None
    label: str | None
    phq9: float
    gad7: float
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Picture:
    """A patient's state at entry.

    ``phq9`` and ``gad7`` are the expected scores; the scores of completed questionnaires vary
    around them at random. ``ideation``, from 0 to 1, is the tendency to answer item 9 above 0.
    """

    diagnosis: Diagnosis
    phq9: float
    gad7: float
    ideation: float
    sleepless: bool

    @property
    def is_anxious(self) -> bool:
        """Whether the patient's anxiety is marked compared with the depression."""
        return self.gad7 > self.phq9 * 0.85


_DEPRESSIVE = (
    "Épisode dépressif",
    "Tristesse et perte d’élan depuis plusieurs mois",
    "Dépression après une perte d’emploi",
    "Épuisement professionnel avec dépression",
    "Rechute dépressive",
    "Dépression et douleurs chroniques",
)
_ANXIOUS = (
    "Inquiétudes permanentes et troubles du sommeil",
    "Attaques de panique",
    "Anxiété et ruminations au travail",
    "Anxiété depuis une séparation",
    "Anxiété centrée sur la santé",
    "Anxiété et consommation de benzodiazépines",
)
_STRESS = (
    "Réaction à un deuil",
    "Réaction à un conflit au travail",
    "Réaction à une séparation",
    "Suites d’une agression",
    "Suites d’un accident de la route",
)

DIAGNOSES = (
    Diagnosis(5, "F32.0", "Épisode dépressif léger", 11.5, 9, _DEPRESSIVE),
    Diagnosis(13, "F32.1", "Épisode dépressif moyen", 15.5, 10, _DEPRESSIVE),
    Diagnosis(
        5, "F32.2", "Épisode dépressif sévère sans symptômes psychotiques", 19.5, 12, _DEPRESSIVE
    ),
    Diagnosis(
        7, "F33.1", "Trouble dépressif récurrent, épisode actuel moyen", 16, 10.5, _DEPRESSIVE
    ),
    Diagnosis(
        3, "F33.2", "Trouble dépressif récurrent, épisode actuel sévère", 19.5, 12, _DEPRESSIVE
    ),
    Diagnosis(2, "F34.1", "Dysthymie", 12.5, 9, _DEPRESSIVE),
    Diagnosis(1, None, None, 13, 11, _DEPRESSIVE),
    Diagnosis(20, "F41.1", "Anxiété généralisée", 11, 14.5, _ANXIOUS),
    Diagnosis(19, "F41.2", "Trouble anxieux et dépressif mixte", 12.5, 13.5, _ANXIOUS),
    Diagnosis(9, "F41.0", "Trouble panique", 9.5, 14.5, _ANXIOUS),
    Diagnosis(1.5, "F40.1", "Phobies sociales", 10.5, 13.5, _ANXIOUS),
    Diagnosis(9, "F43.2", "Troubles de l’adaptation", 12.5, 12, _STRESS),
    Diagnosis(4, "F43.1", "État de stress post-traumatique", 14.5, 14, _STRESS),
    Diagnosis(1.5, "F51.0", "Insomnie non organique", 9, 8, ("Insomnie",)),
)
_DIAGNOSIS_SUMS = tuple(accumulate(diagnosis.weight for diagnosis in DIAGNOSES))


def picture_of(rng: Random, stay: Stay) -> Picture:
    """Return a random state of a patient at entry. Scores are lower in light care."""
    diagnosis = rng.choices(DIAGNOSES, cum_weights=_DIAGNOSIS_SUMS)[0]
    lighter = 0.62 if stay.kind == SequenceKind.LIGHT else 1.0
    common = rng.gauss(0, 0.19)
    phq9 = diagnosis.phq9 * lighter * (1 + common + rng.gauss(0, 0.12))
    gad7 = diagnosis.gad7 * lighter * (1 + common + rng.gauss(0, 0.14))
    ideates = rng.random() < 0.12 + 0.025 * max(0.0, phq9 - 9)
    return Picture(
        diagnosis=diagnosis,
        phq9=min(25.5, max(3.0, phq9)),
        gad7=min(20.5, max(2.0, gad7)),
        ideation=rng.uniform(0.3, 1) if ideates else 0.0,
        sleepless=rng.random() < 0.3 or diagnosis.code == "F51.0",
    )
