"""The prose linter finds what a reader takes twice, and leaves plain English alone."""

import pytest

from tools.prose import findings_in


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ('def f():\n    """What is open of whom."""\n', "open with an imperative verb"),
        ('def f():\n    """Gives the open episodes."""\n', "open with an imperative verb"),
        ('LIMIT = 3\n"""Whose list is shown."""\n', "give the clause a head"),
        ("# Whoever asks is told.\nx = 1\n", "give the clause a head"),
        (f'def f():\n    """Return {"very " * 31}much."""\n', "over 30 words"),
    ],
)
def test_a_sentence_that_is_read_twice_is_found(tmp_path, source, rule):
    path = tmp_path / "module.py"
    path.write_text(source)
    assert rule in {finding.rule for finding in findings_in(path)}


@pytest.mark.parametrize(
    "source",
    [
        'def f():\n    """Return the open episodes of ``who`` on ``day``, most urgent first."""\n',
        'class A:\n    """An episode.\n\n    Its status says whether it is open.\n    """\n',
        "# A pooled connection may be closed by the server.\nx = 1\n",
    ],
)
def test_plain_english_is_left_alone(tmp_path, source):
    path = tmp_path / "module.py"
    path.write_text(source)
    assert list(findings_in(path)) == []


def test_a_document_is_read_without_its_code(tmp_path):
    path = tmp_path / "page.md"
    path.write_text("Start it.\n```\nWhat is it that runs.\n```\nWho may see it is the lead.\n")
    (finding,) = findings_in(path)
    assert finding.line == 5
