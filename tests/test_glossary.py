"""One word for one thing: the glossary is complete, and the code and interface keep to it."""

import re
from dataclasses import dataclass
from importlib import import_module

import pytest
from babel.messages.pofile import read_po
from sqlalchemy import CheckConstraint

from dashboard.clinical.caseload.rules import Tier
from dashboard.database.schema import registry, review
from dashboard.locale import speaking
from dashboard.vocabulary import AnswerOutcome, Outcome
from dashboard.words.advice.lines import outcome_name
from dashboard.words.caseload.reasons import tier_meaning, tier_name
from tests.support.repository import ROOT

CATALOGUE = ROOT / "dashboard" / "locale" / "fr" / "messages.po"

TO_KEEP = """episode, care sequence, assessment, score, baseline, response, remission, improved,
case review, meeting, agenda, preparation, recommendation, answer, delivery, tele-expertise, cover,
presenting"""


@dataclass(frozen=True)
class Term:
    """One line of the glossary."""

    english: str
    french: tuple[str, ...]
    meaning: str
    places: tuple[str, ...]


def read() -> list[Term]:
    lines = (ROOT / "GLOSSARY.md").read_text().splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    return [
        Term(english, tuple(french.split(", ")), meaning, tuple(re.findall(r"`([^`]+)`", places)))
        for english, french, meaning, places in rows
        if english not in ("English", "---")
    ]


TERMS = read()
PLACES = {place: term for term in TERMS for place in term.places}
TABLES = {
    table.fullname: table for table in (registry, review) for table in table.metadata.sorted_tables
}
OUTCOMES = sorted(
    {
        value
        for table in review.metadata.sorted_tables
        # The outcome of an import is no word of the clinic.
        if table is not review.registry_import
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
        and str(constraint.name).endswith("outcome_check")
        for value in re.findall(r"'(\w+)'", str(constraint.sqltext))
    }
)


def test_every_word_that_was_to_be_kept_is_there():
    words = {term.english for term in TERMS}
    assert [word for word in re.split(r",\s+", TO_KEEP) if word not in words] == []


def test_every_word_is_there_once_with_its_french_and_its_meaning_in_one_sentence():
    assert len({term.english for term in TERMS}) == len(TERMS)
    assert [term.english for term in TERMS if not all(term.french)] == []
    assert [term.english for term in TERMS if not term.meaning.endswith(".")] == []


@pytest.mark.parametrize("table", TABLES)
def test_every_relation_is_in_the_glossary(table: str):
    assert table in PLACES


def test_the_outcomes_are_those_of_answers_reviews_and_agendas():
    assert set(OUTCOMES) == {*AnswerOutcome, *Outcome}


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_is_in_the_glossary_under_its_own_word(outcome: str):
    assert PLACES[outcome].english == outcome.replace("_by_", "_by_the_").replace("_", " ")


@pytest.mark.parametrize("outcome", AnswerOutcome)
def test_the_interface_calls_an_answer_by_the_glossary_s_word(outcome: str):
    with speaking("en"):
        assert outcome_name(outcome) == PLACES[outcome].english


@pytest.mark.parametrize("tier", Tier)
def test_the_interface_calls_a_tier_by_the_glossary_s_words(tier: Tier):
    term = PLACES[f"dashboard.clinical.caseload.rules.Tier.{tier.name}"]
    with speaking("en"):
        assert (tier_name(tier), tier_meaning(tier)) == (term.english, term.meaning)
    with speaking("fr"):
        assert (tier_name(tier),) == term.french


@pytest.mark.parametrize("place", [place for place in PLACES if "." in place])
def test_what_the_glossary_points_to_is_there(place: str):
    schema, *names = place.split(".")
    if schema in ("registry", "review"):
        table, *columns = names
        assert set(columns) <= set(TABLES[f"{schema}.{table}"].c.keys())
    else:
        assert found(place)


def test_the_french_interface_uses_the_glossary_s_words():
    with CATALOGUE.open("rb") as file:
        catalogue = {
            message.id.casefold(): message.string.casefold()
            for message in read_po(file, locale="fr")
            if isinstance(message.id, str) and message.string and message.context is None
        }
    said = {term: catalogue.get(term.english.casefold()) for term in TERMS}
    other = {
        term.english: word
        for term, word in said.items()
        if word and word not in map(str.casefold, term.french)
    }
    assert other == {}
    assert len([word for word in said.values() if word]) >= len(Tier)


def found(place: str) -> bool:
    """Return whether a module, or a name within one, exists."""
    parts = place.split(".")
    for length in range(len(parts), 0, -1):
        try:
            thing = import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for name in parts[length:]:
            fields = getattr(thing, "__dataclass_fields__", {})
            if name not in fields and not hasattr(thing, name):
                return False
            thing = getattr(thing, name, None)
        return length > 1
    return False
