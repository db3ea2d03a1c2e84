"""The change of the scores since a piece of advice, in words."""

from datetime import date

import pytest

from dashboard.clinical.advice.follow_up import ScoreSince
from dashboard.clinical.episodes import DatedScore
from dashboard.words.case.scores import score_in_words, scores_in_words

TODAY = date(2026, 11, 24)
LONG_AGO, LATER = DatedScore(date(2025, 6, 11), 19), DatedScore(date(2025, 11, 18), 15)
OLD = DatedScore(date(2026, 6, 11), 19)
EIGHT_WEEKS, A_DAY_MORE = (DatedScore(date(2026, 9, day), 17) for day in (23, 22))
BEFORE, LATEST = DatedScore(date(2026, 10, 1), 17), DatedScore(date(2026, 11, 18), 12)


@pytest.mark.parametrize(
    ("before", "latest", "said"),
    [
        (None, None, "PHQ-9: none"),
        (BEFORE, None, "PHQ-9 17 on 1 Oct, none since"),
        (None, LATEST, "PHQ-9 12 on 18 Nov"),
        (BEFORE, LATEST, "PHQ-9 17 → 12 (−5) on 18 Nov"),
        (EIGHT_WEEKS, LATEST, "PHQ-9 17 → 12 (−5) on 18 Nov"),
        (A_DAY_MORE, LATEST, "PHQ-9 17 on 22 Sep → 12 (−5) on 18 Nov"),
        (OLD, LATEST, "PHQ-9 19 on 11 Jun → 12 (−7) on 18 Nov"),
        (LONG_AGO, None, "PHQ-9 19 on 11 Jun 2025, none since"),
        (LONG_AGO, LATER, "PHQ-9 19 on 11 Jun 2025 → 15 (−4) on 18 Nov 2025"),
        (LATEST, BEFORE, "PHQ-9 12 → 17 (+5) on 1 Oct"),
    ],
)
def test_a_score_says_what_is_known_of_it(before, latest, said):
    assert score_in_words("PHQ-9", ScoreSince(before, latest), TODAY) == said


def test_scores_stand_in_the_order_of_the_instruments_that_are_followed():
    scores = {"gad7": ScoreSince(None, None), "phq9": ScoreSince(BEFORE, LATEST)}
    assert scores_in_words(scores, TODAY) == "PHQ-9 17 → 12 (−5) on 18 Nov · GAD-7: none"
