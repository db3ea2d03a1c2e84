"""The need and the place on the list in words, in both languages."""

import pytest

from dashboard.clinical.caseload.ranking import ranked
from dashboard.locale import speaking
from dashboard.words.caseload.places import (
    need_in_brief,
    need_in_words,
    place_in_brief,
    place_in_words,
)
from tests.support.stories import day, episode_on

# The story, the day, the need and the place in words. Day 0 is 5 January.
SAID = [
    (
        "en",
        "0 PHQ-9 8, item 9 = 0\n10 PHQ-9 8, item 9 = 0\n12 review next 90\n20 PHQ-9 19, item 9 = 0",
        22,
        "▆ marked · PHQ-9 19",
        "1st: to review, marked need (PHQ-9 19), moved up one level: PHQ-9 up from 8 to 19 on "
        "25 Jan; since 25 Jan.",
    ),
    (
        "fr",
        "0 PHQ-9 21, item 9 = 0\n0 contact attended\n10 review",
        29,
        "█ élevé · PHQ-9 21",
        "1ʳᵉ : à suivre, besoin élevé (PHQ-9 21) : dernière revue il y a 19 jours pour un délai "
        "de 14.",
    ),
    (
        "fr",
        "0 PHQ-9 12, item 9 = 0\n10 review next 90\n12 flag discussion",
        45,
        "▄ modéré · PHQ-9 12",
        "1ʳᵉ : à revoir, besoin modéré (PHQ-9 12), compté comme marqué après 33 jours d’attente "
        "; depuis le 17/01.",
    ),
    (
        "en",
        "10 PHQ-9 4, item 9 = 0\n10 review next 20",
        20,
        "▂ low · PHQ-9 4",
        "1st: to follow, low need (PHQ-9 4): last review 10 days ago, one is due every 56 days, "
        "counted as due: Review planned for 25 Jan.",
    ),
    (
        "en",
        "0 PHQ-9 14, item 9 = 0\n100 PHQ-9 12, item 9 = 0\n130 contact attended\n"
        "135 review next 145",
        145,
        "▄ moderate · PHQ-9 12",
        "1st: to follow, moderate need (PHQ-9 12): last review 10 days ago, one is due every "
        "28 days, counted as due: Review planned for 30 May.",
    ),
    (
        "en",
        "",
        5,
        "▄ moderate · no PHQ-9",
        "1st: to review, moderate need (no PHQ-9), moved up one level: Never reviewed, in care for "
        "5 days; since 5 Jan.",
    ),
]


@pytest.mark.parametrize(("language", "story", "today", "need", "sentence"), SAID)
def test_the_need_and_the_place_are_said(language, story, today, need, sentence):
    (listed,) = ranked([episode_on(story, today)], day(today))
    with speaking(language):
        assert need_in_words(listed.place.needed, day(today)) == need
        said = place_in_words(listed.rank, listed.place, listed.reasons, day(today))
    assert said.replace("\u00a0", " ") == sentence


def test_an_old_phq9_is_as_old_as_it_is():
    (listed,) = ranked([episode_on("0 PHQ-9 4, item 9 = 0\n10 review", 100)], day(100))
    with speaking("en"):
        need = need_in_words(listed.place.needed, day(100))
    assert need == "▄ moderate · no PHQ-9 for 100 days"


BRIEFLY = [
    (
        "en",
        "0 PHQ-9 12, item 9 = 0\n10 flag safety",
        12,
        "█ high",
        "Need: safety flag of 15 Jan. Since 15 Jan",
    ),
    # language, story, day, the need and the place in brief
    (*SAID[0][:3], "▆ marked", "Since 25 Jan, moved up one level"),
    (*SAID[1][:3], "█ élevé", "Dernière revue il y a 19 jours pour un délai de 14"),
    (
        *SAID[2][:3],
        "▄ modéré",
        "Depuis le 17/01, compté comme marqué après 33 jours d’attente",
    ),
]


@pytest.mark.parametrize(("language", "story", "today", "need", "place"), BRIEFLY)
def test_a_row_says_in_brief_only_what_its_other_columns_do_not(
    language, story, today, need, place
):
    (listed,) = ranked([episode_on(story, today)], day(today))
    with speaking(language):
        assert need_in_brief(listed.place.needed) == need
        said = place_in_brief(listed.place, listed.reasons, day(today))
    assert said.replace("\u00a0", " ") == place
