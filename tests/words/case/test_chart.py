"""The words on the chart."""

import pytest

from dashboard.clinical.instruments import INSTRUMENTS
from dashboard.locale import speaking
from dashboard.words.case.chart import (
    adherence_name,
    band_name,
    care_name,
    oddity_name,
    sequence_name,
)

BANDS = sorted({band.name for known in INSTRUMENTS.values() for band in known.bands})


@pytest.mark.parametrize("band", BANDS)
def test_every_band_of_an_instrument_has_french_words(band):
    with speaking("fr"):
        assert band_name(band) != band


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        (band_name, "moderately_severe", "moderately severe"),
        (oddity_name, "total_disagrees", "total differs from its items"),
        (care_name, "behavioural_activation", "behavioural activation"),
        (sequence_name, "leger", "light"),
        (sequence_name, "classique", "classic"),
        (adherence_name, "poor", "poor"),
    ],
)
def test_a_code_has_words(name, code, said):
    assert name(code) == said


@pytest.mark.parametrize("name", [band_name, care_name, sequence_name, adherence_name])
def test_what_the_registry_says_beyond_its_vocabulary_is_shown_as_it_is(name):
    assert name("something new") == "something new"
