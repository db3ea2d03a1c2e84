"""The advice of a psychiatrist in a review, chosen by the scores and the treatment on that day."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from random import Random

from dashboard.clinical.advice.lines import SAFETY_DUE_DAYS
from dashboard.clinical.medication import ANTIDEPRESSANTS, CITALOPRAMS
from dashboard.demo.drugs import (
    HYDROXYZINE,
    SECOND_ANTIDEPRESSANTS,
    SERTRALINE,
    Drug,
    first_antidepressant,
)
from dashboard.demo.fitting import RETIRED_FROM
from dashboard.demo.regimen import DOSE_CHANGED, Change, Regimen
from dashboard.demo.situations import Situation
from dashboard.vocabulary import (
    CareKind,
    MedicationAction,
    RecommendationKind,
    Role,
    SequenceAction,
    SequenceKind,
)


@dataclass(frozen=True)
class Advice:
    """One recommendation of the psychiatrist.

    ``due_in`` is the number of days from the review to the due date. ``replaced`` is the drug that
    a switch replaces. ``change`` is the change of treatment, and ``care`` the kind of psychosocial
    care that begins, if the advice is followed.
    """

    kind: str
    detail: str
    owner_role: str
    due_in: int
    action: str | None = None
    drug: Drug | None = None
    dose: float | None = None
    titration: str | None = None
    alternative: str | None = None
    change: Change | None = None
    care: str | None = None
    replaced: Drug | None = None
    about: str | None = None
    """The topic that the answers to this advice are about. If ``about`` is None, the topic is the
    action or, without an action, the kind of recommendation.
    """

    @property
    def topic(self) -> str:
        """The key of ``texts.ANSWER_TEXTS`` for the answers to this advice."""
        drug_action = self.action if self.kind == RecommendationKind.MEDICATION else None
        return self.about or drug_action or self.kind


def advice_for(rng: Random, situation: Situation, regimen: Regimen) -> list[Advice]:
    """Return one to three recommendations, most urgent first.

    The list is empty for some patients who are well.
    """
    if situation.state == "well" and not situation.ninth_item and rng.random() < 0.35:
        return []
    most = 1 if rng.random() < 0.35 else 2 if rng.random() < 0.75 else 3
    ideas = (advice for idea in _IDEAS for advice in idea(rng, situation, regimen))
    return list(islice(ideas, most)) or [_keep_going(rng, situation)]


Idea = Callable[[Random, Situation, Regimen], Iterator[Advice]]


def _safety(rng: Random, situation: Situation, regimen: Regimen) -> Iterator[Advice]:
    if situation.ninth_item:
        yield Advice(
            RecommendationKind.SAFETY,
            rng.choice(_SAFETY),
            Role.NURSE,
            SAFETY_DUE_DAYS,
            alternative="médecin traitant le jour même, sinon SAMU 15 ou 3114",
        )


_SAFETY = (
    "Réévaluer le risque suicidaire par entretien, mettre à jour le plan de sécurité, joindre"
    " un proche avec l’accord du patient",
    "Revoir le plan de sécurité avec le patient, accès aux moyens à aborder, appel à 48 h",
    "C-SSRS à refaire en entretien, délivrance fractionnée à demander au médecin traitant",
)


def _unwelcome_combination(rng: Random, situation: Situation, regimen: Regimen) -> Iterator[Advice]:
    antidepressant = regimen.taken("antidepressant")
    if (
        antidepressant
        and antidepressant.atc_code in CITALOPRAMS
        and regimen.taken("sedative")
        and rng.random() < 0.3
    ):
        yield Advice(
            RecommendationKind.MEDICATION,
            "",
            Role.GP,
            3,
            action=MedicationAction.STOP,
            drug=HYDROXYZINE,
            titration=f"d’emblée (contre-indication avec {antidepressant.name}, QT)",
            alternative="relaxation et hygiène du sommeil avec l’IDE",
            change=Change(
                situation.day, MedicationAction.STOP, HYDROXYZINE, reason="contre-indication"
            ),
        )


def _antidepressant(rng: Random, situation: Situation, regimen: Regimen) -> Iterator[Advice]:
    drug = regimen.drug("antidepressant")
    if situation.state == "unmeasured" or regimen.awaits("antidepressant"):
        return
    if drug is None:
        yield from _start(rng, situation, regimen)
    elif _is_too_much(regimen, drug):
        if rng.random() < 0.35:
            yield _lower_dose(rng, situation, regimen, drug)
    elif situation.state in ("well", "improved"):
        yield from _continue(rng, situation, regimen, drug)
    else:
        yield from _optimise(rng, situation, regimen, drug)


def _start(rng: Random, situation: Situation, regimen: Regimen) -> Iterator[Advice]:
    severe_enough = max(situation.latest or 0, situation.gad7 or 0) >= 12
    wanted = rng.random() < (0.15 if situation.stay.kind == SequenceKind.LIGHT else 0.6)
    if not severe_enough or not wanted or situation.state in ("well", "improved"):
        return
    drug = first_antidepressant(rng)
    if not regimen.suits(drug):
        drug = SERTRALINE
    low, target = drug.doses[0], drug.doses[1]
    yield _medication(
        situation,
        MedicationAction.START,
        drug,
        target,
        titration=f"{_mg(low)} pendant 7 jours, puis {_mg(target)} (symptômes marqués)",
        alternative=_other_than(rng, regimen, drug),
        change=Change(situation.day, MedicationAction.START, drug, target),
    )


def _continue(rng: Random, situation: Situation, regimen: Regimen, drug: Drug) -> Iterator[Advice]:
    taken = regimen.taken("antidepressant")
    if taken is None or rng.random() > 0.45:
        return
    yield _medication(
        situation,
        MedicationAction.CONTINUE,
        drug,
        taken.daily_dose_mg,
        titration="au moins 6 mois après la rémission",
        alternative=None,
        change=None,
    )


def _optimise(rng: Random, situation: Situation, regimen: Regimen, drug: Drug) -> Iterator[Advice]:
    """Yield advice to raise the dose, or to change the drug after a trial of five weeks.

    For some patients, yield nothing.
    """
    taken = regimen.taken("antidepressant")
    if taken is None or taken.daily_dose_mg is None:
        return
    higher = [dose for dose in regimen.doses(drug) if dose > taken.daily_dose_mg]
    too_low = taken.daily_dose_mg < ANTIDEPRESSANTS[drug.atc_code].minimum
    days = (situation.day - taken.started_on).days
    if higher and (too_low or (days >= 25 and rng.random() < 0.6)):
        yield _raise_dose(rng, situation, regimen, drug, higher[0])
    elif days >= 35 and rng.random() < 0.6:
        yield from _switch(rng, situation, regimen, drug)


def _raise_dose(
    rng: Random, situation: Situation, regimen: Regimen, drug: Drug, dose: float
) -> Advice:
    first = situation.state == "new"
    why = "dose encore insuffisante" if first else "réponse insuffisante"
    return _medication(
        situation,
        MedicationAction.INCREASE,
        drug,
        dose,
        titration=f"d’emblée si la dose actuelle est bien tolérée ({why})",
        alternative=_other_than(rng, regimen, drug),
        change=Change(situation.day, "dose", drug, dose, reason=DOSE_CHANGED),
    )


def _is_too_much(regimen: Regimen, drug: Drug) -> bool:
    taken = regimen.taken("antidepressant")
    return taken is not None and (taken.daily_dose_mg or 0) > regimen.doses(drug)[-1]


def _lower_dose(rng: Random, situation: Situation, regimen: Regimen, drug: Drug) -> Advice:
    dose = regimen.doses(drug)[-1]
    return _medication(
        situation,
        MedicationAction.DECREASE,
        drug,
        dose,
        titration="en une semaine (dose maximale après 65 ans)",
        alternative=_other_than(rng, regimen, drug),
        change=Change(situation.day, "dose", drug, dose, reason=DOSE_CHANGED),
    )


def _switch(rng: Random, situation: Situation, regimen: Regimen, drug: Drug) -> Iterator[Advice]:
    choices = [
        one
        for one in SECOND_ANTIDEPRESSANTS
        if one.atc_code not in regimen.tried and regimen.suits(one)
    ]
    if not choices:
        return
    new = rng.choice(choices)
    reason = "inefficacité" if rng.random() < 0.7 else "effets indésirables"
    yield _medication(
        situation,
        MedicationAction.SWITCH,
        new,
        new.doses[1],
        titration=f"chevauchement d’une semaine, {new.name} {_mg(new.doses[0])}"
        f" puis {_mg(new.doses[1])} ({reason})",
        alternative="avis en présentiel après 4 semaines à dose efficace",
        change=Change(situation.day, MedicationAction.START, new, new.doses[1], reason=reason),
        replaced=drug,
    )


def _taper(rng: Random, situation: Situation, regimen: Regimen) -> Iterator[Advice]:
    """Yield advice to stop benzodiazepines gradually.

    Hypnotics should not be taken for more than four weeks, and anxiolytics not for more than twelve
    weeks. The advice can be given from two weeks before the end of this time.
    """
    for purpose, limit in (("hypnotic", 28), ("anxiolytic", 84)):
        taken, drug = regimen.taken(purpose), regimen.drug(purpose)
        if not taken or not drug or (situation.day - taken.started_on).days < limit - 14:
            continue
        if rng.random() < 0.4:
            weeks = rng.choice((2, 4, 6))
            stop = situation.day + timedelta(days=7 * weeks)
            yield Advice(
                RecommendationKind.MEDICATION,
                "",
                Role.GP,
                7 * weeks,
                action=MedicationAction.STOP,
                drug=drug,
                titration=f"diminuer d’un quart toutes les {weeks // 2} semaines, sur {weeks}"
                " semaines"
                if weeks > 2
                else "un soir sur deux, puis arrêt, en 2 semaines",
                alternative="palier de deux semaines",
                change=Change(stop, MedicationAction.STOP, drug, reason="sevrage"),
            )


def _psychotherapy(rng: Random, situation: Situation, regimen: Regimen) -> Iterator[Advice]:
    chance = {"new": 0.6, "unchanged": 0.45, "worse": 0.35, "partial": 0.35}
    if rng.random() > chance.get(situation.state, 0.08):
        return
    if situation.picture.diagnosis.code == "F43.1":
        detail, care = "Centrée sur le trauma (EMDR ou TCC)", CareKind.PSYCHOLOGIST
    else:
        detail, care = rng.choice(_PSYCHOTHERAPIES if situation.picture.is_anxious else _OTHERS)
    if care in situation.cares:
        return
    yield Advice(
        RecommendationKind.PSYCHOTHERAPY,
        detail,
        Role.NURSE,
        21,
        alternative="programme guidé par l’IDE",
        care=care,
    )


_PSYCHOTHERAPIES = (
    ("Activation comportementale, deux activités plaisantes par semaine, notées",
     CareKind.BEHAVIOURAL_ACTIVATION),
    ("Résolution de problèmes, quatre à six séances avec l’IDE", CareKind.PROBLEM_SOLVING),
    ("TCC de l’anxiété avec exposition graduée, Mon soutien psy", CareKind.PSYCHOLOGIST),
    ("Psychologue en ville, douze séances (Mon soutien psy)", CareKind.PSYCHOLOGIST),
)  # fmt: skip
_OTHERS = tuple(one for one in _PSYCHOTHERAPIES if "anxiété" not in one[0])


def _sequence(rng: Random, situation: Situation, regimen: Regimen) -> Iterator[Advice]:
    """Yield advice on the care sequence: renew it, step up, prevent relapse, or close the episode.

    Most of this advice is given in the last five weeks of a sequence.
    """
    running = [one for one in situation.stay.sequences if one.starts_on <= situation.day]
    if not running:
        return
    left = (running[-1].ends_on - situation.day).days
    if situation.state == "well" and situation.weeks >= 14 and not situation.in_relapse_prevention:
        if rng.random() < 0.45:
            yield _SEQUENCE_ADVICE[SequenceAction.RELAPSE_PREVENTION]
    elif situation.state == "well" and situation.in_relapse_prevention and left < 40:
        yield _SEQUENCE_ADVICE[SequenceAction.CLOSE]
    elif 0 <= left < 35 and running[-1].kind == SequenceKind.CLASSIC and running[-1].number < 4:
        yield _SEQUENCE_ADVICE[SequenceAction.RENEW]
    elif (
        0 <= left < 35
        and running[-1].kind == SequenceKind.LIGHT
        and situation.state in ("partial", "worse")
    ):
        yield _SEQUENCE_ADVICE[SequenceAction.STEP_UP]


_SEQUENCE_ADVICE = {
    action: Advice(RecommendationKind.SEQUENCE, detail, Role.NURSE, 14, action=action)
    for action, detail in {
        SequenceAction.RENEW: "suivi encore nécessaire",
        SequenceAction.STEP_UP: "réponse insuffisante",
        SequenceAction.RELAPSE_PREVENTION: "plan écrit ensemble",
        SequenceAction.CLOSE: "relais au médecin traitant à préparer",
    }.items()
}


def _other_advice(rng: Random, situation: Situation, regimen: Regimen) -> Iterator[Advice]:
    if situation.state == "unmeasured":
        yield Advice(
            RecommendationKind.OTHER,
            "Relancer le patient par téléphone à deux horaires différents, PHQ-9 à refaire",
            Role.NURSE,
            10,
            alternative="courrier et appel au médecin traitant à 15 jours",
        )
    if rng.random() < (0.45 if situation.state == "new" else 0.12):
        takes_antidepressant = regimen.taken("antidepressant") is not None
        yield rng.choice([one for one in _INVESTIGATIONS if takes_antidepressant or one != _ECG])
    if situation.state in ("worse", "unchanged") and rng.random() < 0.22:
        yield _REFERRAL if rng.random() < 0.7 else _CALL
    if rng.random() < 0.2:
        works = regimen.age < RETIRED_FROM
        yield rng.choice([one for one in _PSYCHOSOCIAL if works or one != _SICK_LEAVE])


_ECG = Advice(
    RecommendationKind.INVESTIGATION,
    "ECG sous antidépresseur",
    Role.GP,
    14,
    about="ecg",
)
_INVESTIGATIONS = (
    Advice(
        RecommendationKind.INVESTIGATION,
        "NFS, TSH, ionogramme, ferritine",
        Role.GP,
        21,
        about="blood",
    ),
    _ECG,
    Advice(
        RecommendationKind.INVESTIGATION,
        "Rechercher des antécédents d’hypomanie (MDQ)",
        Role.NURSE,
        14,
        about="questionnaire",
    ),
    Advice(
        RecommendationKind.INVESTIGATION,
        "Contrôle de la tension et du poids",
        Role.GP,
        21,
        about="measures",
    ),
    Advice(
        RecommendationKind.INVESTIGATION,
        "AUDIT à faire remplir au prochain contact",
        Role.NURSE,
        14,
        about="questionnaire",
    ),
)
_SICK_LEAVE = Advice(
    RecommendationKind.PSYCHOSOCIAL,
    "Arrêt de travail de deux semaines, puis temps partiel",
    Role.GP,
    7,
)
_PSYCHOSOCIAL = (
    Advice(
        RecommendationKind.PSYCHOSOCIAL,
        "Activité physique adaptée, 30 minutes trois fois par semaine",
        Role.NURSE,
        28,
        care=CareKind.OTHER,
    ),
    Advice(
        RecommendationKind.PSYCHOSOCIAL,
        "Rendez-vous avec l’assistante sociale (droits et logement)",
        Role.NURSE,
        21,
        care=CareKind.SOCIAL_SERVICE,
    ),
    Advice(
        RecommendationKind.PSYCHOSOCIAL,
        "Proposer le groupe d’entraide (GEM) du secteur",
        Role.NURSE,
        28,
        care=CareKind.SUPPORT_GROUP,
    ),
    _SICK_LEAVE,
)
_REFERRAL = Advice(
    RecommendationKind.REFERRAL,
    "Consultation au CMP de secteur, avis en présentiel",
    Role.GP,
    21,
    alternative="consultation à l’hôpital de jour",
)
_CALL = Advice(
    RecommendationKind.REFERRAL,
    "Appeler le médecin traitant pour en parler",
    Role.PSYCHIATRIST,
    7,
    about="call",
)

_IDEAS: tuple[Idea, ...] = (
    _safety,
    _unwelcome_combination,
    _antidepressant,
    _taper,
    _psychotherapy,
    _sequence,
    _other_advice,
)


def _keep_going(rng: Random, situation: Situation) -> Advice:
    active = CareKind.BEHAVIOURAL_ACTIVATION in situation.cares
    details = [*_KEEP_GOING, *([_KEEP_ACTIVE] if active else [])]
    return Advice(RecommendationKind.OTHER, rng.choice(details), Role.NURSE, 28)


_KEEP_GOING = (
    "Poursuivre le suivi au même rythme, PHQ-9 et GAD-7 à chaque contact",
    "Revoir l’hygiène du sommeil et l’agenda du sommeil",
    "Travailler les signes d’alerte et le plan de prévention",
)
_KEEP_ACTIVE = "Poursuivre l’activation, un objectif par semaine"


def _medication(
    situation: Situation,
    action: str,
    drug: Drug,
    dose: float | None,
    *,
    titration: str | None,
    alternative: str | None,
    change: Change | None,
    replaced: Drug | None = None,
) -> Advice:
    return Advice(
        RecommendationKind.MEDICATION,
        "",
        Role.GP,
        14 if action == MedicationAction.CONTINUE else 10,
        action=action,
        drug=drug,
        dose=dose,
        titration=titration,
        alternative=alternative,
        change=change,
        replaced=replaced,
    )


def _other_than(rng: Random, regimen: Regimen, drug: Drug) -> str:
    """Return what to do if ``drug`` does not work: a drug that was not tried yet, if there is
    one.
    """
    others = [
        one
        for one in SECOND_ANTIDEPRESSANTS
        if one != drug and one.atc_code not in regimen.tried and regimen.suits(one)
    ]
    if not others:
        return "avis en présentiel"
    other = rng.choice(others)
    return f"{other.name} {_mg(other.doses[1])}"


def _mg(dose: float) -> str:
    return f"{dose:g} mg/j".replace(".", ",")
