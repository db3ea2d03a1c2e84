"""Emergency access in words."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from dashboard.clinical.access.emergency import Emergency
from dashboard.clinical.people import Person
from dashboard.vocabulary import EmergencyReason
from dashboard.words.access.emergency import (
    practitioner_in_words,
    problem_in_words,
    reason_name,
    span_in_words,
)

BEGUN = datetime(2026, 11, 24, 14, 4, tzinfo=UTC)


def opened(role="psychiatrist"):
    moreau = Person(3, "Moreau", "Anne")
    return Emergency(UUID(int=1), 7, moreau, role, "on_call", "", BEGUN, BEGUN + timedelta(hours=1))


@pytest.mark.parametrize("reason", EmergencyReason)
def test_every_reason_has_a_name(reason):
    assert reason_name(reason)[0].isupper()


def test_it_says_who_opened_the_record():
    assert practitioner_in_words(opened()) == "Moreau Anne, psychiatrist"
    assert practitioner_in_words(opened(role="")) == "Moreau Anne, ?"


def test_its_span_is_written_by_the_clock_of_paris():
    assert span_in_words(opened()) == "24 Nov 2026 15:04–16:04"


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        ("explanation", "Explain in 10 characters or more."),
        ("too_many", "after 5 that name no patient wait an hour; 10 records a day at most"),
        ("no_match", "No patient has this case number"),
    ],
)
def test_a_problem_says_what_to_do_with_its_limits(problem, said):
    assert said in problem_in_words(problem)
