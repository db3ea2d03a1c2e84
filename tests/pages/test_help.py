"""The help page, and the three sentences of a first visit."""

import pytest

from tests.pages.conftest import words

DISMISS = "dismiss_first"
START = {"moreau": "review-list", "roux": "inbox"}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            (
                "A sign of danger",
                "high** · a review every 14 days · PHQ-9 of 20 or more, item 9 scored 2 or more",
                "measurement error",
                "search a name",
            ),
        ),
        ("fr", ("Un signe de danger", "tous les 14 jours", "erreur de mesure", "chercher un nom")),
    ],
)
def test_the_help_explains_tiers_need_marks_and_keys(visit, team, language, said):
    shown = words(visit("moreau", "help", language=language))
    assert [one for one in said if one not in shown] == []


@pytest.mark.parametrize(
    ("username", "explained", "left_out"),
    [
        ("lead", ("Sites outside", "hidden", "Who opened this record"), ("tier", "PHQ-9", "Alt")),
        ("petit", ("The marks of the chart", "The keys of a case"), ("The keys of the list",)),
    ],
)
def test_the_help_explains_the_pages_of_the_role_alone(
    visit, team, people, username, explained, left_out
):
    shown = words(visit(username, "help"))
    assert [one for one in explained if one not in shown] == []
    assert [one for one in left_out if one in shown] == []


@pytest.mark.parametrize("username", START)
def test_a_first_visit_has_three_sentences_until_they_are_dismissed(visit, team, username):
    first = visit(username, START[username])
    assert "1. " in words(first)
    first.button(key=DISMISS).click().run()
    assert DISMISS not in {one.key for one in first.button}
    again = visit(username, START[username])
    assert DISMISS not in {one.key for one in again.button}


def test_the_sentences_are_dismissed_by_each_person_alone(visit, team):
    visit("moreau", "review-list").button(key=DISMISS).click().run()
    other = visit("roux", "inbox")
    assert DISMISS in {one.key for one in other.button}


def test_the_sentences_stand_on_the_start_page_alone(visit, team):
    tab = visit("moreau", "follow-up")
    assert DISMISS not in {one.key for one in tab.button}


def test_a_shared_screen_has_no_sentences(visit, team):
    tab = visit("moreau", "review-list").button(key="start_presenting").click().run()
    assert DISMISS not in {one.key for one in tab.button}
