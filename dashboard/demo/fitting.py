"""Choice of texts that fit a patient.

``TAKES_FOR_GRANTED`` contains the conditions under which a text fits a patient. A text without a
condition fits every patient.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Protocol, TypeVar

from dashboard.clinical.medication import ADEQUATE_TRIAL_DAYS, ANTIDEPRESSANTS
from dashboard.demo import texts

RETIRED_FROM = 67
"""The age in years from which a patient is retired, so that no text may say that they work."""

LATELY = timedelta(days=60)
_BENZODIAZEPINES = ("N05BA", "N05CD", "N05CF")

Text = TypeVar("Text", str, str | None)


class Drug(Protocol):
    """A drug that a patient takes at one dose over one period.

    Rows of the generator and facts read from the registry both have these attributes.
    """

    @property
    def atc_code(self) -> str: ...
    @property
    def daily_dose_mg(self) -> float | Decimal | None: ...
    @property
    def started_on(self) -> date: ...
    @property
    def stopped_on(self) -> date | None: ...


@dataclass(frozen=True)
class Circumstances:
    """The facts about a patient on one day that decide which texts fit."""

    antidepressant: bool = False
    any_drug: bool = False
    benzodiazepine: bool = False
    antidepressant_stopped: bool = False
    dose_raised: bool = False
    ideation: bool = False
    severe_screen: bool = False
    works: bool = True
    in_relapse_prevention: bool = False
    scores: int = 0
    well_taken: bool = False
    on_short_course: bool = False


Condition = Callable[[Circumstances], bool]


def _takes_antidepressant(one: Circumstances) -> bool:
    return one.antidepressant


def _takes_no_antidepressant(one: Circumstances) -> bool:
    return not one.antidepressant


def _takes_a_drug(one: Circumstances) -> bool:
    return one.any_drug


def _takes_no_drug(one: Circumstances) -> bool:
    return not one.any_drug


def _works(one: Circumstances) -> bool:
    return one.works


def _has_ideation(one: Circumstances) -> bool:
    return one.ideation


TAKES_FOR_GRANTED: Mapping[str, Condition] = {
    # Conditions of the texts of questions.
    "Première présentation : faut-il proposer un antidépresseur d’emblée ?": (
        _takes_no_antidepressant
    ),
    "Benzodiazépine au long cours à l’entrée : comment organiser le sevrage ?": (
        lambda one: one.benzodiazepine
    ),
    "Va bien depuis plusieurs semaines : passage en prévention de la rechute ?": (
        lambda one: not one.in_relapse_prevention
    ),
    "Souhaite arrêter l’antidépresseur, qu’en pensez-vous ?": _takes_antidepressant,
    "Se plaint de troubles sexuels sous traitement, faut-il changer ?": _takes_antidepressant,
    "Reprise du travail à temps partiel demandée, est-ce le moment ?": _works,
    "Réponse partielle : augmenter la dose ou attendre encore ?": _takes_antidepressant,
    "Réponse partielle aux entretiens seuls : ajouter un traitement ?": _takes_no_drug,
    "Stagne depuis deux questionnaires. Changer de molécule ?": (
        lambda one: one.antidepressant and one.scores > 1
    ),
    "Nausées depuis l’augmentation, le médecin hésite à poursuivre.": (
        lambda one: one.antidepressant and one.dose_raised
    ),
    "Pas d’amélioration malgré le traitement bien pris. Que changer ?": (
        lambda one: one.antidepressant and one.well_taken
    ),
    "Refuse les médicaments : quelle psychothérapie privilégier ?": _takes_no_drug,
    "S’aggrave depuis l’arrêt du traitement. Quelle conduite tenir ?": (
        lambda one: one.antidepressant_stopped and not one.antidepressant
    ),
    "Idées noires exprimées, plan de sécurité fait. Faut-il un avis en présentiel ?": _has_ideation,
    # Conditions of the notes of flags.
    "Item 9 positif, plan de sécurité fait ou revu.": _has_ideation,
    "Idées suicidaires exprimées au téléphone, entourage prévenu.": _has_ideation,
    "C-SSRS positif, médecin traitant joint le jour même.": lambda one: one.severe_screen,
    "À discuter : observance douteuse.": _takes_a_drug,
    "Effets indésirables rapportés, à discuter.": _takes_a_drug,
    "Prolongation de l’arrêt de travail en question.": _works,
    # Conditions of the closing words of summaries.
    "Retentissement important au travail.": _works,
    "Marge d’optimisation du traitement.": _takes_antidepressant,
    "Observance à vérifier avant de conclure.": _takes_a_drug,
    "Facteur de stress professionnel persistant.": _works,
    "À examiner : dose, observance, comorbidités.": _takes_antidepressant,
    "Durée de traitement encore courte.": lambda one: one.on_short_course,
    "Traitement interrompu ou mal pris.": lambda one: one.antidepressant_stopped,
    # Conditions of the notes of contacts.
    "Reprise du travail sans difficulté. Espacement des appels convenu.": _works,
    "Situation au travail inchangée, arrêt prolongé par le médecin traitant.": _works,
    "Rendez-vous annulé le jour même, garde d’enfant.": _works,
    # Conditions of the reasons in answers.
    "Ne souhaite pas de médicament.": _takes_no_drug,
}
"""The condition of each text that fits only some patients, by text."""


def fitting(choices: Iterable[Text], circumstances: Circumstances) -> list[Text]:
    """Return the texts in ``choices`` that fit the circumstances, in the same order."""
    return [
        text
        for text in choices
        if text is None or TAKES_FOR_GRANTED.get(text, _always)(circumstances)
    ]


def one_that_fits(rng: Random, choices: Sequence[Text], circumstances: Circumstances) -> Text:
    """Return a random text that fits the circumstances.

    At least one of the ``choices`` must fit every patient.
    """
    return rng.choice(fitting(choices, circumstances))


def question_for(rng: Random, state: str, circumstances: Circumstances) -> str:
    """Return a random question of the nurse that fits the patient's state and circumstances."""
    return one_that_fits(rng, texts.QUESTIONS[state], circumstances)


def circumstances_of(
    drugs: Iterable[Drug],
    day: date,
    *,
    age: int,
    ninth_item: int | None = None,
    severe_screen: bool = False,
    in_relapse_prevention: bool = False,
    scores: int = 0,
    well_taken: bool = False,
) -> Circumstances:
    """Return the circumstances of a patient on ``day``.

    ``drugs`` are the current and earlier drugs. ``scores`` is the number of completed PHQ-9 forms.
    ``well_taken`` is true if the antidepressant is known to be taken as prescribed.
    """
    begun = [one for one in drugs if one.started_on <= day]
    taken = [one for one in begun if one.stopped_on is None or one.stopped_on > day]
    ended = [one for one in begun if one.stopped_on is not None and one.stopped_on <= day]
    return Circumstances(
        antidepressant=any(one.atc_code in ANTIDEPRESSANTS for one in taken),
        any_drug=bool(taken),
        benzodiazepine=any(one.atc_code.startswith(_BENZODIAZEPINES) for one in taken),
        antidepressant_stopped=any(one.atc_code in ANTIDEPRESSANTS for one in ended),
        dose_raised=any(_raises(one, ended, day) for one in taken),
        ideation=bool(ninth_item),
        severe_screen=severe_screen,
        works=age < RETIRED_FROM,
        in_relapse_prevention=in_relapse_prevention,
        scores=scores,
        well_taken=well_taken,
        on_short_course=_on_short_course(begun, taken, day),
    )


def _on_short_course(begun: Iterable[Drug], taken: Iterable[Drug], day: date) -> bool:
    """Return whether each antidepressant that is taken began less than an adequate trial before
    ``day``, at any dose. Return False if none is taken.
    """
    current = {one.atc_code for one in taken if one.atc_code in ANTIDEPRESSANTS}
    first = [min(o.started_on for o in begun if o.atc_code == code) for code in current]
    return bool(first) and (day - min(first)).days < ADEQUATE_TRIAL_DAYS


def _raises(drug: Drug, ended: Iterable[Drug], day: date) -> bool:
    """Return whether ``drug`` is an antidepressant whose dose was raised in the last 60 days.

    ``ended`` contains the earlier rows of drugs, each for a period that has ended.
    """
    if drug.started_on <= day - LATELY or drug.atc_code not in ANTIDEPRESSANTS:
        return False
    return any(
        one.atc_code == drug.atc_code
        and one.stopped_on == drug.started_on
        and float(one.daily_dose_mg or 0) < float(drug.daily_dose_mg or 0)
        for one in ended
    )


def _always(_one: Circumstances) -> bool:
    return True
