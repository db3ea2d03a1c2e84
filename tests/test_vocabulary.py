"""A role, an outcome or a kind of recommendation is written in dashboard/vocabulary.py alone."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.vocabulary import AnswerOutcome, Outcome, RecommendationKind, Role
from tests.support.repository import PACKAGE

WORDS = {*Role, *Outcome, *AnswerOutcome, *RecommendationKind}

WRITTEN = "vocabulary.py"

MODULES = [
    path
    for path in sorted(PACKAGE.rglob("*.py"))
    # A migration describes the schema of its day, whatever the words are now.
    if "migrations" not in path.parts and path.relative_to(PACKAGE) != Path(WRITTEN)
]

NAMES_BY_CALL = {"Table", "Column", "_text", "_", "pgettext", "ngettext"}
"""Calls whose texts are names of tables and columns, or texts on the screen."""

OTHER_MEANINGS: dict[str, dict[str, set[str]]] = {
    "parameters of statements": {
        "demo/agendas.py": {"nurse", "psychiatrist"},
        "queries/case/case_file.py": {"nurse", "psychiatrist", "psychosocial"},
        "queries/meeting/agenda.py": {"nurse", "psychiatrist"},
        "queries/meeting/arranging.py": {"nurse", "psychiatrist"},
        "queries/meeting/meetings.py": {"nurse", "psychiatrist"},
        "queries/meeting/preparation.py": {"nurse", "psychiatrist"},
        "queries/meeting/preparing.py": {"nurse"},
        "queries/sites/counting.py": {"nurse"},
        "queries/sites/indicators.py": {"nurse"},
        "queries/sites/site_figures.py": {"nurse"},
    },
    "columns of tables, files and filters": {
        "clinical/sites/protection.py": {"nurse"},
        "components/advice/follow_up_filters.py": {"nurse"},
        "components/caseload/review_rows.py": {"nurse"},
        "components/caseload/review_table.py": {"nurse"},
        "components/sites/site_filters.py": {"nurse"},
        "exports/evaluation_tables.py": {"medication", "sequence"},
        "exports/record_table.py": {"gp", "nurse"},
        "exports/site_table.py": {"nurse"},
        "queries/caseload/review_list.py": {"nurse"},
        "words/sites/evaluation.py": {"medication", "sequence"},
    },
    "parts of the inbox": {
        "clinical/advice/inbox.py": {"safety"},
    },
    "relations of the registry": {
        "database/schema/contract.py": {"medication", "other"},
        "database/security/policies.py": {"medication"},
    },
    "parts of a case and of its chart": {
        "clinical/case/last_look.py": {"psychosocial"},
        "clinical/case/missing.py": {"sequence"},
        "components/case/case_details.py": {"psychosocial"},
        "components/case/news_line.py": {"psychosocial"},
        "components/charts/marks.py": {"sequence"},
        "components/charts/trajectory.py": {"psychosocial"},
        "components/elements/colours.py": {"sequence"},
    },
    "an answer of a mail server": {
        "clinical/delivery.py": {"deferred"},
        "delivery/transport.py": {"deferred"},
        "words/advice/delivery.py": {"deferred"},
    },
    "messages between a component's script and its page": {
        "components/elements/autosave_text.py": {"acknowledged"},
        "components/meeting/agenda_list.py": {"done"},
    },
    "a click in the form of a review": {
        "components/advice/recommendation_form_state.py": {"no_change"},
    },
    "an end of an episode": {
        "demo/stays.py": {"other"},
    },
}
"""The words that have another meaning in their place, by meaning and module."""


def bare_words(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Return the words of a vocabulary that a module writes as strings, with their lines."""
    other = {
        id(argument)
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and _name_of(node.func) in NAMES_BY_CALL
        for argument in node.args
    }
    in_texts = {
        id(part)
        for node in ast.walk(module)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    for node in ast.walk(module):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node.value in WORDS
            and id(node) not in other | in_texts
        ):
            yield node.lineno, node.value


def _name_of(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def test_a_word_of_a_vocabulary_is_written_once():
    found = {
        str(path.relative_to(PACKAGE)): {
            word for _line, word in bare_words(ast.parse(path.read_text()))
        }
        for path in MODULES
    }
    allowed = {
        module: words for meaning in OTHER_MEANINGS.values() for module, words in meaning.items()
    }
    assert {module: words for module, words in found.items() if words} == allowed


@pytest.mark.parametrize(
    "source",
    [
        'signed_in("nurse")',
        'if line.kind == "medication": pass',
        'names = {"declined": _("declined")}',
        'ROLES = ("gp",)',
        'draft(outcome="no_change")',
        'match role:\n    case "lead": pass',
    ],
)
def test_a_bare_word_is_found_however_it_is_used(source):
    assert len(list(bare_words(ast.parse(source)))) == 1


@pytest.mark.parametrize(
    "source",
    [
        '_("nurse")',
        'Table("medication", metadata)',
        'f"{name} nurse"',
        '"SELECT * FROM registry.medication"',
        "Role.NURSE",
    ],
)
def test_what_is_no_word_of_a_vocabulary_is_left_alone(source):
    assert list(bare_words(ast.parse(source))) == []


def test_a_member_is_the_word_that_the_database_holds():
    assert Role.GP == "gp"
    assert f"{Role.GP}" == "gp"
    assert json.dumps({Role.GP: RecommendationKind.SAFETY}) == '{"gp": "safety"}'
