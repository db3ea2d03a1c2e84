"""How a recommendation is put into words: what, how, and what else."""

from decimal import Decimal

import pytest

from dashboard.clinical.advice.lines import ACTIONS, ANSWERS, KINDS, DraftLine
from dashboard.locale import LANGUAGES, speaking
from dashboard.vocabulary import OWNER_ROLES
from dashboard.words.advice.lines import (
    action_name,
    daily_dose,
    kind_name,
    outcome_name,
    recommendation_in_words,
    summary_in_words,
)
from dashboard.words.roles import role_name


def drug(action, dose="", name="sertraline", **values):
    return DraftLine("a", "medication", action, None, name, dose, **values)


@pytest.mark.parametrize(
    ("line", "english", "french"),
    [
        (
            drug(
                "increase",
                "100",
                titration="palier de 50 mg tous les 7 jours",
                alternative="venlafaxine LP 75 mg/j",
            ),
            "Increase sertraline to 100 mg/day: palier de 50 mg tous les 7 jours;"
            " if it does not work: venlafaxine LP 75 mg/j",
            "Augmenter sertraline à 100 mg/j : palier de 50 mg tous les 7 jours ;"
            " en cas d’échec : venlafaxine LP 75 mg/j",
        ),
        (
            DraftLine("a", "psychotherapy", detail="Un carnet.", alternative="Si besoin : seul."),
            "Psychotherapy: Un carnet; if it does not work: Si besoin : seul.",
            "Psychothérapie : Un carnet ; en cas d’échec : Si besoin : seul.",
        ),
        (
            drug("increase", "150", titration="50 mg / 7 j"),
            "Increase sertraline to 150 mg/day: in steps of 50 mg every 7 days",
            "Augmenter sertraline à 150 mg/j : par paliers de 50 mg tous les 7 jours",
        ),
        (
            drug("stop", titration="10 mg / semaine"),
            "Stop sertraline: in steps of 10 mg every week",
            "Arrêter sertraline : par paliers de 10 mg chaque semaine",
        ),
        (
            # A step above the dose is no step towards it.
            drug("start", "25", titration="50 mg / 7 j"),
            "Start sertraline 25 mg/day: 50 mg / 7 j",
            "Débuter sertraline 25 mg/j : 50 mg / 7 j",
        ),
        (
            drug("continue", "100", titration="50 mg / 12 j"),
            "Continue sertraline 100 mg/day: 50 mg / 12 j",
            "Poursuivre sertraline 100 mg/j : 50 mg / 12 j",
        ),
        (
            drug("start", "200", name="lamotrigine", titration="25 mg/j"),
            "Start lamotrigine 200 mg/day: 25 mg/j",
            "Débuter lamotrigine 200 mg/j : 25 mg/j",
        ),
        (drug("start", "37,5"), "Start sertraline 37.5 mg/day", "Débuter sertraline 37,5 mg/j"),
        (
            drug("switch", "75"),
            "Switch to sertraline 75 mg/day",
            "Remplacer par sertraline 75 mg/j",
        ),
        (
            drug("switch", "75", replaced_drug_name="venlafaxine"),
            "Switch from venlafaxine to sertraline 75 mg/day",
            "Remplacer venlafaxine par sertraline 75 mg/j",
        ),
        (
            drug("switch", replaced_drug_name="{x}"),
            "Switch from {x} to sertraline",
            "Remplacer {x} par sertraline",
        ),
        (drug("stop"), "Stop sertraline", "Arrêter sertraline"),
        (
            drug("stop", titration="sur 4 semaines"),
            "Stop sertraline: sur 4 semaines",
            "Arrêter sertraline : sur 4 semaines",
        ),
        (drug("continue", "50"), "Continue sertraline 50 mg/day", "Poursuivre sertraline 50 mg/j"),
        (drug(None), "sertraline", "sertraline"),
        (drug("start", name="{x} %s"), "Start {x} %s", "Débuter {x} %s"),
        (
            DraftLine("a", "psychotherapy", detail="TCC"),
            "Psychotherapy: TCC",
            "Psychothérapie : TCC",
        ),
        (DraftLine("a", "other", detail="Revoir le sommeil"), *["Revoir le sommeil"] * 2),
        (
            DraftLine("a", "sequence", "renew"),
            "Renew the care sequence",
            "Renouveler la séquence de soins",
        ),
        (
            DraftLine("a", "sequence", "close", detail="rémission"),
            "Close the episode: rémission",
            "Clore l’épisode : rémission",
        ),
    ],
)
def test_a_recommendation_reads_as_an_order(line, english, french):
    with speaking("en"):
        assert recommendation_in_words(line) == english
    with speaking("fr"):
        said = recommendation_in_words(line)
        # The spaces of French typography are tested with it.
        assert said.replace("\N{NO-BREAK SPACE}", " ") == french


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_value_has_a_word_of_its_own(language):
    with speaking(language):
        for name, values in (
            (kind_name, KINDS),
            (action_name, [action for actions in ACTIONS.values() for action in actions]),
            (role_name, OWNER_ROLES),
            (outcome_name, ("unanswered", *ANSWERS)),
        ):
            words = [name(value) for value in values]
            assert len(set(words)) == len(values)
            assert not any("_" in word for word in words)


def test_a_dose_is_written_as_the_reader_writes_numbers():
    with speaking("fr"):
        assert daily_dose(Decimal("37.50")) == "37,5 mg/j"
    with speaking("en"):
        assert daily_dose(Decimal(100)) == "100 mg/day"


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ("Stable", "Stable"),
        ("Oui → non", "Oui → non"),
        ("→ Oui\n\nStable", "Réponse à la question de l’IDE : Oui\n\nStable"),
    ],
)
def test_the_answer_to_the_nurse_is_named_in_the_summary(stored, said):
    with speaking("fr"):
        assert summary_in_words(stored).replace("\N{NO-BREAK SPACE}", " ") == said
