"""Cover in words."""

from datetime import date
from types import SimpleNamespace
from uuid import UUID

import pytest

from dashboard.clinical.access.cover import Colleague, Cover
from dashboard.clinical.people import Person
from dashboard.words.access.cover import (
    colleague_in_words,
    list_name,
    problem_in_words,
    signed_by,
    span_in_words,
    titled,
)

MOREAU, PETIT = Person(1, "Moreau", "Anne"), Person(2, "Petit", "Jo")
COVER = Cover(UUID(int=1), MOREAU, PETIT, date(2026, 11, 20), date(2026, 11, 27))


@pytest.mark.parametrize(
    ("role", "name"), [("psychiatrist", "Dr Moreau"), ("nurse", "Nurse Moreau")]
)
def test_a_practitioner_has_the_title_of_the_role(role, name):
    assert titled(MOREAU, role) == name


def test_the_list_that_is_covered_says_until_when():
    assert list_name(COVER, "psychiatrist") == "Dr Moreau until 27 Nov"


@pytest.mark.parametrize(
    ("today", "said"),
    [
        (date(2026, 11, 19), "from 20 Nov 2026 to 27 Nov 2026 included"),
        (date(2026, 11, 20), "now, until 27 Nov 2026 included"),
        (date(2026, 11, 27), "now, until 27 Nov 2026 included"),
        (date(2026, 11, 28), "from 20 Nov 2026 to 27 Nov 2026 included"),
    ],
)
def test_a_span_says_whether_it_is_now(today, said):
    assert span_in_words(COVER, today) == said


def test_a_span_of_one_day_is_that_day():
    one_day = Cover(UUID(int=1), MOREAU, PETIT, COVER.ends_on, COVER.ends_on)
    assert span_in_words(one_day, date(2026, 11, 1)) == "on 27 Nov 2026"


@pytest.mark.parametrize(
    ("covered", "briefly", "said"),
    [
        (None, False, "Dr Petit Jo"),
        (MOREAU, False, "Dr Petit Jo for Dr Moreau Anne"),
        (MOREAU, True, "Dr Petit for Dr Moreau"),
    ],
)
def test_a_review_says_in_whose_place_it_was_signed(covered, briefly, said):
    review = SimpleNamespace(psychiatrist=PETIT, covered=covered)
    assert signed_by(review, briefly=briefly) == said


def test_a_signature_of_somebody_unknown_is_a_question_mark():
    assert signed_by(SimpleNamespace(psychiatrist=None, covered=None)) == "Dr ?"


@pytest.mark.parametrize(
    ("has_account", "said"), [(True, "Petit Jo"), (False, "Petit Jo (no account yet)")]
)
def test_a_colleague_who_cannot_sign_in_is_marked(has_account, said):
    assert colleague_in_words(Colleague(PETIT, has_account, same_site=True)) == said


def test_a_problem_names_its_limit():
    assert problem_in_words("too_far") == "The first day is more than 366 days away."
