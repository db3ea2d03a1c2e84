"""The letters of a review, rendered before it is signed, and whether they still hold."""

from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest

from dashboard.letters.review_letters import (
    LetterSource,
    content_for,
    render_letters,
    still_hold,
)
from dashboard.vocabulary import Role
from tests.support.letter_samples import GP, NURSE, REVIEW, SIGNED_AT, TEAM, case

SOURCE = LetterSource(
    case=case(),
    amends=None,
    team=TEAM,
    recipients={Role.GP: GP, Role.NURSE: NURSE},
    languages={NURSE.id: "en"},
    with_account=frozenset({NURSE.id}),
    questions=(),
    now=SIGNED_AT,
    answer_page=("https://revue.example", "k" * 32),
)


@cache
def rendered():
    return tuple(render_letters(SOURCE, REVIEW))


def test_each_recipient_has_a_letter_in_their_language():
    assert [(one.content.recipient, one.content.language) for one in rendered()] == [
        (GP, "fr"),
        (NURSE, "en"),
    ]
    assert all(one.pdf.startswith(b"%PDF") for one in rendered())


def test_only_a_gp_without_an_account_answers_by_a_link():
    assert [one.link is not None for one in rendered()] == [True, False]
    assert rendered()[0].link.recipient_id == GP.id


@pytest.mark.parametrize(
    "changed",
    [
        {"with_account": frozenset({GP.id, NURSE.id})},
        {"answer_page": None},
    ],
)
def test_without_an_answer_page_or_with_an_account_there_is_no_link(changed):
    source = replace(SOURCE, recipients={Role.GP: GP}, **changed)
    assert [one.link for one in render_letters(source, REVIEW)] == [None]


def test_they_hold_while_nothing_has_changed_within_the_minute():
    assert still_hold(rendered(), replace(SOURCE, now=SIGNED_AT + timedelta(seconds=9)), REVIEW)


@pytest.mark.parametrize(
    "source",
    [
        replace(SOURCE, now=SIGNED_AT + timedelta(minutes=1)),
        replace(SOURCE, languages={}),
        replace(SOURCE, case=case(assessments=())),
        replace(SOURCE, with_account=frozenset({GP.id, NURSE.id})),
    ],
    ids=["another minute", "another language", "another score", "an account"],
)
def test_they_do_not_hold_once_what_they_say_has_changed(source):
    assert not still_hold(rendered(), source, REVIEW)


def test_they_do_not_hold_for_another_review():
    assert not still_hold(rendered(), SOURCE, replace(REVIEW, summary="Autre"))


def test_a_preview_is_not_signed():
    assert content_for(Role.NURSE, SOURCE, REVIEW).signed_at is None
